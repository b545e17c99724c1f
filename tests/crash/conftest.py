"""Servers that many installations share, each with a database of its own on both."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
import redis.asyncio

from adapters.embedded.valkey import running_valkey
from tests.conftest import fast_place, fresh_database
from tests.crash.installation import Servers
from tests.crash.program import prepared

RUNTIMES = ("dramatiq", "celery", "memory")
AT_ONCE = 4
"""Installations that run at the same time: most of them wait for a lease to end.

More would not be quicker on two cores, and their statements would wait beyond what the
product allows for one.
"""

Lend = Callable[[], AbstractAsyncContextManager[Servers]]


@pytest.fixture(params=RUNTIMES)
def runtime(request: pytest.FixtureRequest) -> str:
    """Give the name of each runtime."""
    return str(request.param)


@pytest.fixture
def times(request: pytest.FixtureRequest) -> Sequence[int]:
    """Give the how manieth time each checkpoint is the last: the first, or several."""
    return (1, 2, 5) if request.config.getoption("--every-crash") else (1,)


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """Give the URL of a Valkey that nobody ends."""
    with (
        tempfile.TemporaryDirectory(prefix="signalman-", dir=fast_place()) as directory,
        running_valkey(Path(directory)) as url,
    ):
        yield url


@pytest.fixture(scope="session", autouse=True)
def nursery() -> None:
    """Have the server from which processes are forked ready, so that none waits for it."""
    prepared()


@pytest.fixture
def lend(postgres_url: str, migrated_template: str, valkey_url: str, runtime: str) -> Lend:
    """Give a way to borrow a database of either server, as many as there are."""
    numbers: asyncio.Queue[int] = asyncio.Queue()
    for number in range(AT_ONCE):
        numbers.put_nowait(number)
    making = asyncio.Lock()

    @asynccontextmanager
    async def lent() -> AsyncIterator[Servers]:
        number = await numbers.get()
        database = fresh_database(postgres_url, migrated_template)
        async with making:
            url = await asyncio.to_thread(database.__enter__)
        rings = f"{valkey_url}?db={number}"
        try:
            await _emptied(rings)
            yield Servers(url, rings, runtime)
        finally:
            async with making:
                await asyncio.to_thread(database.__exit__, None, None, None)
            numbers.put_nowait(number)

    return lent


async def _emptied(url: str) -> None:
    """Take away what rang for the installation before."""
    async with redis.asyncio.from_url(url) as client:
        await client.flushdb()
