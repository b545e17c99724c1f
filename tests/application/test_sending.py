"""The last check before an order leaves."""

from dataclasses import replace

from application.advancing import sent
from application.planning import plan
from application.records import Changes, Desk, IntentId, JobStatus, WorkingOrder
from application.steps import after
from domain.order import OrderId, OrderStatus
from domain.reasons import Reason
from domain.risk import TradingState
from tests.application.desks import BOT, desk, job, long_position, signal, with_usage
from tests.application.desks import bot as bot_of

TWICE = Reason.BRAKE_ORDERS_EXCEED_INTENTS


def planned_twice(given: Desk) -> tuple[Desk, tuple[WorkingOrder, ...]]:
    """Return a desk whose only job has a second order for the same intent."""
    made = plan(given, lambda: IntentId("one"))
    assert made.after is not None
    (first,) = made.to_send
    order = replace(first.order, id=OrderId("twin"), generation=2)
    twin = replace(first, order=order)
    changes = Changes(job=made.after.jobs[0].id, status=JobStatus.WORKING, orders=(twin,))
    return after(made.after, changes), (first, twin)


def test_a_second_order_of_an_entry_is_held_back_and_entries_stop() -> None:
    given = job(signal(20))
    known, both = planned_twice(with_usage(desk(given), given))

    left = sent(known, both)

    assert [one.order.id for one in left.to_send] == [both[0].order.id]
    denied = left.steps[-1].changes
    assert denied.brake is not None
    assert (denied.brake.reason, denied.brake.value) == (TWICE, 2)
    assert [one.order.status for one in denied.orders] == [OrderStatus.DENIED]
    assert left.after is not None
    assert left.after.bots[BOT].trading_state is TradingState.REDUCING


def test_a_second_order_of_an_exit_leaves_and_entries_stop() -> None:
    given = job(signal(80, bar=1))
    held = bot_of(position=long_position())
    known, both = planned_twice(desk(given, bots=(held,)))

    left = sent(known, both)

    assert len(left.to_send) == len(both)
    assert left.steps[-1].changes.brake is not None


def test_an_order_that_takes_over_from_one_that_never_arrived_leaves() -> None:
    given = job(signal(20))
    known, (first, twin) = planned_twice(with_usage(desk(given), given))
    never = replace(first, order=replace(first.order, status=OrderStatus.NOT_PLACED))
    changes = Changes(job=given.id, status=JobStatus.WORKING, orders=(never,))

    left = sent(after(known, changes), (twin,))

    assert [one.order.id for one in left.to_send] == [twin.order.id]
    assert left.steps[-1].changes.brake is None
