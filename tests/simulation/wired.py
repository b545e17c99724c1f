"""A world whose venue is on the wire: CCXT, TLS, and every fault that was measured."""

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from adapters.broker.ccxt import CcxtBroker
from adapters.clock.fixed import FixedClock
from adapters.clock.system import SystemClock
from adapters.store.memory.venue_budget import MemoryVenueBudget
from adapters.venue.clients import Client, Clients
from application.ports.venue_budget import Allowance, Urgency
from tests.adapters.broker.trading import ACCOUNT, OneAccount
from tests.simulation.gale import GuardedWorld
from tests.simulation.venue import Market
from tests.simulation.world import Fate, Mortal
from tests.venue.faults import Fault, Way
from tests.venue.market import PERPETUALS
from tests.venue.matching import Matching
from tests.venue.venues import KEY, Venues, new_customer, running_venues

EXCHANGE = "binanceusdm"
IMPATIENT_MILLISECONDS = 400
"""How long CCXT waits for an answer here; what comes later was given up."""
TOO_LATE_SECONDS = 0.6
SOMEDAY = timedelta(days=2)
"""How far the simulation is ahead of the real time, by which nothing of it is ever late."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the fault matrix: what happens to a request, and what is answered."""

    name: str
    way: Way
    status: int = 200
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    seconds: float = 0


def _coded(code: int, status: int = 400, **headers: str) -> Row:
    body = json.dumps({"code": code, "msg": "told by the venue"})
    told = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Row(f"{status} with {code}", Way.ANSWER, status, body, told)


def _instead(name: str, body: str, status: int = 200) -> Row:
    return Row(name, Way.ANSWER_AFTER, status, body)


MATRIX = (
    *(_coded(code) for code in (-2019, -4061, -4164, -1111, -2022, -4116)),
    *(_coded(code) for code in (-1021, -1015, -1003, -9999)),
    _coded(-1003, 429, retry_after="3"),
    _coded(-1003, 418, retry_after="7"),
    _coded(-1008, 503),
    *(_coded(code) for code in (-1000, -1001, -1006)),
    _coded(-1007, 408),
    Row("a firewall's page", Way.ANSWER, 403, "<html>blocked</html>"),
    Row("a proxy's page before", Way.ANSWER, 502, "<html>bad</html>"),
    _instead("a proxy's page after", "<html>bad</html>", 502),
    Row("hung up before", Way.DROP),
    Row("hung up after", Way.DROP_AFTER),
    Row("broken off", Way.TRUNCATE),
    _instead("empty", ""),
    _instead("a page", "<html>hello</html>"),
    _instead("half of it", '{"orderId": 1'),
    _instead("nothing in it", "{}"),
    _instead("a list", "[]"),
    Row("too late", Way.DELAY_AFTER, seconds=TOO_LATE_SECONDS),
    Row("not there yet, too late", Way.DELAY, seconds=TOO_LATE_SECONDS),
)
REQUESTS = (
    ("POST", "/fapi/v1/order"),
    ("POST", "/fapi/v1/order"),
    ("POST", "/fapi/v1/algoOrder"),
    ("POST", "/fapi/v1/algoOrder"),
    ("GET", "/fapi/v1/order"),
    ("GET", "/fapi/v1/algoOrder"),
    ("DELETE", "/fapi/v1/algoOrder"),
    ("GET", "/fapi/v1/userTrades"),
    ("GET", "/fapi/v3/positionRisk"),
)
"""What is asked of Binance USD-M, orders and stops more often than the rest."""


class NobodyWaits(MemoryVenueBudget):
    """A budget of which who would have to wait gets nothing: the clock stands still."""

    async def take(
        self, venue: str, cost: Decimal, urgency: Urgency, allowance: Allowance
    ) -> timedelta:
        wait = await super().take(venue, cost, urgency, allowance)
        return wait and max(wait, timedelta(minutes=1))


@dataclass(slots=True)
class Line:
    """The simulated venues and the clients that reach them, lent to one world at a time."""

    venues: Venues
    clients: Clients
    client: Client
    clock: FixedClock

    def market(self) -> Market:
        """Return the venue's market as if nothing had ever happened there."""
        usdm = self.venues.usdm
        usdm.matching = Matching.of(PERPETUALS, usdm.clock.now)
        usdm.clock.skew_milliseconds = 0
        usdm.customers[KEY] = new_customer()
        self.mend()
        return Market(usdm.matching, usdm.customers[KEY])

    def spoil(self, row: Row, request: tuple[str, str], times: int) -> None:
        """Let the next requests of a kind go as a row says."""
        method, path = request
        fault = Fault(
            way=row.way,
            path=path,
            method=method,
            times=times,
            status=row.status,
            body=row.body,
            headers=dict(row.headers),
            seconds=row.seconds,
        )
        self.venues.simulator.faults.append(fault)

    def mend(self) -> None:
        """Let nothing go wrong any more."""
        self.venues.simulator.faults.clear()
        self.venues.usdm.clock.skew_milliseconds = 0
        self.unplugged(unplugged=False)

    def unplugged(self, *, unplugged: bool) -> None:
        """Let nothing leave, or again."""
        proxy = self.venues.simulator.options["httpsProxy"]
        self.client.ccxt.httpsProxy = "http://127.0.0.1:1" if unplugged else proxy

    async def all_arrived(self) -> None:
        """Wait until the venue has done what it was asked: no order comes minutes late."""
        await self.venues.simulator.idle.wait()


@contextlib.asynccontextmanager
async def open_line(directory: Path) -> AsyncIterator[Line]:
    """Run the venues, with a client that has their markets."""
    clock = FixedClock(SystemClock().now() + SOMEDAY)
    async with running_venues(directory) as venues:
        options = venues.simulator.options | {"timeout": IMPATIENT_MILLISECONDS}
        clients = Clients(OneAccount(EXCHANGE, options), NobodyWaits(clock))
        client = await clients.client(ACCOUNT)
        try:
            yield Line(venues, clients, client, clock)
        finally:
            await clients.close()


@dataclass(slots=True)
class WiredWorld(GuardedWorld):
    """A world whose broker is CCXT, at the simulated Binance."""

    line: Line = field(kw_only=True)

    def __post_init__(self) -> None:
        """Begin with a market where nothing has happened, on the clock of the line."""
        self.clock = self.line.clock
        GuardedWorld.__post_init__(self)
        self.venue = self.line.market()
        self.line.clients.budget = NobodyWaits(self.clock)

    def broker(self, fate: Fate) -> Any:
        """Return CCXT, for a process that may die."""
        return Mortal(CcxtBroker(self.line.clients, self.clock), fate)

    async def calm_down(self) -> None:
        """Mend the line first."""
        self.line.mend()
        await self.line.all_arrived()
        await GuardedWorld.calm_down(self)
