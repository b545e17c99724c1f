"""Doorbells and the workers that hear them."""
