"""Venues: where orders are executed."""
