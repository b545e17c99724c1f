"""The same strategy and bars through our engine and through those of others."""
