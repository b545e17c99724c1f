"""Heads of the audit's chain, kept outside the database."""
