"""Leadership by an advisory lock that lives as long as the connection that took it.

The server ends a leading connection that says nothing for a lease: a process that is
frozen, or behind a broken network, must not lead on.
"""

from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.store.postgres.engine import outages_named
from adapters.store.postgres.locks import LEADING
from application.ports.inbox import StoreUnavailable
from application.ports.workbench import LEASE

# In one statement, so that nobody can freeze between its halves.
_TAKE = text(f"""
    SELECT CASE WHEN pg_try_advisory_lock({LEADING})
        THEN set_config('idle_session_timeout', '{LEASE.total_seconds():.0f}s', false)
    END
""")
_STILL = text("SELECT 1")
_GIVE = text(f"""
    SELECT pg_advisory_unlock({LEADING}), set_config('idle_session_timeout', '0', false)
""")


@dataclass(slots=True)
class PostgresLeadership:
    """One connection of its own, kept while this process leads."""

    engine: AsyncEngine
    _connection: AsyncConnection | None = field(default=None)

    async def lead(self) -> bool:
        """Say whether this process leads now, taking the lead where nobody has it."""
        if self._connection is not None:
            return await self._still()
        connection = await self._connected()
        with outages_named():
            # Prepared now: whoever froze while preparing it later would not be silent.
            await connection.execute(_STILL)
            taken = (await connection.execute(_TAKE)).scalar_one() is not None
        if taken:
            self._connection = connection
        else:
            await connection.close()
        return taken

    async def step_down(self) -> None:
        """Give the lead back."""
        if self._connection is None:
            return
        connection, self._connection = self._connection, None
        with outages_named():
            await connection.execute(_GIVE)
            await connection.close()

    async def _still(self) -> bool:
        if self._connection is None:
            return False
        try:
            with outages_named():
                await self._connection.execute(_STILL)
        except StoreUnavailable:
            await self._connection.invalidate()
            self._connection = None
            return False
        return True

    async def _connected(self) -> AsyncConnection:
        alone = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        with outages_named():
            return await alone.connect()
