"""Recorded alerts through another configuration, held against what was decided before."""
