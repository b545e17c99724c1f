"""What is kept: jobs, decisions, intents, and the changes one transaction makes to them.

Ids are what the store calls things. A record is a value: to change it is to make the next.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import NamedTuple, NewType

from application.answers import FillReport, Report
from domain.fills import Costs
from domain.instrument import Instrument, Symbol
from domain.order import Order, OrderEvent, OrderId
from domain.position import Trade
from domain.protection import ProtectionKind
from domain.reasons import Finding, Reason
from domain.risk import NO_LIMITS, Limits, TradingState, Usage
from domain.rules import Rules
from domain.signal import Direction, Signal
from domain.sizing import Sized
from domain.state import BotState, WorkingEntry

AccountId = NewType("AccountId", int)
BotId = NewType("BotId", int)
FeedId = NewType("FeedId", int)
JobId = NewType("JobId", int)
RevisionId = NewType("RevisionId", int)
IntentId = NewType("IntentId", str)
"""A random UUID, so that a restored backup never names an old intent again."""


class Key(NamedTuple):
    """What one worker works at a time: one symbol of one account."""

    account: AccountId
    symbol: Symbol


class JobStatus(Enum):
    """QUEUED is not decided, WORKING has intents that are not over, DONE is over."""

    QUEUED = "QUEUED"
    WORKING = "WORKING"
    DONE = "DONE"


class JobCause(Enum):
    """What asked for the work."""

    SIGNAL = "SIGNAL"
    TIMER = "TIMER"
    OPERATOR = "OPERATOR"
    """A person flattens: the bot's position must be closed."""
    PRICE = "PRICE"
    """The watchdog saw a price that an exit rule of the bot must be held against."""
    PROTECTION = "PROTECTION"
    """A protective order that rested at the venue has triggered."""
    VENUE = "VENUE"
    """The venue has closed the position itself, or somebody there: it holds nothing now."""

    @property
    def has_happened(self) -> bool:
        """Say whether it tells what is done already, about which no rule is asked."""
        return self in (JobCause.PROTECTION, JobCause.VENUE)


