"""The tables, as values in dictionaries. One lock stands for one transaction at a time."""

import asyncio
from bisect import insort
from collections import Counter
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from adapters.store.memory.notices import Channel, NoticeRow
from adapters.store.memory.rows import (
    AccountRow,
    BotRow,
    Configured,
    DuplicateKey,
    Execution,
    FeedRow,
    FlatteningRow,
    JobRow,
    Lease,
    MissingStop,
    TradeEntry,
)
from application.configuration.charts import Listing
from application.notice import Notice
from application.ports.clock import Clock
from application.ports.configuration import RevisionRow, Scope, StateChange
from application.ports.flattening import FlatteningId
from application.ports.news import EventKind, Happening, Place
from application.ports.outbox import NotificationId
from application.ports.protections import Protection
from application.ports.views import AlertRow, RefusedRequest
from application.records import (
    AccountId,
    BotId,
    Dust,
    FeedId,
    Intent,
    IntentId,
    Job,
    JobCause,
    JobId,
    JobStatus,
    Key,
    Transition,
)
from application.reserving import Reservation, ReservationKind
from application.usage import DayMark
from domain.instrument import Instrument
from domain.order import OrderId
from domain.reasons import Reason
from domain.risk import NO_LIMITS, Limits
from domain.signal import AlertId, Signal

