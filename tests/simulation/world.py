"""A whole installation in memory, a clock that is moved, and crashes that are planned."""

import asyncio
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from inspect import iscoroutinefunction
from typing import Any

from adapters.broker.paper import PaperBroker
from adapters.clock.fixed import FixedClock
from adapters.paper_ledger.memory import MemoryPaperLedger
from adapters.store.memory.database import AccountRow, BotRow, FeedRow, MemoryDatabase
from adapters.store.memory.inbox import MemoryInbox
from adapters.store.memory.work_queue import MemoryWorkQueue
from adapters.store.memory.workbench import MemoryWorkbench
from application.configuration.charts import Listing
from application.configuration.values import (
    AccountConfig,
    BotConfig,
    Chart,
    FeedConfig,
    PaperConfig,
)
from application.execute import Execute
from application.ports.broker import Acknowledged
from application.ports.inbox import Arrival, Receipt
from application.records import AccountId, BotId, FeedId, IntentId, Key, RevisionId
from application.routing import chart_keys, route
from domain.instrument import Symbol
from domain.position import Trade
from domain.risk import NO_LIMITS, Limits
from domain.rules import ExitRules, Rules, Scaling, Sizing
from domain.signal import AlertId, Signal
from domain.timeframe import Timeframe
from tests.application.desks import PERPETUAL

FOUR_HOURS = timedelta(hours=4)
DAY = timedelta(days=1)
START = datetime(2026, 1, 5, tzinfo=UTC)
SYMBOL = Symbol("BTC/USDT:USDT")
KEY = Key(AccountId(1), SYMBOL)
FRAME = Timeframe.parse("4h")
RULES = Rules(
    timeframe=FRAME,
    reverse=True,
    sizing=Sizing(amount=Decimal(1000)),
    scaling=Scaling(max_entries=3),
    exits=ExitRules(stop_loss_percent=Decimal(6)),
)


class Crash(Exception):
    """The process died here."""


@dataclass(slots=True)
class Fate:
    """Counts the steps that touch the world, and dies before or after one of them."""

    steps: int = 0
    dies_at: int | None = None
    after: bool = False
    sleeps_at: int | None = None
    asleep: asyncio.Event = field(default_factory=asyncio.Event)
    wakes: asyncio.Event = field(default_factory=asyncio.Event)

    def plan(self, steps_ahead: int | None, *, after: bool) -> None:
        """Die so many steps from now; never with None."""
        self.dies_at = None if steps_ahead is None else self.steps + steps_ahead
        self.after = after

    async def step(self, call: Callable[[], Any]) -> Any:
        """Make one call to the world, unless the process dies at it."""
        self.steps += 1
        if self.steps == self.sleeps_at:
            self.asleep.set()
            await self.wakes.wait()
        dies = self.steps == self.dies_at
        if dies and not self.after:
            raise Crash
        result = await call()
        if dies:
            raise Crash
        return result


@dataclass(frozen=True, slots=True)
class Mortal:
    """A port whose every call is a step at which the process may die."""

    port: Any
    fate: Fate

    def __getattr__(self, name: str) -> Any:
        """Return the port's method, guarded."""
        method = getattr(self.port, name)
        if not iscoroutinefunction(method):
            return method

        async def guarded(*arguments: Any, **named: Any) -> Any:
            return await self.fate.step(lambda: method(*arguments, **named))

        return guarded


