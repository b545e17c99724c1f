"""Signs of life, by the server's clock."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.postgres.engine import single_statement
from adapters.store.postgres.sql import WORD, statement

_BEAT = statement(
    """
    INSERT INTO heartbeats (process, role) VALUES (:process, :role)
    ON CONFLICT (process) DO UPDATE SET at = clock_timestamp()
    """,
    process=WORD,
    role=WORD,
)
_FORGET = statement(
    "DELETE FROM heartbeats WHERE at < clock_timestamp() - interval '1 day'"
)
_SILENCE = statement(
    """
    SELECT clock_timestamp() - max(at) FROM heartbeats
    WHERE role = :role AND split_part(process, ':', 1) = :host
    """,
    role=WORD,
    host=WORD,
)


@dataclass(frozen=True, slots=True)
class PostgresPulse:
    """Where a process says that it is alive, in PostgreSQL."""

    engine: AsyncEngine

    async def beat(self, process: str, role: str) -> None:
        """Say that ``process`` lives now; those silent for a day are forgotten."""
        async with single_statement(self.engine) as connection:
            given = {"process": process, "role": role}
            await connection.execute(_BEAT, given)
            await connection.execute(_FORGET)

    async def silence(self, host: str, role: str) -> timedelta | None:
        """Return since when no process of a role has said on ``host`` that it lives."""
        async with single_statement(self.engine) as connection:
            given = {"host": host, "role": role}
            found: timedelta | None = await connection.scalar(_SILENCE, given)
            return found
