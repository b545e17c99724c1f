"""Where everything is kept: PostgreSQL, and the same in memory."""
