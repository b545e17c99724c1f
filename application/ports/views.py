"""What people read: alerts and their traces, positions, trades, orders, and the count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Protocol

from application.records import DecisionRecord, Intent, JobId, JobStatus, Transition
from domain.order import Order, OrderId, OrderStatus
from domain.position import Position, Trade
from domain.reasons import Reason
from domain.signal import AlertId, Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """One alert as it was kept. ``reason`` is why it went nowhere, or ROUTED."""

    id: AlertId
    feed: str
    received_at: datetime
    stored_at: datetime
    fanned_out_at: datetime | None
    source: str
    content_type: str
    size: int
    body: str
    key: str | None
    signal: Signal | None
    reason: Reason | None
    """None while it waits for fan-out."""
    value: str
    limit: str
    detail: str
    duplicates: int
    """How often it arrived again."""
    last_duplicate_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSummary:
    """One line of the list of alerts: what came, and what it led to, bot by bot."""

    id: AlertId
    feed: str
    received_at: datetime
    signal: Signal | None
    reason: Reason | None
    duplicates: int
    outcomes: tuple[tuple[str, Reason | None], ...]
    """Bot name and the reason of its newest decision; None while undecided."""


class Came(Enum):
    """What can come of a bot's work, as lists are filtered by it."""

    TRADED = "traded"
    """Something was executed."""
    NOTHING = "nothing"
    """It was decided, and no order left."""
    TROUBLE = "trouble"
    """The venue refused an order, or it is not known what became of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Only:
    """Which lines of a list are wanted; what is None or empty is not asked for."""

    bot: str | None = None
    account: str | None = None
    symbol: str | None = None
    came: Came | None = None
    reasons: tuple[Reason, ...] = ()
    """The reason of the newest decision is one of these."""
    since: datetime | None = None
    """It was queued then or later."""
    alerts: tuple[AlertId, ...] = ()


EVERYTHING = Only()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRow:
    """One line of the live log: what one bot made of one alert, or of a timer.

    ``order`` is the newest that was executed, else the newest; None while there is none.
    """

    job: JobId
    alert: AlertId | None
    received_at: datetime
    """When the alert arrived, or the timer rang."""
    finished_at: datetime | None
    bot: str
    account: str
    mode: str
    symbol: str
    base: str
    quote: str
    signal: Signal | None
    status: JobStatus
    decision: DecisionRecord | None
    """The newest."""
    order: Order | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTrace:
    """An order with its whole life and its fills."""

    intent: str
    order: Order
    created_at: datetime
    transitions: tuple[Transition, ...]
    fees: Decimal
    fee_currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTrace:
    """What one bot made of an alert."""

    bot: str
    account: str
    mode: str
    symbol: str
    base: str
    quote: str
    status: JobStatus
    queued_at: datetime
    finished_at: datetime | None
    decisions: tuple[DecisionRecord, ...]
    decision_bots: tuple[str, ...]
    """Name of the bot of each decision: exit rules may fire for the symbol's others."""
    intents: tuple[Intent, ...]
    orders: tuple[OrderTrace, ...]
    trades: tuple[Trade, ...]
    """Round trips that this job completed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeTrace:
    """What people were told because of an alert; ``told_at`` is None while it waits.

    ``error`` is why the channel never took it, and empty where it did.
    """

    title: str
    at: datetime
    told_at: datetime | None
    channel: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertTrace:
    """Everything that is known of one alert."""

    alert: AlertRow
    jobs: tuple[JobTrace, ...]
    notices: tuple[NoticeTrace, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionRow:
    """What a bot holds. ``mark`` is the latest price of the symbol, with its age.

    ``resting_stop`` is the level of the stop that rests at the venue; ``unprotected_since``
    is set while nobody holds the stop that the rules ask for.
    """

    bot: str
    account: str
    symbol: str
    quote: str
    position: Position
    mark: Decimal | None
    marked_at: datetime | None
    resting_stop: Decimal | None = None
    unprotected_since: datetime | None = None
    unprotected_why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeRow:
    """A completed round trip."""

    id: int
    bot: str
    account: str
    symbol: str
    quote: str
    alert: AlertId | None
    """The alert that closed it, if an alert did."""
    trade: Trade


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """An order as the list shows it."""

    bot: str
    account: str
    alert: AlertId | None
    created_at: datetime
    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRequest:
    """A request that never became an alert: no valid token, or too large."""

    at: datetime
    reason: Reason
    detail: str
    source: str
    size: int
    body: str
    """At most its first 2,000 characters, masked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounted:
    """The promises, counted from the tables. ``lost`` and ``doubled`` must be 0.

    ``pending``: accepted alerts without a final outcome yet. ``lost``: accepted alerts that
    are routed but have a bot without a job, or a finished job without a decision, or an
    intent that is over without an order, a denial or a failure kept. ``doubled``: intents
    filled for more than they asked, (alert, bot) pairs with two jobs, and trade ids counted
    twice. ``unmatched``: orders the paper venue executed that our book does not have filled
    for the same quantity, or the other way round. ``placed``: orders that the paper venue
    executed by its own books; ``recorded``: orders of paper accounts with a fill in ours.
    """

    alerts: int
    refused: int
    duplicates: int
    decisions: int
    intents: int
    orders: int
    filled: int
    denied: int
    rejected: int
    needs_operator: int
    pending: int
    lost: int
    doubled: int
    unmatched: int
    placed: int
    recorded: int
    decisions_by_reason: Mapping[Reason, int]
    """Newest decision of every job, and the reason of every alert that went nowhere."""


class Views(Protocol):
    """The reading side. Everything is newest first unless said otherwise."""

    async def alerts(
        self,
        *,
        limit: int,
        before: AlertId | None = None,
        bot: str | None = None,
        nowhere: bool = False,
    ) -> Sequence[AlertSummary]:
        """Return the newest alerts, below ``before`` where it is given.

        With ``nowhere`` only those that reached no bot.
        """
        ...

    async def work(
        self, *, limit: int, before: JobId | None = None, only: Only = EVERYTHING
    ) -> Sequence[WorkRow]:
        """Return the newest lines of the live log, below ``before`` where it is given."""
        ...

    async def alert(self, id: AlertId) -> AlertTrace | None:
        """Return one alert whole; None when there is no such alert."""
        ...

    async def positions(self) -> Sequence[PositionRow]:
        """Return what is open, by account, symbol and bot."""
        ...

    async def trades(
        self,
        *,
        limit: int,
        bot: str | None = None,
        account: str | None = None,
        before: int | None = None,
    ) -> Sequence[TradeRow]:
        """Return the newest completed trades, in order of their close, oldest first.

        With ``before`` those that closed before the trade of this id did.
        """
        ...

    async def orders(
        self,
        *,
        limit: int,
        bot: str | None = None,
        before: OrderId | None = None,
        statuses: tuple[OrderStatus, ...] = (),
    ) -> Sequence[OrderRow]:
        """Return the newest orders; with ``before`` those made before this one.

        Without ``statuses`` an order of any status is wanted.
        """
        ...

    async def refused(self, *, limit: int) -> Sequence[RefusedRequest]:
        """Return the newest requests that never became alerts, as far as they are kept."""
        ...

    async def accounted(self) -> Accounted:
        """Count what came in against what came of it, from the tables."""
        ...
