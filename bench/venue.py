"""From an alert to the order on the wire, beside a plain CCXT call as the floor.

Everything is real but the venue, which is the simulated one of the tests: the webhook, a
PostgreSQL, a worker, CCXT, TLS. The moment counts at which the venue has read the order.
"""

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from adapters.embedded.postgres import running_postgres
from adapters.store.postgres.migrate import upgrade
from adapters.vault.keys import new_key
from application.ports.vault import SecretKind, SecretPlace
from application.secret import Secret
from entrypoints.worker import work
from tests.entrypoints.stack import AUTHOR, Stack, running
from tests.venue.venues import (
    KEY,
    PERPETUAL,
    SECRET,
    Venues,
    client,
    new_customer,
    running_venues,
)

ACCOUNTS = 10
ALERTS = 150
WARM_UP = 10
ORDER = "/fapi/v1/order"
START = datetime(2026, 1, 5, tzinfo=UTC)


def main() -> dict[str, Any]:
    """Measure idle and under 50 alerts a second; print the table and return it."""
    with (
        tempfile.TemporaryDirectory(prefix="signalman-bench-") as directory,
        running_postgres(Path(directory) / "postgres", durable=True) as url,
    ):
        upgrade(url)
        figures = asyncio.run(_measured(url, Path(directory)))
    print(f"{'':34}{'p50 ms':>9}{'p99 ms':>9}")
    for name, (middle, high) in figures.items():
        print(f"{name:34}{middle:9.2f}{high:9.2f}")
    share = figures["alert to wire, idle"][0] - figures["plain CCXT call"][0]
    print(f"our own share at the median: {share:.2f} ms")
    return {**figures, "own share": share}


async def _measured(url: str, directory: Path) -> dict[str, tuple[float, float]]:
    async with AsyncExitStack() as stack:
        venues = await stack.enter_async_context(running_venues(directory))
        floor = await _floor(venues)
        keys = (new_key(),)
        one = await stack.enter_async_context(
            running(url, _bots(venues), encryption_keys=keys)
        )
        await _keys(one, venues)
        worker = asyncio.create_task(work(one.container))
        await _sent(one, venues, WARM_UP, pause=0.2, first=0)
        idle = await _sent(one, venues, ALERTS, pause=0.1, first=WARM_UP)
        busy = await _sent(one, venues, ALERTS * 2, pause=0.02, first=WARM_UP + ALERTS)
        worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker
    return {
        "plain CCXT call": _figures(floor),
        "alert to wire, idle": _figures(idle),
        "alert to wire, 50 a second": _figures(busy),
    }


async def _floor(venues: Venues) -> list[float]:
    """Return how long a plain call takes until the venue has read it."""
    took = []
    async with client(venues, "binanceusdm", enableRateLimit=False) as real:
        await real.load_markets()
        for number in range(ALERTS + WARM_UP):
            began = time.monotonic()
            await real.create_order(
                PERPETUAL, "market", "buy", 0.01, None, {"clientOrderId": f"floor-{number}"}
            )
            took.append(venues.simulator.asked(ORDER)[-1].at - began)
    venues.simulator.requests.clear()
    return took[WARM_UP:]


async def _sent(
    stack: Stack, venues: Venues, count: int, *, pause: float, first: int
) -> list[float]:
    """Send alerts at a steady pace; return how long each took to its order, in seconds."""
    began: list[float] = []
    under_way: list[asyncio.Task[Any]] = []
    before = len(venues.simulator.asked(ORDER))
    next_at = time.monotonic()
    for number in range(first, first + count):
        began.append(time.monotonic())
        under_way.append(asyncio.create_task(stack.send(_alert(number))))
        next_at += pause
        await asyncio.sleep(max(0, next_at - time.monotonic()))
    await asyncio.gather(*under_way)
    async with asyncio.timeout(120):
        while len(venues.simulator.asked(ORDER)) < before + count:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    # Orders of one account leave in the order of its alerts; accounts are told apart.
    arrived = sorted(one.at for one in venues.simulator.asked(ORDER)[before:])
    return [at - sent for at, sent in zip(arrived, began, strict=True)]


def _alert(number: int) -> str:
    bar = START + timedelta(minutes=number)
    now = datetime.now(UTC)  # noqa: TID251 - the receiver compares with the real time
    return json.dumps(
        {
            "v": 1,
            "id": f"bench-{number}",
            "bot": f"bot-{number % ACCOUNTS}",
            "signal": "LONG",
            "rsi": 25,
            "price": 60000,
            "bar_time": f"{bar:%Y-%m-%dT%H:%M:%SZ}",
            "sent_at": f"{now:%Y-%m-%dT%H:%M:%S.%fZ}",
        }
    )


def _bots(venues: Venues) -> str:
    """Return a bot on each of several accounts at the simulated venue."""
    reach = venues.simulator.options | {"rateLimit": "1"}
    numbers = range(ACCOUNTS)
    accounts = [
        {
            "name": f"a-{n}",
            "exchange": "binanceusdm",
            "mode": "testnet",
            "options": dict(reach),
        }
        for n in numbers
    ]
    bots = [
        {
            "name": f"bot-{n}",
            "account": f"a-{n}",
            "feed": "tradingview",
            "chart": {"exchange": "BINANCE", "ticker": "BTCUSDT.P", "interval": "1m"},
            "sizing": {"mode": "quote", "amount": "1000"},
            "scaling": {"max_entries": "100"},
        }
        for n in numbers
    ]
    feeds = [{"name": "tradingview"}]
    return yaml.safe_dump({"feeds": feeds, "accounts": accounts, "bots": bots})


async def _keys(stack: Stack, venues: Venues) -> None:
    """Give every account a customer of its own, so that books and venue agree."""
    deployed = await stack.container.configuration().deployed()
    for account in deployed.accounts:
        key = f"{KEY}-{account.id}"
        venues.usdm.customers[key] = replace(new_customer(), key=key)
        place = SecretPlace(SecretKind.ACCOUNT, account.id)
        keys = {"apiKey": Secret(key), "secret": Secret(SECRET)}
        await stack.container.seal_secret()(place, keys, AUTHOR)


def _figures(took: Sequence[float]) -> tuple[float, float]:
    """Return median and 99th percentile in milliseconds."""
    ordered = sorted(took)
    high = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return statistics.median(ordered) * 1000, high * 1000
