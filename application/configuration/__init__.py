"""Feeds, accounts and bots as values: read from text, checked, written and compared."""
