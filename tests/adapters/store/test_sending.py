"""What the workbench promises of sending and recording: once, and behind a fence."""

from datetime import timedelta
from decimal import Decimal

import pytest

from application.ports.configuration import Scope
from application.ports.workbench import LEASE, ClaimLost
from application.records import IntentStatus, JobStatus
from domain.order import OrderEvent, OrderStatus
from domain.reasons import Reason
from domain.risk import TradingState
from domain.signal import AlertId
from tests.adapters.store.hands import LOST, REFUSED, Hands, first_order
from tests.adapters.store.stores import (
    AUTHOR,
    Store,
    deploy,
)

EXPIRED = LEASE + timedelta(seconds=1)


async def test_who_lost_the_key_plans_nothing(store: Store) -> None:
    await deploy(store)
    alert = await store.receive(store.signal(rsi=20))
    await store.fan_out()
    lost = await Hands.on(store, owner="sleeper")
    await store.later(EXPIRED)
    await Hands.on(store, owner="other")

    with pytest.raises(ClaimLost):
        await lost.plan()

    job = (await store.trace(alert.alert)).jobs[0]
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
    assert await store.position() is None


async def test_who_takes_over_sees_what_was_kept(store: Store) -> None:
    await deploy(store)
    dead, working = await first_order(store)
    left = (await dead.send(working)).to_send
    await store.later(EXPIRED)
    other = await Hands.on(store, owner="other")

    planned = await other.plan()

    assert planned.to_resolve == left
    assert len(left) == 1


async def test_an_order_leaves_once(store: Store) -> None:
    await deploy(store)
    hands, working = await first_order(store)

    first = await hands.send(working)
    second = await hands.send(working)

    left = first.to_send[0].order
    assert left.status is OrderStatus.SUBMITTING
    assert left.may_arrive_until is not None
    assert (second.steps, second.to_send) == ((), ())


async def test_a_halt_denies_at_the_last_moment(store: Store) -> None:
    await deploy(store)
    hands, working = await first_order(store)
    await store.configuration.change_state(Scope.GLOBAL, "", TradingState.HALTED, AUTHOR)

    left = await hands.send(working)
    again = await hands.send(working)

    row = (await store.views.alerts(limit=1))[0]
    job = (await store.trace(row.id)).jobs[0]
    assert left.to_send == ()
    assert left.changes[0].decisions[0].reason is Reason.STATE_HALTED
    assert again.steps == ()
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

    held = await store.position()
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
    transitions = (await store.trace(AlertId(1))).jobs[0].orders[0].transitions
    assert [one.event for one in transitions] == [
        OrderEvent.SUBMITTED,
        OrderEvent.BECAME_UNKNOWN,
    ]


async def test_a_refused_entry_ends_its_job(store: Store) -> None:
    await deploy(store)
    hands, working = await first_order(store)
    await hands.send(working)

    await hands.record(working, REFUSED)

    job = (await store.trace(AlertId(1))).jobs[0]
    assert job.status is JobStatus.DONE
    assert job.intents[0].status is IntentStatus.FAILED
    assert job.orders[0].transitions[-1].evidence == "no: not today"
