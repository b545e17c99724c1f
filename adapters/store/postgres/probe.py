"""Whether PostgreSQL answers."""

from dataclasses import dataclass

from sqlalchemy import literal, select
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.postgres.engine import single_statement


@dataclass(frozen=True, slots=True)
class PostgresProbe:
    """Asks for a sign of life."""

    engine: AsyncEngine

    async def ping(self) -> None:
        """Return when the server answered."""
        async with single_statement(self.engine) as connection:
            await connection.execute(select(literal(1)))
