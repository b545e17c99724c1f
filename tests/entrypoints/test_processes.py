"""Several real processes on one database: the order of receipt, the caps, nothing twice."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from adapters.embedded.valkey import running_valkey
from application.ports.views import Accounted
from domain.position import Trade
from domain.reasons import Reason
from entrypoints.container import Container
from tests.conftest import fast_place
from tests.entrypoints.stack import FOUR_HOURS, alert, last_closed_bar, running, unused_port

PATIENCE = 60
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
SYMBOLS = ("BTC", "ETH", "SOL", "XRP", "BNB", "DOGE", "ADA", "AVAX", "LINK", "DOT")


class Servers(NamedTuple):
    """What the processes share, and the runtime that carries their rings."""

    database_url: str
    redis_url: str
    queue: str


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with (
        tempfile.TemporaryDirectory(prefix="signalman-", dir=fast_place()) as directory,
        running_valkey(Path(directory)) as url,
    ):
        yield url


@pytest.fixture(params=["dramatiq", "celery", "memory"])
def servers(database_url: str, redis_url: str, request: pytest.FixtureRequest) -> Servers:
    return Servers(database_url, redis_url, request.param)


class Running(NamedTuple):
    """Processes under way, and the address of the one that serves the web."""

    address: str
    environment: dict[str, str]
    started: list[subprocess.Popen[bytes]]

    def start(self, command: str) -> subprocess.Popen[bytes]:
        """Start one more process."""
        process = subprocess.Popen(
            [sys.executable, "-m", "entrypoints.cli.main", command], env=self.environment
        )
        self.started.append(process)
        return process


@contextmanager
def processes(servers: Servers, *commands: str) -> Iterator[Running]:
    """Run `signalman` commands; the first serves the web."""
    port = unused_port()
    environment = os.environ | {
        "SIGNALMAN_DATABASE_URL": servers.database_url,
        "SIGNALMAN_REDIS_URL": servers.redis_url,
        "SIGNALMAN_QUEUE": servers.queue,
        "SIGNALMAN_PORT": str(port),
        "SIGNALMAN_LOG_LEVEL": "WARNING",
    }
    running = Running(f"http://127.0.0.1:{port}", environment, [])
    for command in commands:
        running.start(command)
    try:
        _wait_until_ready(running.address)
        yield running
    finally:
        for process in running.started:
            process.send_signal(signal.SIGTERM)
        for process in running.started:
            process.wait(timeout=PATIENCE)


def _wait_until_ready(address: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            if httpx.get(f"{address}/health/ready").is_success:
                return
        except httpx.HTTPError:
            pass
        assert time.monotonic() < deadline, "the web process did not come up"
        time.sleep(0.05)


async def settled(container: Container) -> Accounted:
    """Return the account of everything once no alert waits for its outcome."""
    deadline = time.monotonic() + PATIENCE
    while True:
        accounted = await container.views().accounted()
        if not accounted.pending:
            return accounted
        assert time.monotonic() < deadline, f"{accounted.pending} alerts still wait"
        await asyncio.sleep(0.1)


async def trades_of(container: Container) -> list[Trade]:
    return [row.trade for row in await container.views().trades(limit=10_000)]


async def _send_all(url: str, bodies: list[dict[str, object]]) -> list[int]:
    """Send over 50 connections at once; return the ids in the order of the bodies."""
    limits = httpx.Limits(max_connections=50, max_keepalive_connections=50)
    async with httpx.AsyncClient(limits=limits, timeout=PATIENCE) as client:

        async def send(body: dict[str, object]) -> int:
            answer = await client.post(url, json=body)
            assert answer.status_code == 202, answer.text
            return int(answer.json()["alert_id"])

        return await asyncio.gather(*(send(body) for body in bodies))


def _bodies(count: int) -> list[dict[str, object]]:
    return [
        alert(
            id=f"alert-{number}",
            bar=last_closed_bar() - (count - number) * FOUR_HOURS,
            rsi=[25, 50, 75, 28, 72][(number // 3) % 5],
            price=60_000 + 37 * (number % 97),
        )
        for number in range(count)
    ]


async def test_alerts_over_50_connections_trade_as_in_their_order_of_receipt(
    servers: Servers, other_database_url: str
) -> None:
    bodies = _bodies(1_000)
    async with running(servers.database_url, ONE_BOT) as stack:
        with processes(servers, "web", *["worker"] * 4) as run:
            ids = await _send_all(run.address + stack.path, bodies)
            accounted = await settled(stack.container)
        trades = await trades_of(stack.container)

    received = [body for _, body in sorted(zip(ids, bodies, strict=True), key=_by_id)]
    async with running(other_database_url, ONE_BOT) as alone:
        for body in received:
            await alone.send(body)
        await alone.settle()
        expected = await trades_of(alone.container)

    assert (accounted.lost, accounted.doubled, accounted.unmatched) == (0, 0, 0)
    assert len(trades) > 10
    assert trades == expected


def _by_id(pair: tuple[int, dict[str, object]]) -> int:
    return pair[0]


async def test_fifty_alerts_at_once_with_a_cap_of_three_open_exactly_three(
    servers: Servers,
) -> None:
    async with running(servers.database_url, _fifty_bots()) as stack:
        with processes(servers, "web", *["worker"] * 4) as run:
            bodies = [
                alert(id=f"alert-{number}", rsi=25, price=100, bot=f"bot-{number}")
                for number in range(50)
            ]
            for body in bodies:
                del body["exchange"], body["ticker"], body["interval"]
            await _send_all(run.address + stack.path, bodies)
            accounted = await settled(stack.container)
        positions = await stack.container.views().positions()

    assert len(positions) == 3
    assert accounted.decisions_by_reason[Reason.LIMIT_OPEN_POSITIONS] == 47
    assert (accounted.lost, accounted.doubled, accounted.unmatched) == (0, 0, 0)


def _fifty_bots() -> str:
    """Return fifty bots on ten symbols of one account that may hold three positions."""
    bots = [
        f"""
  - name: bot-{number}
    account: futures
    feed: tradingview
    chart: {{exchange: BINANCE, ticker: {SYMBOLS[number % 10]}USDT.P, interval: {minutes}m}}
    sizing: {{mode: quote, amount: 1000}}"""
        for number, minutes in enumerate(range(1, 51))
    ]
    limited = "    limits: {open_positions: 3}\nbots:"
    return ONE_BOT.split("bots:", maxsplit=1)[0] + limited + "".join(bots)
