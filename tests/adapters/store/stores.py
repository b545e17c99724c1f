"""Both stores under one roof: what a contract test needs to deploy, send, work and wait."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from adapters.broker.paper import PaperBroker
from adapters.clock.fixed import FixedClock
from adapters.clock.system import SystemClock
from adapters.paper_ledger.memory import MemoryPaperLedger
from adapters.paper_ledger.postgres import PostgresPaperLedger
from adapters.store.memory.configuration import MemoryConfiguration
from adapters.store.memory.database import MemoryDatabase
from adapters.store.memory.flattening import MemoryFlattenings
from adapters.store.memory.inbox import MemoryInbox
from adapters.store.memory.outbox import MemoryOutbox
from adapters.store.memory.outflow import MemoryOutflows
from adapters.store.memory.overview import MemoryOverviews
from adapters.store.memory.protections import MemoryProtections, MemoryStopAlarms
from adapters.store.memory.settling import MemorySettlements
from adapters.store.memory.views import MemoryViews
from adapters.store.memory.watching import MemoryNews, MemoryPulse, MemoryStandings
from adapters.store.memory.work_queue import MemoryWorkQueue
from adapters.store.memory.workbench import MemoryWorkbench
from adapters.store.postgres.configuration import PostgresConfiguration
from adapters.store.postgres.engine import create_engine, create_engine_for_work
from adapters.store.postgres.flattening import PostgresFlattenings
from adapters.store.postgres.inbox import PostgresInbox
from adapters.store.postgres.news import PostgresNews
from adapters.store.postgres.outbox import PostgresOutbox
from adapters.store.postgres.outflow import PostgresOutflows
from adapters.store.postgres.overview import PostgresOverviews
from adapters.store.postgres.protections import PostgresProtections
from adapters.store.postgres.pulse import PostgresPulse
from adapters.store.postgres.settling import PostgresSettlements
from adapters.store.postgres.standing import PostgresStandings
from adapters.store.postgres.stop_alarms import PostgresStopAlarms
from adapters.store.postgres.views import PostgresViews
from adapters.store.postgres.work_queue import PostgresWorkQueue
from adapters.store.postgres.workbench import PostgresWorkbench
from application.configuration.charts import Listing
from application.configuration.values import (
    AccountConfig,
    BotConfig,
    Chart,
    FeedConfig,
    PaperConfig,
)
from application.configuration.writer import (
    account_tree,
    bot_tree,
    feed_tree,
    installation_tree,
)
from application.execute import Execute
from application.ports.clock import Clock
from application.ports.configuration import (
    Author,
    ConfigurationStore,
    DeployedBot,
    Edit,
    Kind,
)
from application.ports.flattening import Flattenings
from application.ports.inbox import Arrival, FannedOut, Inbox, Receipt
from application.ports.news import News
from application.ports.outbox import Outbox
from application.ports.outflow import Outflows
from application.ports.overview import Overviews
from application.ports.paper_ledger import PaperLedger
from application.ports.protections import Protections
from application.ports.pulse import Pulse
from application.ports.settling import Settlements
from application.ports.standing import Standings
from application.ports.stop_alarms import StopAlarms
from application.ports.views import AlertTrace, Views
from application.ports.workbench import Workbench, WorkQueue
from application.records import AccountId, FeedId, IntentId, Key
from application.routing import chart_keys, route
from domain.instrument import Instrument, Symbol
from domain.instrument import Kind as MarketKind
from domain.position import Position
from domain.risk import NO_LIMITS, Limits
from domain.rules import Rules, Scaling, Sizing
from domain.signal import AlertId, Signal
from domain.timeframe import Timeframe
from tests.adapters.store.passing_time import WITH_ORDERS, bring_nearer

AUTHOR = Author(name="ada", source="command line", reason="a test")
FEED = FeedId(1)
TOKEN = "a" * 64
FOUR_HOURS = Timeframe.parse("4h")
BAR = timedelta(hours=4)
CURRENCIES = ("BTC", "ETH", "SOL", "XRP", "ADA", "DOT", "LTC", "BCH", "TRX", "NEAR")
MAX_AGE = 120


@dataclass(slots=True)
class Store:
    """One installation's store, the paper venue beside it, and a way to let time pass."""

    inbox: Inbox
    queue: WorkQueue
    workbench: Workbench
    configuration: ConfigurationStore
    views: Views
    ledger: PaperLedger
    flattenings: Flattenings
    settlements: Settlements
    news: News
    pulse: Pulse
    standings: Standings
    outbox: Outbox
    overviews: Overviews
    protections: Protections
    stop_alarms: StopAlarms
    outflows: Outflows
    clock: Clock
    later: Callable[[timedelta], Awaitable[None]]
    """Let everything that waits for a time come so much nearer."""
    beyond_reach: Callable[[timedelta], Awaitable[None]]
    """The same, also for when an order that was sent could last arrive."""
    first_bar: datetime = field(init=False)
    sent: int = 0

    def __post_init__(self) -> None:
        """Let the first bar be one that closed long ago."""
        now = self.clock.now().replace(minute=0, second=0, microsecond=0)
        self.first_bar = now - 100 * BAR

    def worker(self, name: str = "worker") -> Execute:
        """Return a worker on this store and the paper venue."""
        return Execute(
            queue=self.queue,
            workbench=self.workbench,
            broker=PaperBroker(self.ledger, self.clock),
            new_id=lambda: IntentId(str(uuid4())),
            owner=name,
            now=self.clock.now,
        )

    def signal(self, *, rsi: float = 50, price: str = "100", **more: Any) -> Signal:
        """Return what the next bar's alert says, fired just now."""
        given = Signal(
            alert=AlertId(0),
            received_at=self.clock.now(),
            sent_at=self.clock.now(),
            bar_time=self.first_bar + self.sent * BAR,
            timeframe=FOUR_HOURS,
            rsi=rsi,
            price=Decimal(price),
            exchange="BINANCE",
            ticker="BTCUSDT.P",
        )
        return given._replace(**more)

    async def receive(self, signal: Signal, key: str | None = None) -> Receipt:
        """Keep one alert, under a key of its own unless one is given."""
        self.sent += 1
        name = key or f"id:{self.sent}"
        return await self.inbox.receive(arrival(name, signal=signal))

    async def fan_out(self, limit: int = 500) -> FannedOut:
        """Route what waits."""
        return await self.inbox.fan_out(chart_keys, route, limit)

    async def send(self, *, rsi: float = 50, price: str = "100", **more: Any) -> AlertId:
        """Send the next bar's alert and work until nothing is due."""
        receipt = await self.receive(self.signal(rsi=rsi, price=price, **more))
        await self.settle()
        return receipt.alert

    async def settle(self) -> None:
        """Route and work until nothing is due."""
        await self.fan_out()
        while keys := await self.queue.due(1000):
            for key in keys:
                await self.worker()(key)

    async def trace(self, id: AlertId) -> AlertTrace:
        """Return everything about one alert."""
        found = await self.views.alert(id)
        assert found is not None
        return found

    async def position(self) -> Position | None:
        """Return what the first bot holds; None when everything is flat."""
        rows = await self.views.positions()
        return rows[0].position if rows else None

    async def bot(self, name: str = "bot") -> DeployedBot:
        """Return one bot as it is deployed."""
        deployed = await self.configuration.deployed()
        return next(bot for bot in deployed.bots if bot.config.name == name)


