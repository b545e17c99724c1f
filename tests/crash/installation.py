"""One installation of real processes on real servers, whose processes may die."""

import asyncio
import os
import signal
import time
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from multiprocessing.context import ForkServerProcess
from multiprocessing.synchronize import Event
from typing import Any, NamedTuple

import asyncpg
import httpx

from adapters.configuration.yaml_file import read_yaml
from adapters.vault.keys import new_key
from application.ports.inbox import StoreUnavailable
from application.proposal import Wishes
from domain.position import Trade
from entrypoints.container import Container
from entrypoints.session import opened
from entrypoints.settings import Settings
from entrypoints.web.app import create_app
from tests.crash.books import disagreements
from tests.crash.checkpoints import OPENED, Fate, Way
from tests.crash.program import forks, started
from tests.entrypoints.stack import (
    AUTHOR,
    FOUR_HOURS,
    alert,
    calling,
    last_closed_bar,
    unused_port,
)

PATIENCE = 120.0
"""More than anything here takes, also a message that Celery finds again after 65 s.

Reaching it is a failure, not a wait.
"""

LOOK_SECONDS = 0.02
TAKEN_OVER_WITHIN = timedelta(seconds=10)
"""What the product promises of a process that died."""

FROZEN_WITHIN = TAKEN_OVER_WITHIN
"""A frozen one keeps its connections, but PostgreSQL ends what they hold after 5 s: idle in
a transaction, or between the two halves of a statement."""

ONE_BOT = """
feeds: [{name: tradingview}]
accounts:
  - name: futures
    exchange: binanceusdm
    mode: paper
    paper: {balance: 1000000, currency: USDT, fee_rate: 0.0005, slippage_bps: 1, clock: bar}
bots:
  - name: only
    account: futures
    feed: tradingview
    chart: {exchange: BINANCE, ticker: BTCUSDT.P, interval: 4h}
    reverse: yes
    sizing: {mode: quote, amount: 1000}
    scaling: {max_entries: 3}
"""


class Servers(NamedTuple):
    """What the processes share, and the runtime that carries their rings."""

    database_url: str
    redis_url: str
    queue: str


class Served(NamedTuple):
    """A web process and a client of it."""

    process: ForkServerProcess
    client: httpx.AsyncClient


class Claims(NamedTuple):
    """How often any key was claimed, and when that was seen."""

    fence: int
    at: datetime


def bodies(count: int) -> list[dict[str, Any]]:
    """Return so many alerts, a bar each: long, then reversed, and again and again."""
    rsi = (25, 72, 28, 75, 50, 22)
    return [
        alert(
            id=f"alert-{number}",
            bar=last_closed_bar() - (count - number) * FOUR_HOURS,
            rsi=rsi[number % len(rsi)],
            price=60_000 + 137 * (number % 97),
        )
        for number in range(count)
    ]


