"""What the workbench promises of planning: the whole desk, planned once, kept whole."""

from datetime import timedelta
from decimal import Decimal

import pytest

from application.ports.workbench import NO_NEWS
from application.records import Asks, IntentStatus, JobStatus
from domain.order import OrderEvent, OrderStatus
from domain.position import Lot
from domain.reasons import Reason
from domain.risk import Limits
from domain.signal import Action, Direction
from tests.adapters.store.hands import Hands, asking_after_two, first_order
from tests.adapters.store.stores import (
    KEY,
    Store,
    bot_config,
    deploy,
)


async def test_an_entry_is_planned_sent_filled_and_kept(store: Store) -> None:
    await deploy(store)

    alert = await store.send(rsi=20, price="100")

    job = (await store.trace(alert)).jobs[0]
    order = job.orders[0].order
    held = await store.position()
    assert job.status is JobStatus.DONE
    assert [one.reason for one in job.decisions] == [Reason.ENTRY_OPENED]
    assert [one.status for one in job.intents] == [IntentStatus.DONE]
    assert (order.status, order.filled, order.cost) == (
        OrderStatus.FILLED,
        Decimal(10),
        Decimal(1000),
    )
    assert [one.event for one in job.orders[0].transitions] == [
        OrderEvent.SUBMITTED,
        OrderEvent.FILLED,
    ]
    assert held is not None
    assert held.side is Direction.LONG
    assert held.lots == (Lot(Decimal(10), Decimal(100)),)


async def test_a_scale_in_adds_a_lot_of_its_own(store: Store) -> None:
    await deploy(store)
    await store.send(rsi=20, price="100")

    alert = await store.send(rsi=20, price="80")

    held = await store.position()
    assert (await store.trace(alert)).jobs[0].decisions[0].reason is (
        Reason.ENTRY_SCALED_IN
    )
    assert held is not None
    assert held.lots == (Lot(Decimal(10), Decimal(100)), Lot(Decimal("12.5"), Decimal(80)))
    assert held.numbers == (1, 2)


async def test_a_reversal_closes_first_and_opens_then(store: Store) -> None:
    await deploy(store)
    await store.send(rsi=20, price="100")

    alert = await store.send(rsi=80, price="110")

    job = (await store.trace(alert)).jobs[0]
    held = await store.position()
    assert [one.reason for one in job.decisions] == [
        Reason.EXIT_REVERSED,
        Reason.ENTRY_OPENED,
    ]
    assert [(one.enters, one.status) for one in job.intents] == [
        (False, IntentStatus.DONE),
        (True, IntentStatus.DONE),
    ]
    assert [one.pnl for one in job.trades] == [Decimal(100)]
    assert held is not None
    assert held.side is Direction.SHORT


async def test_a_close_leaves_nothing_and_completes_a_trade(store: Store) -> None:
    await deploy(store)
    await store.send(rsi=20, price="100")

    await store.send(rsi=50, price="103", action=Action.CLOSE)

    rows = await store.views.trades(limit=10)
    assert await store.position() is None
    assert [(one.bot, one.trade.entries, one.trade.pnl) for one in rows] == [
        ("bot", 1, Decimal(30))
    ]


async def test_memory_of_bars_survives_from_plan_to_plan(store: Store) -> None:
    await deploy(store)
    await store.send(rsi=41.5, price="100")
    await store.send(rsi=39.25, price="101")
    hands = await Hands.on(store)
    await store.receive(store.signal())
    await store.fan_out()

    desk = await hands.look()

    memory = next(iter(desk.bots.values())).state.memory
    assert (memory.before_rsi, memory.last_rsi) == (41.5, 39.25)
    assert memory.last_bar == store.first_bar + timedelta(hours=4)
    assert desk.mark is not None
    assert desk.mark.price == Decimal(101)


async def test_the_desk_holds_the_bots_that_have_something_to_do_here(
    store: Store,
) -> None:
    await deploy(store, bot_config("holds"), bot_config("idle"), bot_config("works"))
    await store.send(rsi=20, bot="holds")
    await store.receive(store.signal(bot="works"))
    await store.fan_out()

    desk = await (await Hands.on(store)).look()

    assert sorted(bot.name for bot in desk.bots.values()) == ["holds", "works"]


async def test_the_desk_holds_the_oldest_fifty_jobs_in_order(store: Store) -> None:
    await deploy(store)
    receipts = [await store.receive(store.signal()) for _ in range(60)]
    await store.fan_out()

    desk = await (await Hands.on(store)).look()

    alerts = [job.signal.alert for job in desk.jobs if job.signal]
    assert alerts == [one.alert for one in receipts[:50]]


async def test_skips_are_kept_whole_however_many(store: Store) -> None:
    await deploy(store)
    receipts = [await store.receive(store.signal(rsi=50)) for _ in range(50)]
    await store.fan_out()

    planned = await (await Hands.on(store)).plan()

    rows = await store.views.alerts(limit=100)
    assert len(planned.changes) == 50
    assert len(rows) == len(receipts)
    assert {row.outcomes for row in rows} == {(("bot", Reason.RSI_NEUTRAL),)}


async def test_a_planner_that_is_called_twice_keeps_one_plan(store: Store) -> None:
    await deploy(store)
    hands, working = await first_order(store)

    job = (await hands.look()).jobs[0]

    assert len(hands.desks) == 2
    assert [one.id for one in job.intents] == [working.intent]
    assert [one.order.id for one in job.orders] == [working.order.id]


async def test_many_jobs_may_ask_for_usage_in_one_plan(store: Store) -> None:

    tight = bot_config(limits=Limits(position_notional=Decimal(10)))
    await deploy(store, tight)
    for _ in range(4):
        await store.receive(store.signal(rsi=20))
    await store.fan_out()
    hands = await Hands.on(store)

    planned = await hands.plan()

    reasons = [changes.decisions[0].reason for changes in planned.changes]
    asked = [usage.job for usage in hands.usages()]
    assert reasons == [Reason.LIMIT_POSITION_NOTIONAL] * 4
    assert asked == [changes.job for changes in planned.changes]


async def test_what_was_planned_before_a_question_is_kept(store: Store) -> None:
    await deploy(store)
    for _ in range(4):
        await store.receive(store.signal(rsi=50))
    await store.fan_out()
    hands = await Hands.on(store)

    planned = await store.workbench.advance(hands.claim, NO_NEWS, asking_after_two)

    desk = await hands.look()
    assert planned.asks is Asks.BALANCE
    assert len(planned.changes) == 2
    assert planned.asking_job == desk.jobs[0].id
    assert len(desk.jobs) == 2


async def test_a_planner_that_fails_leaves_nothing(store: Store) -> None:
    await deploy(store)
    alert = await store.receive(store.signal(rsi=20))
    await store.fan_out()
    hands = await Hands.on(store)

    def broken(_: object) -> None:
        message = "no plan today"
        raise ArithmeticError(message)

    with pytest.raises(ArithmeticError):
        await store.workbench.advance(hands.claim, NO_NEWS, broken)  # type: ignore[arg-type]

    job = (await store.trace(alert.alert)).jobs[0]
    assert (job.status, job.decisions) == (JobStatus.QUEUED, ())
    assert (await hands.look()).key == KEY
