"""A rehearsal on the memory store and the paper venue, the parts that simulations use."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count

from adapters.broker.paper import PaperBroker
from adapters.clock.fixed import FixedClock
from adapters.paper_ledger.memory import MemoryPaperLedger
from adapters.store.memory.configuration import MemoryConfiguration
from adapters.store.memory.database import MemoryDatabase
from adapters.store.memory.inbox import MemoryInbox
from adapters.store.memory.work_queue import MemoryWorkQueue
from adapters.store.memory.workbench import MemoryWorkbench
from application.configuration.charts import Listing
from application.configuration.values import Document
from application.execute import Execute
from application.ports.configuration import Author, Deployed
from application.ports.inbox import Arrival
from application.ports.rehearsal import BotBook, Rehearsed
from application.ports.views import AlertSummary
from application.proposal import Wishes, propose
from application.records import IntentId
from application.routing import chart_keys, route
from domain.reasons import Reason
from domain.risk import NO_LIMITS
from domain.signal import AlertId, Signal

ROUNDS = 20
"""How often keys that are due are worked before time goes on."""

_BATCH = 100
_NOTHING = Deployed(feeds=(), accounts=(), bots=(), limits=NO_LIMITS)
_AUTHOR = Author(name="rehearsal", source="rehearsal")


@dataclass(frozen=True, slots=True)
class MemoryRehearsal:
    """The port ``Rehearsal``. Each call has an installation of its own."""

    listings: Callable[[], Iterable[Listing]]

    async def __call__(
        self, document: Document, alerts: Sequence[AlertSummary]
    ) -> Rehearsed:
        """Run the alerts through ``document``."""
        heard = [(one, one.signal) for one in alerts if one.signal is not None]
        if not heard:
            return Rehearsed(outcomes={})
        stage = _Stage(FixedClock(heard[0][0].received_at))
        await stage.deploy(_on_paper(document), tuple(self.listings()))
        for alert, signal in heard:
            await stage.take(alert, signal)
        return stage.told()


@dataclass(slots=True)
class _Stage:
    """One installation in memory, with a clock that is moved."""

    clock: FixedClock
    database: MemoryDatabase = field(init=False)
    queue: MemoryWorkQueue = field(init=False)
    execute: Execute = field(init=False)
    originals: dict[AlertId, AlertId] = field(default_factory=dict[AlertId, AlertId])
    """The ids here, and those under which the alerts were recorded."""

    def __post_init__(self) -> None:
        """Put the parts together."""
        self.database = MemoryDatabase(self.clock)
        self.queue = MemoryWorkQueue(self.database)
        ids = count(1)
        self.execute = Execute(
            queue=self.queue,
            workbench=MemoryWorkbench(self.database),
            broker=PaperBroker(MemoryPaperLedger(self.clock), self.clock),
            new_id=lambda: IntentId(f"rehearsal-{next(ids)}"),
            owner="rehearsal",
            now=self.clock.now,
        )

    async def deploy(self, document: Document, listings: Sequence[Listing]) -> None:
        configuration = MemoryConfiguration(self.database)
        await configuration.sync_instruments(listings)
        tokens = count(1)
        wanted = propose(document, _NOTHING, Wishes(), lambda: f"token-{next(tokens)}")
        await configuration.edit(wanted.edits, (), _AUTHOR)

    async def take(self, alert: AlertSummary, signal: Signal) -> None:
        await self._wait_until(alert.received_at)
        feed = self.database.feeds.get(alert.feed)
        if feed is None:
            return
        inbox = MemoryInbox(self.database)
        receipt = await inbox.receive(
            Arrival(
                feed=feed.id,
                body="",
                digest="",
                size=0,
                source="",
                content_type="",
                key=None,
                key_expires=False,
                signal=signal,
            )
        )
        self.originals[receipt.alert] = alert.id
        await inbox.fan_out(chart_keys, route, _BATCH)
        await self._work()

    async def _wait_until(self, moment: datetime) -> None:
        """Let timers ring on the way; time never goes back."""
        while self.database.timers:
            due = min(self.database.timers.values())
            if due > moment:
                break
            self.clock.moment = max(due, self.clock.moment)
            if not await self.queue.ring_timers(_BATCH):
                break
            await self._work()
        self.clock.moment = max(moment, self.clock.moment)

    async def _work(self) -> None:
        for _ in range(ROUNDS):
            due = await self.queue.due(_BATCH)
            if not due:
                return
            for key in due:
                await self.execute(key)

    def told(self) -> Rehearsed:
        """Return what is in the tables by now."""
        return Rehearsed(
            outcomes=self._outcomes(),
            unrouted={
                self.originals[row.id]: row.reason
                for row in self.database.alerts.values()
                if row.reason is not None and row.reason is not Reason.ROUTED
            },
            books=self._books(),
        )

    def _outcomes(self) -> dict[tuple[AlertId, str], Reason]:
        found: dict[tuple[AlertId, str], Reason] = {}
        for row in self.database.jobs.values():
            if row.alert is not None and row.job.decisions:
                bot = self.database.bot(row.job.bot).config.name
                found[self.originals[row.alert], bot] = row.job.decisions[-1].reason
        return found

    def _books(self) -> dict[str, BotBook]:
        books: dict[str, BotBook] = {}
        for name, bot in self.database.bots.items():
            mark = self.database.marks.get(bot.key)
            books[name] = BotBook(
                currency=self.database.market(bot.key).settle,
                trades=tuple(
                    one.closed.trade
                    for one in self.database.trades
                    if one.closed.bot == bot.id
                ),
                position=bot.state.position,
                mark=None if mark is None else mark.price,
            )
        return books


def _on_paper(document: Document) -> Document:
    """Return the document with every account on paper, and only the bots that may trade."""
    accounts = tuple(replace(account, mode="paper") for account in document.accounts)
    bots = tuple(bot for bot in document.bots if bot.enabled)
    return replace(document, accounts=accounts, bots=bots)
