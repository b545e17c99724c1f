"""What tells one installation from every other, in PostgreSQL."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.postgres.engine import single_statement
from adapters.store.postgres.tables import installation


@dataclass(frozen=True, slots=True)
class PostgresInstallation:
    """The installation itself."""

    engine: AsyncEngine

    async def id(self) -> str:
        """Return its random id."""
        async with single_statement(self.engine) as connection:
            found = await connection.execute(select(installation.c.uuid))
            return str(found.scalar_one())
