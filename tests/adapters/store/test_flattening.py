"""Flattening: halted first, closed by reduce-only orders, believed only to the venue."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

import pytest

from adapters.broker.paper import PaperBroker
from adapters.store.postgres.engine import create_engine
from adapters.store.postgres.workbench import PostgresWorkbench
from application.flatten import ATTEMPTS_MAX, SETTLING, PursueFlattenings
from application.ports.broker import Answer, Refused, VenueOrder
from application.ports.configuration import Scope
from application.ports.flattening import Flattening, FlatteningStatus, Progress
from application.ports.workbench import Claim, News, Planner
from application.records import DeskAccount, Planned
from domain.instrument import Instrument
from domain.order import Order
from domain.risk import TradingState
from tests.adapters.store.stores import (
    AUTHOR,
    CURRENCIES,
    Store,
    account_config,
    bot_config,
    deploy,
    postgres_store,
)

DONE, STUCK = FlatteningStatus.DONE, FlatteningStatus.NEEDS_OPERATOR
ENTRIES_FIRST = 4
"""How many entries must have left before anybody flattens."""


async def begun(store: Store, scope: Scope = Scope.GLOBAL, name: str = "") -> Flattening:
    found = await store.flattenings.begin(scope, name, AUTHOR)
    assert found is not None
    return found


async def pursued(store: Store, broker: PaperBroker | None = None) -> Flattening:
    """Work and pursue until every flattening has ended or only time is missing."""
    used = broker or PaperBroker(store.ledger, store.clock)
    for _ in range(ATTEMPTS_MAX + 2):
        while keys := await store.queue.due(100):
            for key in keys:
                await replace(store.worker(), broker=used)(key)
        await PursueFlattenings(store.flattenings, used)()
    return (await store.flattenings.newest(1))[0]


async def progress(store: Store, one: Flattening) -> Progress:
    found = await store.flattenings.progress(one.id)
    assert found is not None
    return found


async def test_everything_is_closed_and_stays_halted(store: Store) -> None:
    await deploy(store, bot_config(), bot_config("eth", "ETH"))
    await store.send(rsi=20)
    await store.send(rsi=80, ticker="ETHUSDT.P")

    await begun(store)
    ended = await pursued(store)

    assert (ended.status, ended.attempts) == (DONE, 1), ended.outcome
    assert await store.views.positions() == []
    assert (await store.configuration.states())[0].state is TradingState.HALTED


async def test_only_the_account_that_is_named_is_flattened(store: Store) -> None:
    other = bot_config("second", account="other")
    accounts = (account_config(), account_config("other"))
    await deploy(store, bot_config(), other, accounts=accounts)
    await store.send(rsi=20)

    await begun(store, Scope.ACCOUNT, "other")
    ended = await pursued(store)

    assert ended.status is DONE
    assert [row.bot for row in await store.views.positions()] == ["bot"]


async def test_one_bot_closes_its_own_lots_beside_another_on_the_symbol(
    store: Store,
) -> None:
    await deploy(store, bot_config(), bot_config("second"))
    await store.send(rsi=20)

    await begun(store, Scope.BOT, "second")
    ended = await pursued(store)

    assert ended.status is DONE, ended.outcome
    assert [row.bot for row in await store.views.positions()] == ["bot"]


async def test_a_name_that_nothing_has_halts_nothing(store: Store) -> None:
    await deploy(store)

    assert await store.flattenings.begin(Scope.BOT, "nobody", AUTHOR) is None

    assert (await store.configuration.states())[0].state is TradingState.ACTIVE


async def test_asking_twice_is_one_flattening(store: Store) -> None:
    await deploy(store)
    await store.send(rsi=20)

    first, second = await begun(store), await begun(store)
    await pursued(store)

    assert first.id == second.id
    orders = await store.views.orders(limit=10)
    assert [row.order.reduces for row in orders] == [True, False]


async def test_an_entry_that_was_planned_and_not_sent_is_denied(store: Store) -> None:
    await deploy(store)
    await store.receive(store.signal(rsi=20))
    await store.fan_out()

    await begun(store)
    ended = await pursued(store)

    assert ended.status is DONE
    assert await store.views.orders(limit=10) == []


async def test_a_second_look_finds_what_a_dead_process_left(store: Store) -> None:
    await deploy(store)
    await store.send(rsi=20)
    await begun(store)
    claim = await store.queue.claim((await store.queue.due(1))[0], "dies at once")
    assert claim is not None

    waiting = await pursued(store)
    await store.later(timedelta(seconds=6))
    ended = await pursued(store)

    assert waiting.status is FlatteningStatus.RUNNING
    assert ended.status is DONE


@dataclass(frozen=True, slots=True)
class BrokerThatRefusesToClose(PaperBroker):
    """Takes entries only."""

    async def place(self, order: VenueOrder) -> Answer:
        if order.order.reduces:
            return Refused(code="maintenance", text="come back later")
        return await super(BrokerThatRefusesToClose, self).place(order)


async def test_what_cannot_be_closed_is_tried_again_and_then_given_to_a_person(
    store: Store,
) -> None:
    await deploy(store)
    await store.send(rsi=20)

    await begun(store)
    ended = await pursued(store, BrokerThatRefusesToClose(store.ledger, store.clock))

    assert (ended.status, ended.attempts) == (STUCK, ATTEMPTS_MAX)
    assert ended.outcome == "after 5 attempts still held: bot 10 of BTC/USDT:USDT"


@dataclass(frozen=True, slots=True)
class BrokerThatHoldsMore(PaperBroker):
    """Says that half a coin is left, whatever was closed."""

    async def held(self, account: DeskAccount, instrument: Instrument) -> Decimal | None:
        there = await super(BrokerThatHoldsMore, self).held(account, instrument)
        return (there or Decimal(0)) + Decimal("0.5")


async def test_a_venue_that_still_holds_something_is_believed_after_a_second_look(
    store: Store,
) -> None:
    await deploy(store)
    await store.send(rsi=20)
    broker = BrokerThatHoldsMore(store.ledger, store.clock)

    request = await begun(store)
    at_first = await pursued(store, broker)
    since = (await progress(store, request)).differs_since
    await store.later(SETTLING)
    ended = await pursued(store, broker)

    assert at_first.status is FlatteningStatus.RUNNING
    assert since is not None
    assert ended.status is STUCK
    assert "paper holds 0.5 of BTC/USDT:USDT, our books say 0" in ended.outcome


@pytest.mark.parametrize("state", [TradingState.ACTIVE, TradingState.REDUCING])
async def test_resuming_meanwhile_ends_the_repeating(
    store: Store, state: TradingState
) -> None:
    await deploy(store)
    await store.send(rsi=20)
    await begun(store)
    broker = BrokerThatRefusesToClose(store.ledger, store.clock)
    for key in await store.queue.due(10):
        await replace(store.worker(), broker=broker)(key)

    await store.configuration.change_state(Scope.GLOBAL, "", state, AUTHOR)
    ended = await pursued(store)

    assert ended.status is STUCK
    assert ended.outcome.startswith("trading was resumed meanwhile")


@dataclass(slots=True)
class WatchedWorkbench(PostgresWorkbench):
    """Notes every order that was let go by a check made after the halt was kept."""

    halted: asyncio.Event = field(default_factory=asyncio.Event)
    some_left: asyncio.Event = field(default_factory=asyncio.Event)
    before: list[Order] = field(default_factory=list[Order])
    after: list[Order] = field(default_factory=list[Order])

    async def advance(self, claim: Claim, news: News, planner: Planner) -> Planned:
        noted = self.after if self.halted.is_set() else self.before
        planned = await super(WatchedWorkbench, self).advance(claim, news, planner)
        noted.extend(one.order for one in planned.to_send)
        if len(self.before) >= ENTRIES_FIRST:
            self.some_left.set()
        return planned


async def test_nothing_but_closes_leaves_once_the_halt_is_kept(database_url: str) -> None:
    engine = create_engine(database_url)
    workbench = WatchedWorkbench(engine)
    async with postgres_store(database_url) as store:
        store.workbench = workbench
        await deploy(store, *(bot_config(base, base) for base in CURRENCIES))
        over = asyncio.Event()
        tasks = [asyncio.create_task(work(store, str(n), over)) for n in range(6)]
        tasks.append(asyncio.create_task(fire(store, over)))
        await workbench.some_left.wait()

        await begun(store)
        workbench.halted.set()
        await fire(store, over, rounds=3)

        over.set()
        await asyncio.gather(*tasks)
        ended = await pursued(store)

    await engine.dispose()
    assert ended.status is DONE, ended.outcome
    # A close may leave between the halt's commit and the note of it: both lists count.
    closes = [one for one in (*workbench.before, *workbench.after) if one.reduces]
    assert len(closes) > 1
    assert all(order.reduces for order in workbench.after)


async def fire(store: Store, over: asyncio.Event, rounds: int = 1_000) -> None:
    """Let every chart call for another entry, again and again."""
    for _ in range(rounds):
        if over.is_set():
            return
        for base in CURRENCIES:
            signal = store.signal(rsi=20, ticker=f"{base}USDT.P")
            await store.receive(signal)
        await store.fan_out()


async def work(store: Store, name: str, over: asyncio.Event) -> None:
    """Work whatever is due, until it is over."""
    execute = store.worker(name)
    while not over.is_set():
        for key in await store.queue.due(3):
            await execute(key)
