"""What the workbench promises: planned once, sent once, recorded once, behind a fence."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from application.ports.views import AlertTrace
from application.ports.workbench import LEASE, ClaimLost
from application.records import Asks, IntentStatus, JobStatus, WorkingOrder
from domain.order import OrderEvent, OrderStatus
from domain.position import Lot, Position
from domain.reasons import Reason
from domain.risk import Limits, TradingState
from domain.signal import Action, AlertId, Direction
from application.ports.configuration import Scope
from tests.adapters.store.hands import LOST, REFUSED, Hands, asking_after_two
from tests.adapters.store.stores import (
    AUTHOR,
    KEY,
    RULES,
    Store,
    bot_config,
    bot_edit,
    deploy,
)

EXPIRED = LEASE + timedelta(seconds=1)


async def trace(store: Store, id: AlertId) -> AlertTrace:
    found = await store.views.alert(id)
    assert found is not None
    return found


async def position(store: Store) -> Position | None:
    rows = await store.views.positions()
    return rows[0].position if rows else None


async def first_order(store: Store) -> tuple[Hands, WorkingOrder]:
    """Plan the entry of one alert, and hold its key."""
    await store.receive(store.signal(rsi=20))
    await store.fan_out()
    hands = await Hands.on(store)
    planned = await hands.plan()
    return hands, planned.to_send[0]


async def test_an_entry_is_planned_sent_filled_and_kept(store: Store) -> None:
    await deploy(store)

    alert = await store.send(rsi=20, price="100")

    job = (await trace(store, alert)).jobs[0]
    order = job.orders[0].order
    held = await position(store)
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

    held = await position(store)
    assert (await trace(store, alert)).jobs[0].decisions[0].reason is (
        Reason.ENTRY_SCALED_IN
    )
    assert held is not None
    assert held.lots == (Lot(Decimal(10), Decimal(100)), Lot(Decimal("12.5"), Decimal(80)))
    assert held.numbers == (1, 2)


async def test_a_reversal_closes_first_and_opens_then(store: Store) -> None:
    await deploy(store)
    await store.send(rsi=20, price="100")

    alert = await store.send(rsi=80, price="110")

    job = (await trace(store, alert)).jobs[0]
    held = await position(store)
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
    assert await position(store) is None
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

    planned = await store.workbench.plan(hands.claim, asking_after_two)

    desk = await hands.look()
    assert planned.asks is Asks.BALANCE
    assert len(planned.changes) == 2
    assert planned.asking_job == desk.jobs[0].id
    assert len(desk.jobs) == 2


async def test_who_lost_the_key_plans_nothing(store: Store) -> None:
    await deploy(store)
    alert = await store.receive(store.signal(rsi=20))
    await store.fan_out()
    lost = await Hands.on(store, owner="sleeper")
    await store.later(EXPIRED)
    await Hands.on(store, owner="other")

    with pytest.raises(ClaimLost):
        await lost.plan()

    job = (await trace(store, alert.alert)).jobs[0]
    assert (job.status, job.decisions, job.orders) == (JobStatus.QUEUED, (), ())


async def test_who_lost_the_key_sends_nothing(store: Store) -> None:
    await deploy(store)
    lost, working = await first_order(store)
    await store.later(EXPIRED)
    other = await Hands.on(store, owner="other")

    with pytest.raises(ClaimLost):
        await lost.send(working)

    job = (await other.look()).jobs[0]
    assert job.orders[0].order.status is OrderStatus.PLANNED


async def test_who_lost_the_key_records_nothing(store: Store) -> None:
    await deploy(store)
    lost, working = await first_order(store)
    await lost.send(working)
    await store.later(EXPIRED)
    other = await Hands.on(store, owner="other")

    with pytest.raises(ClaimLost):
        await lost.record(working, lost.filled(working, "10", "100"))

    job = (await other.look()).jobs[0]
    assert job.orders[0].order.status is OrderStatus.SUBMITTING
    assert await position(store) is None


async def test_who_takes_over_sees_what_was_kept(store: Store) -> None:
    await deploy(store)
    dead, working = await first_order(store)
    left = await dead.send(working)
    await store.later(EXPIRED)
    other = await Hands.on(store, owner="other")

    planned = await other.plan()

    assert left is not None
    assert [one.order for one in planned.to_resolve] == [left.order]


async def test_an_order_leaves_once(store: Store) -> None:
    await deploy(store)
    hands, working = await first_order(store)

    first = await hands.send(working)
    second = await hands.send(working)

    assert first is not None
    assert first.order.status is OrderStatus.SUBMITTING
    assert first.order.may_arrive_until is not None
    assert second is None


async def test_a_halt_denies_at_the_last_moment(store: Store) -> None:
    await deploy(store)
    hands, working = await first_order(store)
    await store.configuration.change_state(
        Scope.GLOBAL, "", TradingState.HALTED, AUTHOR
    )

    left = await hands.send(working)
    again = await hands.send(working)

    row = (await store.views.alerts(limit=1))[0]
    job = (await trace(store, row.id)).jobs[0]
    assert left is not None
    assert left.denial is not None
    assert again is None
    assert job.status is JobStatus.DONE
    assert job.intents[0].status is IntentStatus.DENIED
    assert job.orders[0].order.status is OrderStatus.DENIED
    assert row.outcomes == (("bot", Reason.STATE_HALTED),)
    assert (await hands.look()).jobs == ()


async def test_an_answer_recorded_twice_counts_once(store: Store) -> None:
    await deploy(store)
    hands, working = await first_order(store)
    await hands.send(working)
    half = hands.filled(working, "4", "100", ended=False)

    await hands.record(working, half)
    await hands.record(working, half)

    held = await position(store)
    order = (await store.views.orders(limit=1))[0].order
    assert held is not None
    assert held.quantity == Decimal(4)
    assert (order.status, order.filled) == (OrderStatus.PARTIALLY_FILLED, Decimal(4))
    assert (await store.views.accounted()).doubled == 0


async def test_what_still_may_fill_is_a_working_entry(store: Store) -> None:
    await deploy(store)
    hands, working = await first_order(store)
    await hands.send(working)
    await hands.record(working, hands.filled(working, "4", "100", ended=False))

    state = next(iter((await hands.look()).bots.values())).state

    assert [(one.number, one.quantity) for one in state.working] == [(1, Decimal(6))]
    assert state.entries == 1


async def test_nothing_is_recorded_of_work_that_is_over(store: Store) -> None:
    await deploy(store)
    hands, working = await first_order(store)
    await hands.send(working)
    answer = hands.filled(working, "10", "100")
    done = await hands.record(working, answer)

    late = await hands.record(working, answer)

    assert done is not None
    assert done.status is JobStatus.DONE
    assert late is None


async def test_an_answer_that_is_lost_is_kept_as_unknown(store: Store) -> None:
    await deploy(store)
    hands, working = await first_order(store)
    await hands.send(working)

    await hands.record(working, LOST)
    await hands.record(working, LOST)
    planned = await hands.plan()

    assert [one.order.status for one in planned.to_resolve] == [OrderStatus.UNKNOWN]
    transitions = (await trace(store, AlertId(1))).jobs[0].orders[0].transitions
    assert [one.event for one in transitions] == [
        OrderEvent.SUBMITTED,
        OrderEvent.BECAME_UNKNOWN,
        OrderEvent.BECAME_UNKNOWN,
    ]


async def test_a_refused_entry_ends_its_job(store: Store) -> None:
    await deploy(store)
    hands, working = await first_order(store)
    await hands.send(working)

    await hands.record(working, REFUSED)

    job = (await trace(store, AlertId(1))).jobs[0]
    assert job.status is JobStatus.DONE
    assert job.intents[0].status is IntentStatus.FAILED
    assert job.orders[0].transitions[-1].evidence == "no: not today"


async def test_a_position_keeps_the_rules_it_was_opened_with(store: Store) -> None:
    await deploy(store)
    await store.send(rsi=20)
    before = await store.bot()
    stricter = bot_config(rules=replace(RULES, reverse=False))
    await store.configuration.edit([bot_edit(stricter)], (), AUTHOR)
    await store.receive(store.signal())
    await store.fan_out()

    bot = next(iter((await (await Hands.on(store)).look()).bots.values()))

    after = await store.bot()
    assert bot.rules.reverse
    assert bot.revision == before.revision
    assert after.revision > before.revision
    assert after.bound_revision == before.revision


async def test_a_position_may_adopt_the_new_rules(store: Store) -> None:
    await deploy(store)
    await store.send(rsi=20)
    stricter = bot_config(rules=replace(RULES, reverse=False))
    await store.configuration.edit([bot_edit(stricter, adopt=True)], (), AUTHOR)
    await store.receive(store.signal())
    await store.fan_out()

    bot = next(iter((await (await Hands.on(store)).look()).bots.values()))

    after = await store.bot()
    assert not bot.rules.reverse
    assert bot.revision == after.revision == after.bound_revision


async def test_a_position_is_bound_to_what_its_entry_was_decided_by(store: Store) -> None:
    await deploy(store)
    before = await store.bot()
    hands, working = await first_order(store)
    await hands.send(working)
    stricter = bot_config(rules=replace(RULES, reverse=False))
    await store.configuration.edit([bot_edit(stricter)], (), AUTHOR)

    await hands.record(working, hands.filled(working, "10", "100"))

    assert (await store.bot()).bound_revision == before.revision


async def test_a_flat_bot_goes_by_its_newest_rules(store: Store) -> None:
    await deploy(store)
    await store.send(rsi=20)
    stricter = bot_config(rules=replace(RULES, reverse=False))
    await store.configuration.edit([bot_edit(stricter)], (), AUTHOR)
    await store.send(rsi=50, action=Action.CLOSE)
    await store.receive(store.signal())
    await store.fan_out()

    bot = next(iter((await (await Hands.on(store)).look()).bots.values()))

    assert not bot.rules.reverse
    assert (await store.bot()).bound_revision is None


async def test_the_strictest_of_three_states_is_on_the_desk(store: Store) -> None:
    await deploy(store)
    await store.receive(store.signal())
    await store.fan_out()
    hands = await Hands.on(store)
    change = store.configuration.change_state

    await change(Scope.BOT, "bot", TradingState.REDUCING, AUTHOR)
    reducing = await hands.look()
    await change(Scope.ACCOUNT, "paper", TradingState.HALTED, AUTHOR)
    halted = await hands.look()
    await change(Scope.ACCOUNT, "paper", TradingState.ACTIVE, AUTHOR)
    await change(Scope.BOT, "bot", TradingState.ACTIVE, AUTHOR)
    active = await hands.look()

    states = [next(iter(one.bots.values())).trading_state for one in (reducing, halted)]
    assert states == [TradingState.REDUCING, TradingState.HALTED]
    assert next(iter(active.bots.values())).trading_state is TradingState.ACTIVE


async def test_a_planner_that_fails_leaves_nothing(store: Store) -> None:
    await deploy(store)
    alert = await store.receive(store.signal(rsi=20))
    await store.fan_out()
    hands = await Hands.on(store)

    def broken(_: object) -> None:
        message = "no plan today"
        raise ArithmeticError(message)

    with pytest.raises(ArithmeticError):
        await store.workbench.plan(hands.claim, broken)  # type: ignore[arg-type]

    job = (await trace(store, alert.alert)).jobs[0]
    assert (job.status, job.decisions) == (JobStatus.QUEUED, ())
    assert (await hands.look()).key == KEY
