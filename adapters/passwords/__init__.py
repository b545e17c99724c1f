"""Hashing passwords, and one-time codes."""
