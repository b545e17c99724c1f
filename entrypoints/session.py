"""A process's session: the database it uses, and the container over it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from adapters.store.postgres import migrate

from adapters.embedded.postgres import running_postgres
from adapters.instruments.snapshot import listings
from entrypoints.container import Container
from entrypoints.settings import Settings


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Container]:
    """Yield a container over the database, migrated and with its instruments.

    Without a database URL the embedded PostgreSQL of the data directory is joined where it
    runs, else started, and stopped at the end by whoever started it.
    """
    with database(settings) as url:
        if migrate.current(url) != migrate.head():
            await asyncio.to_thread(migrate.upgrade, url)
        container = Container(settings=settings, database_url=url)
        try:
            await container.configuration().sync_instruments(listings())
            yield container
        finally:
            await container.engine().dispose()


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """Yield the URL of the database to use."""
    if settings.database_url:
        yield settings.database_url
        return
    with running_postgres(settings.data_dir / "postgres") as url:
        yield url
