"""Indicators over columns."""
