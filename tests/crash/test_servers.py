"""Valkey forgets, PostgreSQL restarts, workers are killed: nobody can tell afterwards."""

import asyncio
import itertools
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis.asyncio

from adapters.embedded.postgres import EmbeddedPostgres
from adapters.embedded.valkey import EmbeddedValkey
from adapters.store.postgres.migrate import upgrade
from domain.position import Trade
from tests.conftest import database, execute, fast_place, fresh_database
from tests.crash.installation import (
    PATIENCE,
    Installation,
    Servers,
    bodies,
    installation,
    traded,
)

MANY = 60
TIMES = 4
"""How often each misfortune happens, at least."""

PAUSE_SECONDS = 1.5
"""Between two of them."""


Misfortune = Callable[[Installation, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Unreliable:
    """A PostgreSQL and a Valkey that may be restarted, killed and flushed."""

    postgres: EmbeddedPostgres
    postgres_url: str
    valkey: EmbeddedValkey
    valkey_url: str

    async def restart_postgres(self, number: int) -> None:
        """End it, by turns as an administrator does and as a crash does; start it again."""
        if number % 2:
            file = self.postgres.directory / "data" / "postmaster.pid"
            os.kill(int(file.read_text().split()[0]), signal.SIGQUIT)
        await asyncio.to_thread(self.postgres.stop)
        await asyncio.to_thread(self.postgres.start)

    async def restart_valkey(self, number: int) -> None:
        """Take everything from it, by turns, or kill it, which takes as much."""
        async with redis.asyncio.from_url(self.valkey_url) as client:
            if number % 2:
                os.kill((await client.info("server"))["process_id"], signal.SIGKILL)
            else:
                await client.flushall()
        await asyncio.to_thread(self.valkey.start)


@pytest.fixture(scope="module")
def unreliable() -> Iterator[Unreliable]:
    with tempfile.TemporaryDirectory(prefix="signalman-", dir=fast_place()) as directory:
        postgres = EmbeddedPostgres(Path(directory, "postgres"), durable=False)
        valkey = EmbeddedValkey(Path(directory, "valkey"))
        url = postgres.start()
        execute(url, "CREATE DATABASE migrated")
        upgrade(database(url, "migrated"))
        yield Unreliable(postgres, url, valkey, valkey.start())
        valkey.stop()
        postgres.stop()


@pytest.fixture
def servers(unreliable: Unreliable, runtime: str) -> Iterator[Servers]:
    unreliable.valkey.start()
    with fresh_database(unreliable.postgres_url, "migrated") as url:
        yield Servers(url, unreliable.valkey_url, runtime)


@pytest.fixture(scope="module")
def calm(unreliable: Unreliable) -> list[Trade]:
    """Give what the alerts trade where nothing goes wrong."""
    with fresh_database(unreliable.postgres_url, "migrated") as url:
        return asyncio.run(traded(url, bodies(MANY)))


@pytest.mark.parametrize("runtime", ["dramatiq", "celery"])
async def test_a_valkey_that_is_flushed_and_killed_in_mid_run_loses_nothing(
    servers: Servers, unreliable: Unreliable, calm: list[Trade]
) -> None:
    async def misfortune(_: Installation, number: int) -> None:
        await unreliable.restart_valkey(number)

    async with struck(servers, misfortune) as place:
        await place.keeps_every_promise()
        assert await place.trades() == calm


async def test_a_postgres_that_restarts_every_few_seconds_loses_nothing(
    servers: Servers, unreliable: Unreliable, calm: list[Trade]
) -> None:
    async def misfortune(_: Installation, number: int) -> None:
        await unreliable.restart_postgres(number)

    async with struck(servers, misfortune) as place:
        await place.keeps_every_promise()
        assert await place.trades() == calm


async def test_workers_killed_and_rings_flushed_lose_nothing_and_double_nothing(
    servers: Servers, unreliable: Unreliable, calm: list[Trade]
) -> None:
    async def misfortune(place: Installation, _: int) -> None:
        oldest = next(one for one in place.workers if one.is_alive())
        place.workers.append(place.start("worker"))
        oldest.kill()
        await asyncio.to_thread(oldest.join, PATIENCE)
        async with redis.asyncio.from_url(unreliable.valkey_url) as client:
            await client.flushall()

    async with struck(servers, misfortune) as place:
        await place.keeps_every_promise()
        assert await place.trades() == calm


@asynccontextmanager
async def struck(servers: Servers, misfortune: Misfortune) -> AsyncIterator[Installation]:
    """Yield a settled installation whose alerts came while misfortune struck it."""
    async with installation(servers) as place:
        place.start("scheduler")
        place.workers.extend(place.start("worker") for _ in range(2))
        async with place.serve() as (_, client):
            sending = asyncio.create_task(place.insist(client, bodies(MANY)))
            for number in itertools.count():
                if sending.done() and number >= TIMES:
                    break
                await misfortune(place, number)
                await asyncio.wait((sending,), timeout=PAUSE_SECONDS)
            await sending
        await place.reconnect()
        await place.settled()
        yield place
