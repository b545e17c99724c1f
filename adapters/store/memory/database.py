"""The tables, as values in dictionaries. One lock stands for one transaction at a time."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from application.configuration.charts import Listing
from application.configuration.values import AccountConfig, BotConfig, FeedConfig
from application.ports.clock import Clock
from application.ports.configuration import RevisionRow, Scope, StateChange
from application.ports.inbox import Refusal
from application.ports.views import AlertRow
from application.records import (
    AccountId,
    BotId,
    ClosedTrade,
    FeedId,
    FillRecord,
    Job,
    JobId,
    Key,
    Mark,
    RevisionId,
    Transition,
)
from domain.instrument import Symbol
from domain.money import ZERO, add, subtract
from domain.order import OrderId
from domain.risk import NO_LIMITS, Limits
from domain.signal import AlertId
from domain.state import BotState


@dataclass(slots=True)
class FeedRow:
    """A feed, with the digest of its token and of the one before."""

    id: FeedId
    config: FeedConfig
    created_at: datetime
    digest: str
    previous_digest: str = ""
    previous_until: datetime | None = None


@dataclass(slots=True)
class AccountRow:
    """An account at its newest revision. ``equity_peak`` is None until it is measured."""

    id: AccountId
    config: AccountConfig
    revision: RevisionId
    archived: bool = False
    equity_peak: Decimal | None = None


@dataclass(slots=True)
class BotRow:
    """A bot at its newest revision. ``bound`` is what its open position keeps."""

    id: BotId
    config: BotConfig
    symbol: Symbol
    account: AccountId
    feed: FeedId
    revision: RevisionId
    archived: bool = False
    bound: tuple[RevisionId, BotConfig] | None = None
    state: BotState = field(default_factory=BotState)

    @property
    def key(self) -> Key:
        """Return what a worker claims to work for this bot."""
        return Key(self.account, self.symbol)


@dataclass(slots=True)
class JobRow:
    """A job with its place and its times."""

    job: Job
    key: Key
    alert: AlertId | None
    queued_at: datetime
    finished_at: datetime | None = None


@dataclass(slots=True)
class Lease:
    """Who holds a key, until when."""

    owner: str = ""
    fence: int = 0
    until: datetime | None = None
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DuplicateKey:
    """What an arrival is recognized by, and until when."""

    alert: AlertId
    digest: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class MarkRow:
    """The latest price of a key, and the last one before the day began."""

    mark: Mark
    day: datetime
    day_open: Decimal


@dataclass(frozen=True, slots=True)
class TradeEntry:
    """A completed trade with the alert that closed it."""

    id: int
    closed: ClosedTrade
    alert: AlertId | None


@dataclass(slots=True)
class MemoryDatabase:
    """Everything that is kept. The clock is the database's."""

    clock: Clock
    installation: str = "memory:1"
    limits: Limits = NO_LIMITS
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    feeds: dict[str, FeedRow] = field(default_factory=dict[str, FeedRow])
    accounts: dict[str, AccountRow] = field(default_factory=dict[str, AccountRow])
    bots: dict[str, BotRow] = field(default_factory=dict[str, BotRow])
    revisions: list[RevisionRow] = field(default_factory=list[RevisionRow])
    listings: dict[tuple[str, str], Listing] = field(
        default_factory=dict[tuple[str, str], Listing]
    )
    states: dict[tuple[Scope, str], StateChange] = field(
        default_factory=dict[tuple[Scope, str], StateChange]
    )
    alerts: dict[AlertId, AlertRow] = field(default_factory=dict[AlertId, AlertRow])
    alert_feeds: dict[AlertId, FeedId] = field(default_factory=dict[AlertId, FeedId])
    keys: dict[tuple[FeedId, str], DuplicateKey] = field(
        default_factory=dict[tuple[FeedId, str], DuplicateKey]
    )
    refusals: list[Refusal] = field(default_factory=list[Refusal])
    jobs: dict[JobId, JobRow] = field(default_factory=dict[JobId, JobRow])
    leases: dict[Key, Lease] = field(default_factory=dict[Key, Lease])
    marks: dict[Key, MarkRow] = field(default_factory=dict[Key, MarkRow])
    timers: dict[BotId, datetime] = field(default_factory=dict[BotId, datetime])
    transitions: dict[OrderId, list[Transition]] = field(
        default_factory=dict[OrderId, list[Transition]]
    )
    fills: list[FillRecord] = field(default_factory=list[FillRecord])
    trades: list[TradeEntry] = field(default_factory=list[TradeEntry])

    def bot(self, id: BotId) -> BotRow:
        """Return the bot of an id."""
        return next(row for row in self.bots.values() if row.id == id)

    def account(self, id: AccountId) -> AccountRow:
        """Return the account of an id."""
        return next(row for row in self.accounts.values() if row.id == id)

    def unfinished(self, key: Key) -> list[JobRow]:
        """Return the key's jobs that are not over, in order of receipt."""
        return [
            row for row in self.jobs.values() if row.key == key and row.finished_at is None
        ]

    def realized(self, account: AccountId, since: datetime | None = None) -> Decimal:
        """Return what an account's fills realized, net of their fees."""
        owners = {
            working.order.id: self.bot(intent.bot).account
            for row in self.jobs.values()
            for intent in row.job.intents
            for working in row.job.orders
            if working.intent == intent.id
        }
        total = ZERO
        for fill in self.fills:
            if owners[fill.order] == account and (since is None or fill.at >= since):
                total = add(total, subtract(fill.realized, fill.fee))
        return total
