"""Sealing secrets, and the keys to do it with."""
