"""Results as a page of their own: one file, drawn on the server, without a script."""
