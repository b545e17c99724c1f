"""Keeps so many connections busy with alerts, and times every answer.

A process of its own, on raw sockets, so that it takes little of the machine: ``python -m
bench.receivers.load URL CONNECTIONS SECONDS`` writes what it saw as JSON.
"""

import asyncio
import itertools
import json
import re
import secrets
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, cast
from urllib.parse import urlsplit

import uvloop

WARM_SECONDS = 1.0
BODY = (
    '{{"v": 1, "id": "BINANCE:BTCUSDT.P-240-{run}-{number}-LONG", "signal": "LONG", '
    '"rsi": 27.412345678901234, "rsi_length": 14, "price": 60123.4, "exchange": "BINANCE", '
    '"ticker": "BTCUSDT.P", "interval": "240", "bar_time": "{bar}", "sent_at": "{sent}"}}'
)
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class Seen(NamedTuple):
    """What the clients of one run saw, after the warm-up."""

    connections: int
    answers: int
    per_second: float
    p50_ms: float
    p99_ms: float
    statuses: dict[int, int]


@dataclass(slots=True)
class Run:
    """The alerts that are still to be sent, and how long each answer took."""

    requests: Iterator[bytes]
    measured_from: float
    until: float
    seconds: list[float] = field(default_factory=list[float])
    statuses: Counter[int] = field(default_factory=Counter[int])

    def answered(self, status: int, began: float) -> bool:
        """Note an answer; return whether to go on."""
        now = time.perf_counter()
        if began >= self.measured_from and now < self.until:
            self.seconds.append(now - began)
            self.statuses[status] += 1
        return now < self.until


class Client(asyncio.Protocol):
    """One connection: an alert leaves as soon as the one before is answered."""

    def __init__(self, run: Run) -> None:
        """Begin with nothing sent."""
        self.run = run
        self.ended = asyncio.get_running_loop().create_future()
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first."""
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        """Take an answer whole, and send the next."""
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not end or length is None or len(body) < int(length[1]):
            return
        status = int(head[9:12])
        self._received = b""
        if self.run.answered(status, self._began):
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        """Say that it is over."""
        if not self.ended.done():
            self.ended.set_result(error)

    def _send(self) -> None:
        self._began = time.perf_counter()
        self._transport.write(next(self.run.requests))


async def _connection(run: Run, host: str, port: int) -> None:
    """Send over one connection; a server that closes it gets another."""
    loop = asyncio.get_running_loop()
    while time.perf_counter() < run.until:
        _, client = await loop.create_connection(lambda: Client(run), host, port)
        await client.ended


async def load(url: str, connections: int, seconds: float) -> Seen:
    """Send alerts over so many connections for so long."""
    address = urlsplit(url)
    began = time.perf_counter()
    measured_from = began + WARM_SECONDS
    run = Run(_requests(url), measured_from, measured_from + seconds)
    host, port = str(address.hostname), int(address.port or 80)
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(_connection(run, host, port))
    spent = sorted(run.seconds)
    # Nobody answered in time: then it took at least as long as was measured.
    cuts = statistics.quantiles(spent if len(spent) > 1 else [seconds] * 2, n=100)
    return Seen(
        connections=connections,
        answers=len(spent),
        per_second=len(spent) / seconds,
        p50_ms=cuts[49] * 1_000,
        p99_ms=cuts[98] * 1_000,
        statuses=dict(run.statuses),
    )


def _requests(url: str) -> Iterator[bytes]:
    """Yield alerts as TradingView sends them, each with an id of its own."""
    address = urlsplit(url)
    run = secrets.token_hex(4)
    now = datetime.now(UTC)  # noqa: TID251 - the receiver compares with the real time
    bar = now.replace(hour=now.hour - now.hour % 4, minute=0, second=0) - timedelta(hours=4)
    for number in itertools.count():
        body = BODY.format(
            run=run,
            number=number,
            bar=f"{bar:%Y-%m-%dT%H:%M:%SZ}",
            sent=f"{now:%Y-%m-%dT%H:%M:%SZ}",
        )
        yield (
            f"POST {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\n"
            "Content-Type: application/json; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()


def main() -> None:
    """Run once and write what was seen."""
    url, connections, seconds = sys.argv[1:]
    seen = uvloop.run(load(url, int(connections), float(seconds)))
    json.dump(seen._asdict(), sys.stdout)


if __name__ == "__main__":
    main()
