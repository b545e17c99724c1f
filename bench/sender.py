"""Sends alerts as TradingView does, at a rate or at once, in a process of its own.

``python -m bench.sender URL CONNECTIONS ALERTS BOTS RATE`` writes what it saw as JSON.
Every alert is for the next bot; in one round they enter, in the next they close. A rate of
0 sends as fast as answers come.
"""

import asyncio
import json
import re
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, cast
from urllib.parse import urlsplit

import uvloop

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class Seen(NamedTuple):
    """What became of the alerts, seen from outside."""

    answers: int
    seconds: float
    p50_ms: float
    p99_ms: float
    worst_ms: float
    statuses: dict[int, int]


@dataclass(slots=True)
class Sending:
    """The alerts that are still to be sent, and how long each answer took."""

    waiting: deque[bytes]
    spent: list[float] = field(default_factory=list[float])
    statuses: Counter[int] = field(default_factory=Counter[int])


class Client(asyncio.Protocol):
    """One connection, which sends one alert after the other."""

    def __init__(self) -> None:
        """Begin with nothing sent."""
        self._answer: asyncio.Future[int] | None = None
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take note of the connection."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take an answer whole."""
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if end and length is not None and len(body) >= int(length[1]) and self._answer:
            self._received = b""
            self._answer.set_result(int(head[9:12]))

    def connection_lost(self, error: Exception | None) -> None:
        """Fail what waits for an answer."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionError("closed"))

    async def send(self, request: bytes) -> int:
        """Send one alert and return the status of its answer."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer


async def send(url: str, connections: int, requests: Iterator[bytes], rate: float) -> Seen:
    """Send everything over so many connections, so many a second."""
    address = urlsplit(url)
    loop = asyncio.get_running_loop()
    clients: asyncio.Queue[Client] = asyncio.Queue()
    for _ in range(connections):
        _, client = await loop.create_connection(
            Client, str(address.hostname), int(address.port or 80)
        )
        clients.put_nowait(client)
    sending = Sending(deque(requests))
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        number = 0
        while sending.waiting:
            if rate:
                await asyncio.sleep(max(began + number / rate - time.perf_counter(), 0))
            number += 1
            client = await clients.get()
            group.create_task(_one(sending, client, clients))
            await asyncio.sleep(0)
    spent = sorted(sending.spent)
    return Seen(
        answers=len(spent),
        seconds=time.perf_counter() - began,
        p50_ms=spent[len(spent) // 2] * 1_000,
        p99_ms=spent[len(spent) * 99 // 100] * 1_000,
        worst_ms=spent[-1] * 1_000,
        statuses=dict(sending.statuses),
    )


async def _one(sending: Sending, client: Client, clients: asyncio.Queue[Client]) -> None:
    if sending.waiting:
        request = sending.waiting.popleft()
        began = time.perf_counter()
        status = await client.send(request)
        sending.spent.append(time.perf_counter() - began)
        sending.statuses[status] += 1
    clients.put_nowait(client)


def requests(url: str, alerts: int, bots: int) -> Iterator[bytes]:
    """Yield alerts, bot by bot in every round."""
    address = urlsplit(url)
    now = datetime.now(UTC)  # noqa: TID251 - alerts that fire now
    rounds = -(-alerts // bots)
    for number in range(alerts):
        round, bot = divmod(number, bots)
        bar = now - timedelta(minutes=rounds - round + 2)
        fields = {
            "v": 1,
            "id": f"{now.timestamp()} {number}",
            "bot": f"bot-{bot}",
            "signal": "CLOSE" if round % 2 else "LONG",
            "rsi": 50 if round % 2 else 20,
            "price": 100,
            "bar_time": f"{bar:%Y-%m-%dT%H:%M:%SZ}",
        }
        body = json.dumps(fields)
        yield (
            f"POST {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()


def main() -> None:
    """Send once and write what was seen."""
    url, connections, alerts, bots, rate = sys.argv[1:]
    found = requests(url, int(alerts), int(bots))
    seen = uvloop.run(send(url, int(connections), found, float(rate)))
    json.dump(seen._asdict(), sys.stdout)


if __name__ == "__main__":
    main()