class IntentStatus(Enum):
    """WAITING for its turn, WORKING at the venue, or over in one of four ways."""

    WAITING = "WAITING"
    WORKING = "WORKING"
    DONE = "DONE"
    DENIED = "DENIED"
    FAILED = "FAILED"
    NEEDS_OPERATOR = "NEEDS_OPERATOR"

    @property
    def is_over(self) -> bool:
        """Say whether nothing more will come of the intent by itself."""
        return self not in (IntentStatus.WAITING, IntentStatus.WORKING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What must happen at the venue, and why. ``number`` is 0 for an exit.

    ``quantity`` is in base and None until its turn comes.
    """

    id: IntentId
    job: JobId
    ordinal: int
    bot: BotId
    revision: RevisionId
    """The rules it was decided by; a position is bound to those of its first entry."""
    side: Direction
    number: int
    reason: Reason
    status: IntentStatus
    quantity: Decimal | None = None
    price: Decimal | None = None
    level: Decimal | None = None
    """The price of the exit rule that fired; None for every other intent."""
    reserved: Decimal = Decimal(0)
    """Notional this entry holds back from the limits until it is over."""
    reserved_rest: Decimal = Decimal(0)
    """Notional held back for later entries of a reserving bot, until its trade closes."""
    at: datetime | None = None

    @property
    def enters(self) -> bool:
        """Say whether it opens or adds."""
        return self.number > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """One step of deciding a job: exit rules that fired, the signal, a reversal's entry."""

    step: int
    bot: BotId
    revision: RevisionId
    reason: Reason
    findings: tuple[Finding, ...]
    sized: Sized | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingOrder:
    """An order with the intent it descends from."""

    intent: IntentId
    order: Order
    trade_ids: frozenset[str] = frozenset()
    """Executions already counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Triggered:
    """A protective order that has triggered at the venue, as it was sent there.

    ``filled`` is what it had executed when that was seen, of ``quantity``.
    """

    order: OrderId
    reason: Reason
    side: Direction
    quantity: Decimal
    filled: Decimal
    level: Decimal
    venue_order_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One (signal, bot), or one timer of a bot, with what came of it so far.

    ``seen`` is the market's price that the watchdog saw, or that the venue closed at, and
    ``triggered`` the order that did; None for every other cause.
    """

    id: JobId
    bot: BotId
    cause: JobCause
    status: JobStatus
    signal: Signal | None = None
    seen: "Mark | None" = None
    triggered: "Triggered | None" = None
    told: tuple[FillReport, ...] = ()
    """What the venue executed to close; empty where it has not told."""
    decisions: tuple[DecisionRecord, ...] = ()
    intents: tuple[Intent, ...] = ()
    orders: tuple[WorkingOrder, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskBot:
    """A bot at the desk. ``rules`` are those its open position is bound to, if any."""

    id: BotId
    name: str
    enabled: bool
    revision: RevisionId
    rules: Rules
    limits: Limits
    trading_state: TradingState
    """The strictest of installation, account and bot."""
    state: BotState
    newer: RevisionId | None = None
    """The rules that follow once the position is closed; None where these are in force."""
    resting: frozenset[ProtectionKind] = frozenset()
    """What stands at the venue for its exit rules, which are not ours to fire then."""
    stuck: tuple[WorkingEntry, ...] = ()
    """Entries of jobs that are over, whose fate an operator must find out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskAccount:
    """The account at the desk. ``by_bar`` counts time by the bars' closes."""

    id: AccountId
    name: str
    exchange: str
    mode: str
    currency: str
    start_balance: Decimal
    costs: Costs
    by_bar: bool = False
    limits: Limits = NO_LIMITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The latest price of the key's symbol, from an alert or from the venue."""

    price: Decimal
    at: datetime


class Answered(NamedTuple):
    """What the venue says of an order that was sent, or asked for."""

    order: OrderId
    answer: Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything that bears on one (account, symbol), as one transaction sees it.

    ``jobs`` are unfinished and in order of receipt. ``usage`` is loaded, under the locks of
    the limits, only once the planner asked for it for one job.
    """

    key: Key
    installation: str
    now: datetime
    account: DeskAccount
    instrument: Instrument
    bots: dict[BotId, DeskBot]
    jobs: tuple[Job, ...]
    mark: Mark | None = None
    total_limits: Limits = NO_LIMITS
    usage: "LoadedUsage | None" = None
    balance: Decimal | None = None
    """What the venue says is held in the settlement currency; None unless asked."""
    differs: bool = False
    """Whether the venue holds something else than our books say, so that entries wait."""
    not_cleared: Finding | None = None
    """Why the account may open nothing at its venue; None when it may."""
    answers: tuple[Answered, ...] = ()
    """What the venue said since, in the order in which it is to be recorded."""
    asked_for: JobId | None = None
    """The job for whose sake the venue has told how resting entries stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedUsage:
    """What is in use, as seen at the moment of one job's entry.

    ``open_value`` is what open positions add to the balance: unrealized P&L, and on spot
    the value of what is held.
    """

    job: JobId
    usage: Usage
    open_value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One row of an order's life: what happened, with the evidence for it."""

    order: OrderId
    event: OrderEvent
    evidence: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FillRecord:
    """One execution as the venue reports it. A trade id counts once per order."""

    order: OrderId
    trade_id: str
    quantity: Decimal
    price: Decimal
    fee: Decimal
    fee_currency: str
    realized: Decimal
    """What it realized against the lots it closed, before fees; 0 for an entry."""
    charged: Decimal
    """The fee as the position counts it, in the settlement currency."""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedTrade:
    """A bot's round trip that has just been completed."""

    bot: BotId
    intent: IntentId
    trade: Trade


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """When a bot must be looked at again: its position's last allowed bar closes."""

    bot: BotId
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Dust:
    """What was left of a position that the venue takes no order for."""

    bot: BotId
    intent: IntentId
    quantity: Decimal
    """In base."""
    price: Decimal
    """What it was worth a piece."""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """All that one step changes about a job. Saved whole, in one transaction."""

    job: JobId
    status: JobStatus
    decisions: tuple[DecisionRecord, ...] = ()
    states: dict[BotId, BotState] = field(default_factory=dict[BotId, BotState])
    intents: tuple[Intent, ...] = ()
    """New ones, and known ones whose status changed; told apart by their id."""
    orders: tuple[WorkingOrder, ...] = ()
    transitions: tuple[Transition, ...] = ()
    fills: tuple[FillRecord, ...] = ()
    trades: tuple[ClosedTrade, ...] = ()
    timers: tuple[Timer, ...] = ()
    dust: tuple[Dust, ...] = ()
    mark: Mark | None = None
    brake: Finding | None = None
    """A brake that fired: the account goes to REDUCING."""


class Asks(Enum):
    """What the planner must be told before it can go on."""

    USAGE = "usage"
    BALANCE = "balance"


class Step(NamedTuple):
    """What one step changes, and the desk as it was before."""

    before: Desk
    changes: Changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What planning led to: steps to save in order, then orders to send or clear up."""

    steps: tuple[Step, ...] = ()
    asks: Asks | None = None
    asking_job: JobId | None = None
    asking_now: datetime | None = None
    to_send: tuple[WorkingOrder, ...] = ()
    to_resolve: tuple[WorkingOrder, ...] = ()
    to_cancel: tuple[WorkingOrder, ...] = ()
    seen: Signal | None = None
    """The alert whose prices resting entries are to be looked at with."""
    after: Desk | None = None
    """The desk once all steps are kept, where it is known already."""

    @property
    def changes(self) -> tuple[Changes, ...]:
        """Return what the steps change, in their order."""
        return tuple(step.changes for step in self.steps)
