"""Servers from wheels, for a laptop, the demo and the tests: nothing else to install."""