def arrival(key: str | None, **more: Any) -> Arrival:
    """Return an authenticated request whose body is its key."""
    given = Arrival(
        feed=FEED,
        body=f"body of {key}",
        digest=f"digest of {key}",
        size=11,
        source="203.0.113.7",
        content_type="application/json",
        key=key,
        key_expires=False,
        signal=None,
    )
    return replace(given, **more)


def market(base: str, *, spot: bool = False) -> Listing:
    """Return a listing of one market against USDT."""
    symbol = f"{base}/USDT" if spot else f"{base}/USDT:USDT"
    instrument = Instrument(
        exchange="binance" if spot else "binanceusdm",
        symbol=Symbol(symbol),
        kind=MarketKind.SPOT if spot else MarketKind.PERPETUAL,
        base=base,
        quote="USDT",
        settle="USDT",
        price_tick=Decimal("0.1"),
        quantity_step=Decimal("0.001"),
        quantity_min=Decimal("0.001"),
        notional_min=Decimal(5),
        contract_size=Decimal(1),
        taker_fee=Decimal("0.0005"),
    )
    ticker = f"{base}USDT" if spot else f"{base}USDT.P"
    return Listing(instrument=instrument, tv_exchange="BINANCE", tv_ticker=ticker)


LISTINGS = tuple(market(base, spot=spot) for base in CURRENCIES for spot in (False, True))
BTC = LISTINGS[0].instrument.symbol
KEY = Key(AccountId(1), BTC)

RULES = Rules(
    timeframe=FOUR_HOURS,
    reverse=True,
    sizing=Sizing(amount=Decimal(1000)),
    scaling=Scaling(max_entries=3),
)


def account_config(name: str = "paper", **more: Any) -> AccountConfig:
    """Return a paper account without fees."""
    given = AccountConfig(
        name=name,
        exchange="binanceusdm",
        paper=PaperConfig(balance=Decimal(10_000), fee_rate=Decimal(0)),
    )
    return replace(given, **more)


