"""The real application on a real database, worked by hand: send, settle, look."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import text

from adapters.configuration.yaml_file import read_yaml
from application.ports.configuration import Author
from application.ports.views import AlertTrace
from application.proposal import Wishes
from domain.reasons import Reason
from domain.signal import AlertId
from entrypoints.container import Container
from entrypoints.session import opened
from entrypoints.settings import Settings
from entrypoints.web.app import create_app

AUTHOR = Author(name="test", source="command line")
FOUR_HOURS = timedelta(hours=4)
BOTS = """
feeds:
  - name: tradingview
accounts:
  - name: spot
    exchange: binance
    mode: paper
    paper: {balance: 10000, currency: USDT, fee_rate: 0.001}
  - name: futures
    exchange: binanceusdm
    mode: paper
    paper: {balance: 10000, currency: USDT, fee_rate: 0.0005}
bots:
  - name: spot-long
    account: spot
    feed: tradingview
    chart: {exchange: BINANCE, ticker: BTCUSDT, interval: 4h}
    sizing: {mode: quote, amount: 1000}
  - name: futures-both
    account: futures
    feed: tradingview
    chart: {exchange: BINANCE, ticker: BTCUSDT.P, interval: 4h}
    reverse: yes
    sizing: {mode: quote, amount: 1000}
    scaling: {max_entries: 3}
"""


def last_closed_bar() -> datetime:
    """Return the open of the newest 4 h bar that has closed."""
    now = datetime.now(UTC)  # noqa: TID251 - the receiver compares with the real time
    today = now.replace(hour=now.hour - now.hour % 4, minute=0, second=0, microsecond=0)
    return today - FOUR_HOURS


def alert(**fields: object) -> dict[str, Any]:
    """Return a native body that trades nothing yet: RSI 50 of the last closed bar."""
    bar = fields.pop("bar", last_closed_bar())
    body: dict[str, Any] = {
        "v": 1,
        "rsi": 50,
        "price": 60000,
        "exchange": "BINANCE",
        "ticker": "BTCUSDT.P",
        "interval": "240",
        "bar_time": f"{bar:%Y-%m-%dT%H:%M:%SZ}",
        "sent_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",  # noqa: TID251 - as above
    }
    return body | fields


@dataclass(frozen=True, slots=True)
class Stack:
    """One running application and what a test needs to use it."""

    container: Container
    client: httpx.AsyncClient
    token: str

    @property
    def path(self) -> str:
        """Return the webhook's path with its token."""
        return f"/webhooks/tradingview/{self.token}"

    async def send(self, body: dict[str, Any] | str | bytes) -> httpx.Response:
        """Send one alert as TradingView does."""
        content = json.dumps(body) if isinstance(body, dict) else body
        return await self.client.post(self.path, content=content)

    async def settle(self) -> None:
        """Route and work until nothing is due."""
        await self.container.fan_out()()
        execute = self.container.execute()
        while keys := await self.container.work_queue().due(100):
            for key in keys:
                await execute(key)

    async def settled(self, patience: timedelta) -> None:
        """Work until every order is over, also those that wait; fail if it takes longer."""
        async with asyncio.timeout(patience.total_seconds()):
            while await self._unfinished():
                await self.settle()
                await asyncio.sleep(0.05)

    async def _unfinished(self) -> bool:
        rows = await self.container.views().orders(limit=100)
        return any(not one.order.status.is_over for one in rows)

    async def execute(self, statement: str) -> None:
        """Change what is kept behind the application's back."""
        async with self.container.engine().begin() as connection:
            await connection.execute(text(statement))

    async def trace(self, answer: httpx.Response) -> AlertTrace:
        """Return everything about the alert of an answer."""
        found = await self.container.views().alert(AlertId(answer.json()["alert_id"]))
        assert found is not None
        return found

    async def outcome(self, body: dict[str, Any]) -> Reason | None:
        """Send an alert, work it, and return why it did or did not trade."""
        answer = await self.send(body)
        assert answer.status_code == 202, answer.text
        await self.settle()
        trace = await self.trace(answer)
        if not trace.jobs:
            return trace.alert.reason
        return trace.jobs[0].decisions[-1].reason


@asynccontextmanager
async def running(
    database_url: str, bots: str = BOTS, **settings: Any
) -> AsyncIterator[Stack]:
    """Yield the application over a database with these bots, and further settings."""
    used = Settings(database_url=database_url, queue="memory", **settings)
    async with opened(used) as container:
        applied = await container.apply()(read_yaml(bots), Wishes(), AUTHOR)
        token = applied.tokens["tradingview"]
        async with calling(create_app(container)) as client:
            yield Stack(container, client, token)


def unused_port() -> int:
    """Return a port that nobody listens on, and that nobody else is likely to be given."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def calling(app: Any) -> httpx.AsyncClient:
    """Return a client of the application on this very event loop, as on this machine."""
    transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 40_000))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")
