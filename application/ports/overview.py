"""Sums that pages show: what came in, what was earned, what a stop would reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple, Protocol

from application.ports.configuration import Scope
from domain.signal import AlertId


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What became of the alerts that were stored since a moment, each bot's work once."""

    alerts: int
    nowhere: int
    """Alerts that reached no bot, refused ones among them."""
    traded: int
    skipped: int
    """Decided, and no order left."""
    trouble: int
    """The venue refused an order, or it is not known what became of it."""
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """What trades closed since a moment earned, in one currency, net of fees."""

    currency: str
    trades: int
    won: int
    pnl: Decimal
    profit: Decimal
    """The sum of those that won."""
    loss: Decimal
    """The sum of those that lost, as a positive amount."""
    fees: Decimal


class CurvePoint(NamedTuple):
    """What closed trades had earned in sum at one moment."""

    at: datetime
    pnl: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """What a bot did. ``pnl`` is of all its closed trades, in its symbol's currency."""

    bot: str
    trades: int
    won: int
    pnl: Decimal
    last_alert: AlertId | None
    last_alert_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What a trading state would cover at this moment."""

    bots: int
    accounts: int
    live_accounts: int
    working_orders: int
    open_positions: int
    waiting_jobs: int
    """Alerts that were routed and are not decided yet."""


class Latency(NamedTuple):
    """How long the newest alerts took from their arrival until the work was done."""

    alerts: int
    median: timedelta
    p95: timedelta


class Process(NamedTuple):
    """A process that gave a sign of life in the last day."""

    name: str
    role: str
    started_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What waits, who works, and how long it takes."""

    now: datetime
    unrouted: int
    unfinished: int
    oldest_waiting_at: datetime | None
    processes: Sequence[Process]
    latency: Latency | None
    """None while nothing was worked."""
    refused_last_day: int
    store: str
    """The database and its version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """The promises, counted since a moment. ``lost`` and ``doubled`` must be 0.

    ``retried`` counts intents that were carried out although the first order did not do:
    it never arrived, or only a part was filled. The others are as in ``Accounted``.
    """

    alerts: int
    refused: int
    duplicates: int
    decisions: int
    intents: int
    filled: int
    denied: int
    rejected: int
    retried: int
    needs_operator: int
    pending: int
    lost: int
    doubled: int


class Overviews(Protocol):
    """Counts and sums, each in a few queries. ``since`` None means from the beginning."""

    async def day(self, since: datetime) -> Day:
        """Return what became of the alerts stored since a moment."""
        ...

    async def earned(self, since: datetime | None) -> Sequence[Earned]:
        """Return what was earned, by currency, the one with most trades first."""
        ...

    async def curve(
        self, currency: str, since: datetime | None, points: int
    ) -> Sequence[CurvePoint]:
        """Return what was earned as a curve of at most about so many points."""
        ...

    async def activity(self) -> Sequence[Activity]:
        """Return what each bot did, archived ones included, by name."""
        ...

    async def reach(self, scope: Scope, name: str) -> Reach:
        """Return what a state of this scope would cover now; nothing for unknown names."""
        ...

    async def load(self) -> Load:
        """Return what waits and who works."""
        ...

    async def scorecard(self, since: datetime | None) -> Scorecard:
        """Count the promises over what was kept since a moment."""
        ...
