"""The use cases: what happens to an alert, step by step. Knows the domain and its ports."""