@dataclass(slots=True)
class Installation:
    """A database with bots, a client of its webhook, and the processes started on it."""

    settings: Settings
    container: Container
    client: httpx.AsyncClient
    path: str
    """Of the webhook, with its token."""
    connection: "asyncpg.Connection[asyncpg.Record]"
    acknowledged: list[int] = field(default_factory=list[int])
    processes: list[ForkServerProcess] = field(default_factory=list[ForkServerProcess])
    workers: list[ForkServerProcess] = field(default_factory=list[ForkServerProcess])
    """Those among them that a test kills one after the other."""

    def start(self, command: str, fate: Fate | None = None) -> ForkServerProcess:
        """Start a process, which may have a fate."""
        process = started(command, self.settings, fate)
        self.processes.append(process)
        return process

    def start_heir(self) -> Event:
        """Start a worker that is ready for whatever another leaves; set this to let it."""
        opened = forks.Event()
        self.start("worker", Fate(OPENED, Way.HELD, reached=opened))
        return opened

    @asynccontextmanager
    async def serve(self, fate: Fate | None = None) -> AsyncIterator[Served]:
        """Start a web process on a port of its own, and yield it with a client."""
        port = unused_port()
        process = started("web", replace(self.settings, port=port), fate)
        self.processes.append(process)
        address = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=address, timeout=PATIENCE) as client:
            await until(lambda: _is_ready(client), "the web process answers")
            yield Served(process, client)

    async def alerts_and_jobs(self) -> tuple[int, int]:
        """Return how many alerts were accepted, and how many jobs were made of them."""
        row = await self.connection.fetchrow(
            "SELECT (SELECT count(*) FROM alerts WHERE signal IS NOT NULL)::int, "
            "(SELECT count(*) FROM jobs)::int"
        )
        assert row is not None
        return row[0], row[1]

    async def send(self, alerts: Sequence[dict[str, Any]]) -> None:
        """Send alerts, one after the other; each is acknowledged."""
        for body in alerts:
            answer = await self.client.post(self.path, json=body)
            assert answer.status_code == 202, answer.text
            self.acknowledged.append(answer.json()["alert_id"])

    async def insist(
        self, client: httpx.AsyncClient, alerts: Sequence[dict[str, Any]]
    ) -> None:
        """Send alerts in their order, each again and again until it is acknowledged."""
        for body in alerts:
            await until(partial(self._acknowledged, client, body), "an answer")

    async def _acknowledged(self, client: httpx.AsyncClient, body: dict[str, Any]) -> bool:
        try:
            answer = await client.post(self.path, json=body)
        except httpx.TransportError:
            return False
        if answer.is_server_error:
            return False
        assert answer.is_success, answer.text
        self.acknowledged.append(answer.json()["alert_id"])
        return True

    async def reconnect(self) -> None:
        """Ask the database over a new connection."""
        await self.connection.close()
        self.connection = await asyncpg.connect(self.settings.database_url)

    async def claims(self) -> "Claims":
        """Return how often keys were claimed up to now, by the database's clock."""
        row = await self.connection.fetchrow(
            "SELECT coalesce(sum(fence), 0)::int, clock_timestamp() FROM work_keys"
        )
        assert row is not None
        return Claims(*row)

    async def claimed_after(self, fence: int) -> datetime:
        """Wait until somebody has claimed the key since; return when that was seen."""
        seen = await self.claims()

        async def claimed() -> bool:
            nonlocal seen
            seen = await self.claims()
            return seen.fence > fence

        await until(claimed, "somebody takes over")
        return seen.at

    async def has(self, question: str) -> bool:
        """Say whether the database has an answer."""
        return bool(await self.connection.fetch(question))

    async def work_by_hand(self) -> None:
        """Route and work in this process until nothing is due."""
        await self.container.fan_out()()
        execute = self.container.execute()
        while keys := await self.container.work_queue().due(100):
            for key in keys:
                await execute(key)

    def wake(self, process: ForkServerProcess) -> None:
        """Let a process go on that was stopped; nothing where it is gone."""
        if process.is_alive() and process.pid is not None:
            os.kill(process.pid, signal.SIGCONT)

    async def settled(self) -> None:
        """Return when no alert waits for its outcome any more."""

        async def nothing_waits() -> bool:
            with suppress(StoreUnavailable):
                return not (await self.container.views().accounted()).pending
            return False

        await until(nothing_waits, "every alert has its outcome")

    async def trades(self) -> list[Trade]:
        """Return the completed trades."""
        rows = await self.container.views().trades(limit=10_000)
        return [row.trade for row in rows]

    async def keeps_every_promise(self) -> None:
        """Assert that nothing was lost or doubled, and that both books agree."""
        accounted = await self.container.views().accounted()
        broken = (accounted.lost, accounted.doubled, accounted.unmatched)
        assert broken == (0, 0, 0), f"lost, doubled, unmatched: {broken}"
        assert await disagreements(self.connection, self.acknowledged) == {}

    async def end(self) -> None:
        """End every process that still runs, as an operator would."""
        for process in self.processes:
            self.wake(process)
            process.terminate()
        for process in self.processes:
            await asyncio.to_thread(process.join, PATIENCE)
            assert not process.is_alive(), f"{process.name} did not end"


@asynccontextmanager
async def installation(
    servers: Servers, bots: str = ONE_BOT
) -> AsyncIterator[Installation]:
    """Yield an installation without any process yet; its webhook answers in this one."""
    settings = Settings(
        database_url=servers.database_url,
        redis_url=servers.redis_url,
        queue=servers.queue,
        log_level="ERROR",
        encryption_keys=(new_key(),),
    )
    async with opened(settings, servers.redis_url) as container:
        applied = await container.apply()(read_yaml(bots), Wishes(), AUTHOR)
        path = f"/webhooks/tradingview/{applied.tokens['tradingview']}"
        connection = await asyncpg.connect(servers.database_url)
        app = await asyncio.to_thread(create_app, container)
        async with calling(app) as client:
            place = Installation(settings, container, client, path, connection)
            try:
                yield place
            finally:
                await place.end()
                await place.connection.close()
                await container.queue().close()


async def traded(database_url: str, alerts: Sequence[dict[str, Any]]) -> list[Trade]:
    """Return what the alerts trade on an empty database where nothing goes wrong."""
    async with installation(Servers(database_url, "", "memory")) as place:
        await place.send(alerts)
        await place.work_by_hand()
        return await place.trades()


async def met(process: ForkServerProcess, fate: Fate) -> None:
    """Return when the process has met its fate; fail if it lives on or ends otherwise."""
    if fate.reached is not None:
        reached = await asyncio.to_thread(fate.reached.wait, PATIENCE)
        assert reached, f"never reached: {fate.checkpoint}"
        return
    await asyncio.to_thread(process.join, PATIENCE)
    ended = "still runs" if process.exitcode is None else f"ended with {process.exitcode}"
    assert process.exitcode == -signal.SIGKILL, f"it {ended}: {fate.checkpoint}"


async def everyone(cases: Mapping[str, Coroutine[Any, Any, None]]) -> None:
    """Run all cases at once; fail with all of what failed, each by its name."""
    done = await asyncio.gather(*cases.values(), return_exceptions=True)
    failures = []
    for name, error in zip(cases, done, strict=True):
        if isinstance(error, BaseException):
            error.add_note(f"it dies: {name}")
            failures.append(error)
    if failures:
        raise BaseExceptionGroup("not all went well", failures)


async def until(condition: Callable[[], Awaitable[bool]], what: str) -> None:
    """Return when it holds; fail when it does not within the deadline."""
    deadline = time.monotonic() + PATIENCE
    while not await condition():
        assert time.monotonic() < deadline, f"it never came about: {what}"
        await asyncio.sleep(LOOK_SECONDS)


async def _is_ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/health/ready")).is_success
    except httpx.TransportError:
        return False
