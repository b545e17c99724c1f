"""A process that freezes with a transaction open keeps nobody waiting for ever.

Between preparing a statement and running it the server takes it for busy: neither the limit
of idleness nor that of statements ends it then.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.store.postgres.engine import create_engine, transaction
from adapters.store.postgres.locks import take_routing

ROWS = "SELECT kind FROM events FOR UPDATE"


@asynccontextmanager
async def frozen(
    engine: AsyncEngine, hold: Callable[[AsyncConnection], Awaitable[object]]
) -> AsyncIterator[None]:
    """Hold something, prepare a statement, and say nothing any more."""
    connection = await engine.connect()
    await connection.begin()
    await hold(connection)
    raw = (await connection.get_raw_connection()).driver_connection
    assert isinstance(raw, asyncpg.Connection)
    await raw.prepare("SELECT count(*) FROM alerts")
    yield
    await connection.invalidate()
    await connection.close()
    await engine.dispose()


async def test_a_frozen_process_loses_the_lock_of_routing(database_url: str) -> None:
    async def routing(connection: AsyncConnection) -> None:
        await take_routing(connection, seconds=1)

    heir = create_engine(database_url)
    async with (
        frozen(create_engine(database_url), routing),
        transaction(heir) as connection,
    ):
        await take_routing(connection)
    await heir.dispose()


async def test_a_frozen_process_loses_the_rows_of_its_key(database_url: str) -> None:
    heir = create_engine(database_url)
    async with transaction(heir) as connection:
        await connection.exec_driver_sql(
            "INSERT INTO events (kind, payload) VALUES ('x', '{}')"
        )

    async def rows(connection: AsyncConnection) -> None:
        await connection.exec_driver_sql(ROWS)

    async with (
        frozen(create_engine(database_url, limit_seconds=1), rows),
        transaction(heir) as connection,
    ):
        assert (await connection.exec_driver_sql(ROWS)).scalar_one() == "x"
    await heir.dispose()