@dataclass(slots=True)
class World:
    """One bot (or several) on one symbol, its store, its venue, and its workers."""

    clock: FixedClock = field(default_factory=lambda: FixedClock(START + 365 * DAY))
    fate: Fate = field(default_factory=Fate)
    database: MemoryDatabase = field(init=False)
    ledger: MemoryPaperLedger = field(init=False)
    ids: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        """Deploy one reversing bot that counts time by bars."""
        self.database = MemoryDatabase(self.clock)
        self.ledger = MemoryPaperLedger(self.clock)
        self.database.listings["binanceusdm", SYMBOL] = Listing(
            instrument=PERPETUAL, tv_exchange="BINANCE", tv_ticker="BTCUSDT.P"
        )
        self.database.feeds["feed"] = FeedRow(
            FeedId(1), FeedConfig(name="feed"), START, "t", RevisionId(1)
        )
        self.account("futures", 1)
        self.bot("bot", 1)

    def account(self, name: str, id: int, limits: Limits = NO_LIMITS) -> None:
        """Open a paper account that counts time by bars."""
        config = AccountConfig(
            name=name,
            exchange="binanceusdm",
            paper=PaperConfig(balance=Decimal(100_000), clock="bar"),
            limits=limits,
        )
        self.database.accounts[name] = AccountRow(AccountId(id), config, RevisionId(id))

    def bot(self, name: str, id: int, rules: Rules = RULES) -> None:
        """Deploy a bot on the account `futures`."""
        config = BotConfig(
            name=name,
            account="futures",
            feed="feed",
            chart=Chart(exchange="BINANCE", ticker="BTCUSDT.P", timeframe=FRAME),
            symbol=SYMBOL,
            rules=rules,
        )
        self.database.bots[name] = BotRow(
            BotId(id), config, SYMBOL, AccountId(1), FeedId(1), RevisionId(id)
        )

    def worker(self, name: str = "worker", fate: Fate | None = None) -> Execute:
        """Return a worker that may die, or fall asleep, at every step."""
        fate = fate or self.fate
        broker: Any = Mortal(PaperBroker(self.ledger, self.clock), fate)
        queue: Any = Mortal(MemoryWorkQueue(self.database), fate)
        workbench: Any = Mortal(MemoryWorkbench(self.database), fate)
        return Execute(
            queue=queue,
            workbench=workbench,
            broker=broker,
            new_id=lambda: IntentId(f"intent-{next(self.ids)}"),
            owner=name,
            now=self.clock.now,
        )

    def sent_at(self, bar: datetime) -> datetime:
        """Return when the alert of a bar was fired: at its close."""
        return bar + FOUR_HOURS

    async def receive(self, bar: int, rsi: float, price: int | Decimal) -> Receipt:
        """Receive the alert of a bar; the same bar is the same alert."""
        opened = START + bar * FOUR_HOURS
        signal = Signal(
            alert=AlertId(0),
            received_at=self.clock.now(),
            sent_at=self.sent_at(opened),
            bar_time=opened,
            timeframe=FRAME,
            rsi=rsi,
            price=Decimal(price),
            exchange="BINANCE",
            ticker="BTCUSDT.P",
        )
        arrival = Arrival(
            feed=FeedId(1),
            body=f"{bar} {rsi} {price}",
            digest=f"{bar} {rsi} {price}",
            size=1,
            source="127.0.0.1",
            content_type="",
            key=f"id:{bar}",
            key_expires=False,
            signal=signal,
        )
        inbox = Mortal(MemoryInbox(self.database), self.fate)
        receipt: Receipt = await inbox.receive(arrival)
        return receipt

    async def fan_out(self) -> None:
        """Route what waits."""
        await Mortal(MemoryInbox(self.database), self.fate).fan_out(chart_keys, route, 100)

    async def settle(self) -> None:
        """Route and work without dying until nothing is left, letting leases run out."""
        self.fate.plan(None, after=False)
        await self.fan_out()
        for _ in range(1_000):
            if not any(row.finished_at is None for row in self.database.jobs.values()):
                return
            for key in await MemoryWorkQueue(self.database).due(100):
                await self.worker()(key)
            self.clock.move(timedelta(seconds=1))
        message = "the work never ended"
        raise AssertionError(message)

    def trades(self) -> list[Trade]:
        """Return the completed trades."""
        return [entry.closed.trade for entry in self.database.trades]

    def lots(self) -> list[tuple[Decimal, Decimal]]:
        """Return what the bots hold."""
        return [
            (lot.quantity, lot.price)
            for bot in self.database.bots.values()
            for lot in bot.state.position.lots
        ]


def agree(world: World) -> None:
    """Assert that the venue's books and ours say the same, and that nothing was doubled."""
    jobs = [row.job for row in world.database.jobs.values()]
    orders = {one.order.id: one.order for job in jobs for one in job.orders}
    at_venue = {
        id: sum(fill.quantity for fill in answer.fills)
        for id, answer in world.ledger.answers.items()
        if isinstance(answer, Acknowledged) and answer.fills
    }
    ours = {id: order.filled for id, order in orders.items() if order.filled}
    assert at_venue == ours
    for job in jobs:
        for intent in job.intents:
            done = sum(one.order.filled for one in job.orders if one.intent == intent.id)
            assert done in (0, intent.quantity), f"{intent} filled for {done}"
    held = sum(
        (position.quantity if side == "LONG" else -position.quantity)
        for bot in world.database.bots.values()
        for position in (bot.state.position,)
        for side in (position.side.value if position.side else "LONG",)
    )
    holding = world.ledger.holdings.get((AccountId(1), SYMBOL))
    assert held == (holding.quantity if holding else 0)