__all__ = [
    "AccountRow",
    "BotRow",
    "FeedRow",
    "JobRow",
    "MemoryDatabase",
]


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
    actions: list[StateChange] = field(default_factory=list[StateChange])
    alerts: dict[AlertId, AlertRow] = field(default_factory=dict[AlertId, AlertRow])
    alert_feeds: dict[AlertId, FeedId] = field(default_factory=dict[AlertId, FeedId])
    waiting: dict[AlertId, None] = field(default_factory=dict[AlertId, None])
    """The alerts that are not routed yet, in order of receipt."""
    keys: dict[tuple[FeedId, str], DuplicateKey] = field(
        default_factory=dict[tuple[FeedId, str], DuplicateKey]
    )
    refusals: list[RefusedRequest] = field(default_factory=list[RefusedRequest])
    refused: Counter[Reason] = field(default_factory=Counter[Reason])
    jobs: dict[JobId, JobRow] = field(default_factory=dict[JobId, JobRow])
    owners: dict[IntentId, JobId] = field(default_factory=dict[IntentId, JobId])
    """The job of every intent."""
    leases: dict[Key, Lease] = field(default_factory=dict[Key, Lease])
    marks: dict[Key, DayMark] = field(default_factory=dict[Key, DayMark])
    timers: dict[BotId, datetime] = field(default_factory=dict[BotId, datetime])
    transitions: dict[OrderId, list[Transition]] = field(
        default_factory=dict[OrderId, list[Transition]]
    )
    executions: dict[AccountId, list[Execution]] = field(
        default_factory=dict[AccountId, list[Execution]]
    )
    """Every fill of an account, in order of its time."""
    dust: list[Dust] = field(default_factory=list[Dust])
    """What was left of positions and counts no more."""
    trades: list[TradeEntry] = field(default_factory=list[TradeEntry])
    reservations: dict[tuple[IntentId, ReservationKind], Reservation] = field(
        default_factory=dict[tuple[IntentId, ReservationKind], Reservation]
    )
    """Those that are not released."""
    live: dict[BotId, dict[IntentId, None]] = field(
        default_factory=dict[BotId, dict[IntentId, None]]
    )
    """Entries of each bot that may still become part of its position."""
    entries: dict[AccountId, list[tuple[datetime, IntentId]]] = field(
        default_factory=dict[AccountId, list[tuple[datetime, IntentId]]]
    )
    """Every entry that went under way, in order of its time."""
    protections: dict[OrderId, Protection] = field(
        default_factory=dict[OrderId, Protection]
    )
    """Every protective order, in the order in which they were made."""
    protection_moves: dict[OrderId, list[Transition]] = field(
        default_factory=dict[OrderId, list[Transition]]
    )
    missing_stops: dict[BotId, MissingStop] = field(
        default_factory=dict[BotId, MissingStop]
    )
    flattenings: dict[FlatteningId, FlatteningRow] = field(
        default_factory=dict[FlatteningId, FlatteningRow]
    )
    happened: list[Happening] = field(default_factory=list[Happening])
    beats: dict[str, tuple[str, datetime]] = field(
        default_factory=dict[str, tuple[str, datetime]]
    )
    """The role of each process, and its newest sign of life."""
    notices: list[NoticeRow] = field(default_factory=list[NoticeRow])
    channels: dict[str, Channel] = field(default_factory=dict[str, Channel])
    created_at: datetime = field(init=False)
    _unfinished: dict[Key, dict[JobId, None]] = field(
        default_factory=dict[Key, dict[JobId, None]]
    )
    _bots: dict[BotId, BotRow] = field(default_factory=dict[BotId, BotRow])

    def __post_init__(self) -> None:
        """Begin now."""
        self.created_at = self.clock.now()

    def configured(self) -> Configured:
        """Return all that is configured, to be restored where an edit is refused."""
        return Configured(
            feeds={name: copy(row) for name, row in self.feeds.items()},
            accounts={name: copy(row) for name, row in self.accounts.items()},
            bots={name: copy(row) for name, row in self.bots.items()},
            timers=dict(self.timers),
            limits=self.limits,
            revisions=len(self.revisions),
        )

    def restore(self, before: Configured) -> None:
        """Undo everything that was configured since."""
        self.feeds, self.accounts, self.bots = before.feeds, before.accounts, before.bots
        self.timers, self.limits = before.timers, before.limits
        del self.revisions[before.revisions :]
        self._bots = {}

    def bot(self, id: BotId) -> BotRow:
        """Return the bot of an id."""
        known = self._bots.get(id)
        if known is None or self.bots.get(known.config.name) is not known:
            self._bots = {row.id: row for row in self.bots.values()}
        return self._bots[id]

    def account(self, id: AccountId) -> AccountRow:
        """Return the account of an id."""
        return next(row for row in self.accounts.values() if row.id == id)

    def bots_of(self, account: AccountId) -> list[BotRow]:
        """Return the bots of an account, in order of their id."""
        found = [row for row in self.bots.values() if row.account == account]
        return sorted(found, key=lambda row: row.id)

    def market(self, key: Key) -> Instrument:
        """Return the instrument of a key.

        Raises:
            LookupError: If there is none.
        """
        exchange = self.account(key.account).config.exchange
        listing = self.listings.get((exchange, key.symbol))
        if listing is None:
            message = f"there is no instrument for {key}"
            raise LookupError(message)
        return listing.instrument

    def unfinished(self, key: Key) -> list[JobRow]:
        """Return the key's jobs that are not over, in order of receipt."""
        return [self.jobs[id] for id in self._unfinished.get(key, {})]

    def busy_keys(self) -> list[Key]:
        """Return the keys that have unfinished jobs, the one with the oldest job first."""
        found = [(next(iter(jobs)), key) for key, jobs in self._unfinished.items() if jobs]
        return [key for _, key in sorted(found, key=lambda one: one[0])]

    def queue(
        self,
        key: Key,
        bot: BotId,
        alert: AlertId | None = None,
        signal: Signal | None = None,
        cause: JobCause | None = None,
    ) -> None:
        """Make a job: of an alert's signal, or of a timer that rang, or as is said."""
        cause = cause or (JobCause.TIMER if alert is None else JobCause.SIGNAL)
        job = Job(
            id=self.next_job(), bot=bot, cause=cause, status=JobStatus.QUEUED, signal=signal
        )
        self.add_job(key, job, alert)

    def next_job(self) -> JobId:
        """Return the id of the next job to be made."""
        return JobId(len(self.jobs) + 1)

    def add_job(self, key: Key, job: Job, alert: AlertId | None = None) -> None:
        """Add a job that was made."""
        self.jobs[job.id] = JobRow(job, key, alert, self.clock.now())
        self._unfinished.setdefault(key, {})[job.id] = None

    def finish(self, row: JobRow) -> None:
        """Say that a job is over."""
        row.finished_at = self.clock.now()
        del self._unfinished[row.key][row.job.id]

    def take_up(self, order: OrderId) -> None:
        """Open the job of an order that was over, in its old place."""
        row = next(
            one
            for one in self.jobs.values()
            if any(working.order.id == order for working in one.job.orders)
        )
        row.finished_at = None
        row.job = replace(row.job, status=JobStatus.WORKING)
        jobs = {**self._unfinished.get(row.key, {}), row.job.id: None}
        self._unfinished[row.key] = dict(sorted(jobs.items()))

    def intent(self, id: IntentId) -> tuple[JobRow, Intent]:
        """Return an intent as it stands, with its job."""
        row = self.jobs[self.owners[id]]
        return row, next(one for one in row.job.intents if one.id == id)

    def tell(self, kind: EventKind, alert: AlertId | None = None) -> None:
        """Say that something happened; each happening is a transaction of its own."""
        number = len(self.happened) + 1
        self.happened.append(Happening(Place(number, number), kind, alert))

    def notify(self, notices: Iterable[Notice]) -> None:
        """Add notices to the outbox, in their order."""
        for notice in notices:
            id = NotificationId(len(self.notices) + 1)
            self.notices.append(NoticeRow(id, notice, self.clock.now()))

    def executed(self, account: AccountId, execution: Execution) -> None:
        """Keep an execution in order of its time."""
        known = self.executions.setdefault(account, [])
        insort(known, execution, key=lambda one: one.fill.at)

    def reserved(self, bot: BotId, *, rest: bool) -> list[Decimal]:
        """Return what a bot holds back, for its later entries only where that is asked."""
        return [
            one.notional
            for one in self.reservations.values()
            if one.bot == bot and (rest or one.kind is ReservationKind.ENTRY)
        ]
