"""Recorded alerts through another configuration: on paper, in memory, for a look."""
