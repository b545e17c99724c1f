"""The paper venue's own books."""
