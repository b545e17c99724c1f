"""What goes over the wire. Money, prices and quantities are strings."""

from datetime import datetime
from typing import Any

import msgspec


class Accepted(msgspec.Struct, kw_only=True):
    """An alert was kept, or had been before."""

    alert_id: int
    status: str


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Why a request was refused: a stable code and a sentence."""

    code: str
    detail: str
    alert_id: int | None = None


class Health(msgspec.Struct, kw_only=True):
    """Whether a part is well."""

    status: str
    detail: str = ""


class StateOut(msgspec.Struct, kw_only=True):
    """A trading state in force."""

    scope: str
    name: str
    state: str
    author: str
    source: str
    reason: str
    at: datetime


class FlatteningOut(msgspec.Struct, kw_only=True):
    """A request to flatten, and how far it is: RUNNING, DONE or NEEDS_OPERATOR."""

    id: int
    scope: str
    name: str
    status: str
    attempts: int
    outcome: str
    author: str
    source: str
    reason: str
    requested_at: datetime
    finished_at: datetime | None


class ChangeOut(msgspec.Struct, kw_only=True):
    """One setting before and after; null where there was or is none."""

    path: str
    old: Any
    new: Any


class DifferenceOut(msgspec.Struct, kw_only=True):
    """What a document makes of one feed, account, bot or the installation."""

    kind: str
    name: str
    verb: str
    note: str
    changes: list[ChangeOut]


class AppliedOut(msgspec.Struct, kw_only=True):
    """What was changed, or would be. The path of a new feed's webhook is told once."""

    changed: bool
    differences: list[DifferenceOut]
    obstacles: list[str]
    webhook_paths: dict[str, str]


class RevisionOut(msgspec.Struct, kw_only=True):
    """A revision of something, whole, and what it changed."""

    revision: int
    at: datetime
    author: str
    source: str
    reason: str
    configuration: dict[str, Any]
    changes: list[ChangeOut]


class OutcomeOut(msgspec.Struct, kw_only=True):
    """What one bot made of an alert."""

    bot: str
    code: str | None


class AlertOut(msgspec.Struct, kw_only=True):
    """One line of the list of alerts."""

    id: int
    feed: str
    received_at: datetime
    code: str | None
    duplicates: int
    signal: str | None
    rsi: float | None
    price: str | None
    chart: str
    outcomes: list[OutcomeOut]


class StepOut(msgspec.Struct, kw_only=True):
    """One step of an alert's trace."""

    state: str
    title: str
    sentence: str
    at: datetime | None
    details: list[str]


class TraceOut(msgspec.Struct, kw_only=True):
    """Why an alert did or did not trade: a sentence, then each step."""

    id: int
    sentence: str
    steps: list[StepOut]
    body: str


class RefusedOut(msgspec.Struct, kw_only=True):
    """A request that never became an alert."""

    at: datetime
    code: str
    detail: str
    source: str
    size: int
    body: str


class BotOut(msgspec.Struct, kw_only=True):
    """A bot in force."""

    name: str
    account: str
    feed: str
    chart: str
    symbol: str
    strategy: str
    enabled: bool
    archived: bool
    has_position: bool
    revision: int


class AccountOut(msgspec.Struct, kw_only=True):
    """An account in force."""

    name: str
    exchange: str
    mode: str
    archived: bool
    revision: int
    keys: list[str]
    """Which parts of its keys are sealed; what they are nobody is told."""
    keys_at: datetime | None


class MovementOut(msgspec.Struct, kw_only=True):
    """Money that came or left otherwise than by trading."""

    kind: str
    amount: str
    currency: str
    at: datetime
    reference: str


class KeysOut(msgspec.Struct, kw_only=True):
    """Which parts of an account's keys have just been sealed."""

    account: str
    keys: list[str]


class PositionOut(msgspec.Struct, kw_only=True):
    """What a bot holds. ``resting_stop`` is the level of the stop at the venue.

    ``unprotected_since`` is set while nobody holds the stop that the rules ask for.
    """

    bot: str
    account: str
    symbol: str
    side: str
    quantity: str
    entries: int
    average_price: str | None
    mark: str | None
    marked_at: datetime | None
    resting_stop: str | None
    unprotected_since: datetime | None
    unprotected_why: str | None
    unrealized: str | None
    realized: str
    fees: str
    opened_at: datetime | None


class TradeOut(msgspec.Struct, kw_only=True):
    """A completed round trip. ``pnl`` is net of fees."""

    id: int
    bot: str
    account: str
    symbol: str
    side: str
    entries: int
    quantity: str
    entry_cost: str
    exit_proceeds: str
    fees: str
    pnl: str
    opened_at: datetime
    closed_at: datetime
    alert_id: int | None


class OrderOut(msgspec.Struct, kw_only=True):
    """An order as the list shows it."""

    id: str
    bot: str
    account: str
    symbol: str
    side: str
    reduces: bool
    quantity: str
    filled: str
    status: str
    created_at: datetime
    alert_id: int | None


class StatsOut(msgspec.Struct, kw_only=True):
    """What came in, what came of it, and what it earned."""

    alerts: int
    refused: int
    duplicates: int
    decisions: int
    orders: int
    filled: int
    denied: int
    rejected: int
    pending: int
    lost: int
    doubled: int
    unmatched: int
    decisions_by_code: dict[str, int]
    trades: int
    pnl: str
    win_rate: str | None
    drawdown: str