def bot_config(name: str = "bot", base: str = "BTC", **more: Any) -> BotConfig:
    """Return a bot on the 4 h chart of a perpetual."""
    given = BotConfig(
        name=name,
        account="paper",
        feed="feed",
        chart=Chart(exchange="BINANCE", ticker=f"{base}USDT.P", timeframe=FOUR_HOURS),
        symbol=Symbol(f"{base}/USDT:USDT"),
        rules=RULES,
        limits=Limits(max_age_seconds=MAX_AGE),
    )
    return replace(given, **more)


def feed_edit(name: str = "feed", token: str | None = TOKEN) -> Edit:
    """Return the edit that makes a feed."""
    tree = feed_tree(FeedConfig(name=name))
    return Edit(kind=Kind.FEED, name=name, tree=tree, token_digest=token)


def account_edit(config: AccountConfig) -> Edit:
    """Return the edit that makes or changes an account."""
    return Edit(kind=Kind.ACCOUNT, name=config.name, tree=account_tree(config))


def bot_edit(config: BotConfig, *, adopt: bool = False) -> Edit:
    """Return the edit that makes or changes a bot."""
    return Edit(
        kind=Kind.BOT,
        name=config.name,
        tree=bot_tree(config),
        symbol=config.symbol,
        adopt=adopt,
    )


def limits_edit(limits: Limits) -> Edit:
    """Return the edit of the installation's limits."""
    tree = installation_tree(limits)
    return Edit(kind=Kind.INSTALLATION, name="installation", tree=tree)


async def deploy(
    store: Store,
    *bots: BotConfig,
    accounts: Sequence[AccountConfig] = (),
    total: Limits = NO_LIMITS,
) -> None:
    """Make one feed, one account unless others are given, and one bot unless given."""
    await store.configuration.sync_instruments(LISTINGS)
    edits = [
        feed_edit(),
        *(account_edit(one) for one in accounts or (account_config(),)),
        *(bot_edit(one) for one in bots or (bot_config(),)),
        limits_edit(total),
    ]
    await store.configuration.edit(edits, (), AUTHOR)


@asynccontextmanager
async def memory_store() -> AsyncIterator[Store]:
    """Yield a store in memory."""
    clock = FixedClock(datetime(2026, 1, 5, 12, tzinfo=UTC))
    database = MemoryDatabase(clock)
    ledger = MemoryPaperLedger(clock)

    async def later(by: timedelta) -> None:
        clock.move(by)

    yield Store(
        inbox=MemoryInbox(database),
        queue=MemoryWorkQueue(database),
        workbench=MemoryWorkbench(database),
        configuration=MemoryConfiguration(database),
        views=MemoryViews(database, ledger.executed),
        ledger=ledger,
        flattenings=MemoryFlattenings(database),
        settlements=MemorySettlements(database),
        news=MemoryNews(database),
        pulse=MemoryPulse(database),
        standings=MemoryStandings(database),
        outbox=MemoryOutbox(database),
        overviews=MemoryOverviews(database),
        protections=MemoryProtections(database),
        stop_alarms=MemoryStopAlarms(database),
        outflows=MemoryOutflows(database),
        clock=clock,
        later=later,
        beyond_reach=later,
    )


@asynccontextmanager
async def postgres_store(url: str) -> AsyncIterator[Store]:
    """Yield a store on a database; its time is moved by bringing what waits nearer."""
    engine, working = create_engine(url), create_engine_for_work(url)

    async def later(by: timedelta) -> None:
        await bring_nearer(engine, by)

    async def beyond_reach(by: timedelta) -> None:
        await bring_nearer(engine, by, WITH_ORDERS)

    try:
        yield Store(
            inbox=PostgresInbox(engine),
            queue=PostgresWorkQueue(working),
            workbench=PostgresWorkbench(working),
            configuration=PostgresConfiguration(engine),
            views=PostgresViews(engine),
            ledger=PostgresPaperLedger(working),
            flattenings=PostgresFlattenings(engine),
            settlements=PostgresSettlements(engine),
            news=PostgresNews(engine),
            pulse=PostgresPulse(engine),
            standings=PostgresStandings(engine),
            outbox=PostgresOutbox(engine),
            overviews=PostgresOverviews(engine),
            protections=PostgresProtections(engine),
            stop_alarms=PostgresStopAlarms(engine),
            outflows=PostgresOutflows(engine),
            clock=SystemClock(),
            later=later,
            beyond_reach=beyond_reach,
        )
    finally:
        await working.dispose()
        await engine.dispose()
