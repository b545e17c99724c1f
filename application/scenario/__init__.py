"""A bot's day in a text that a trader reads and writes: run it, or have it written."""
