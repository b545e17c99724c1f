"""Executions a second: from alerts that are kept to paper fills that are recorded.

The whole way of real processes: fan-out, claim, plan, the paper venue's own transaction,
record. Every bot gets alerts that enter and close in turn, all of them kept before the
workers start; the clock runs from the first routing to the last recorded fill.
"""

import asyncio
import secrets
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

import asyncpg

from adapters.store.postgres.migrate import upgrade
from application.ports.inbox import Arrival, Inbox
from bench.installation import RUNTIMES, Bench, arrivals, deployed, processes, servers

PATIENCE_SECONDS = 300
LOOK_SECONDS = 0.2
TOGETHER = 200
MANY, MANY_ROUNDS = 1_000, 10
ONE_ROUNDS = 3_000


class Run(NamedTuple):
    """One measurement."""

    runtime: str
    workers: int
    bots: int
    executions: int
    seconds: float

    @property
    def per_second(self) -> float:
        """Return executions a second."""
        return self.executions / self.seconds


def main() -> list[dict[str, object]]:
    """Measure every runtime on one and two workers, and print a table."""
    print(f"{'runtime':10}{'workers':>8}{'bots':>7}{'executions':>12}{'per second':>12}")
    found: list[dict[str, object]] = []
    with servers() as bench:
        for runtime in RUNTIMES:
            for workers in (1, 2):
                for bots, rounds in ((MANY, MANY_ROUNDS), (1, ONE_ROUNDS)):
                    run = asyncio.run(measured(bench, runtime, workers, bots, rounds))
                    found.append(run._asdict() | {"per_second": round(run.per_second)})
                    print(
                        f"{runtime:10}{workers:8}{bots:7,}{run.executions:12,}"
                        f"{run.per_second:12,.0f}",
                        flush=True,
                    )
    return found


async def measured(bench: Bench, runtime: str, workers: int, bots: int, rounds: int) -> Run:
    """Keep the alerts, start the workers, and wait for the last fill."""
    url = await fresh_database(bench)
    settings = bench.settings(url, runtime)
    async with deployed(settings, bots) as (container, _):
        await keep(container.inbox(), arrivals(bots, rounds))
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("ANALYZE")
        with processes("worker", [settings] * workers):
            await done(connection, bots * rounds)
        executions = await connection.fetchval("SELECT count(*) FROM fills")
        seconds = await connection.fetchval(
            "SELECT extract(epoch FROM max(recorded_at) - "
            "(SELECT min(fanned_out_at) FROM alerts))::float8 FROM fills"
        )
    finally:
        await connection.close()
    return Run(runtime, workers, bots, executions, seconds)


async def keep(inbox: Inbox, found: Iterable[Arrival]) -> None:
    """Keep alerts in their order, many at a time."""
    found = iter(found)
    while some := list(islice(found, TOGETHER)):
        await asyncio.gather(*map(inbox.receive, some))


async def done(connection: "asyncpg.Connection[asyncpg.Record]", alerts: int) -> None:
    """Wait until every alert has come to its end."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            finished = await connection.fetchval(
                "SELECT count(*) FROM jobs WHERE status = 'DONE'"
            )
            if finished >= alerts:
                return
            await asyncio.sleep(LOOK_SECONDS)


async def fresh_database(bench: Bench) -> str:
    """Return the URL of a new database with every table."""
    name = f"bench_{secrets.token_hex(4)}"
    connection = await asyncpg.connect(bench.server)
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    head, _, query = bench.server.partition("?")
    url = f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
    await asyncio.to_thread(upgrade, url)
    return url
