"""A process's session: the database it uses, and the container over it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from adapters.embedded.postgres import running_postgres
from adapters.embedded.valkey import running_valkey
from adapters.instruments.snapshot import listings
from adapters.store.postgres import migrate
from entrypoints.container import Container
from entrypoints.settings import Settings


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Container]:
    """Yield a container for a process that works: over the database and the doorbell.

    Without a Redis URL the embedded Valkey of the data directory is joined or started, as
    the database is; the `memory` runtime needs neither.
    """
    with doorbell(settings) as redis_url:
        async with opened(settings, redis_url) as container:
            try:
                yield container
            finally:
                await container.queue().close()


@asynccontextmanager
async def opened(settings: Settings, redis_url: str = "") -> AsyncIterator[Container]:
    """Yield a container over the database, migrated and with its instruments.

    Without a database URL the embedded PostgreSQL of the data directory is joined where it
    runs, else started, and stopped at the end by whoever started it.
    """
    with database(settings) as url:
        if await asyncio.to_thread(migrate.current, url) != migrate.head():
            await asyncio.to_thread(migrate.upgrade, url)
        container = Container(settings=settings, database_url=url, redis_url=redis_url)
        try:
            await container.configuration().sync_instruments(listings())
            yield container
        finally:
            await container.broker().close()
            await container.market_data().close()
            await container.engine_for_work().dispose()
            await container.engine().dispose()


@contextmanager
def doorbell(settings: Settings) -> Iterator[str]:
    """Yield the URL of the Redis to use; empty where none is needed."""
    if settings.queue == "memory" or settings.redis_url:
        yield settings.redis_url
        return
    with running_valkey(settings.data_dir / "valkey") as url:
        yield url


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """Yield the URL of the database to use."""
    if settings.database_url:
        yield settings.database_url
        return
    with running_postgres(settings.data_dir / "postgres") as url:
        yield url
