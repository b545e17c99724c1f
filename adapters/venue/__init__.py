"""Real venues: what differs between them, and how they are reached through CCXT."""
