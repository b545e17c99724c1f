"""Configuration files: from their text to plain trees, and back."""
