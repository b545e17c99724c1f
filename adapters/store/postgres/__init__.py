"""The store on PostgreSQL 15 or newer, by SQLAlchemy Core on asyncpg."""
