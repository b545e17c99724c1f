"""Orders counted against intents: a doubled one is planted, and entries stop by it."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from adapters.broker.paper import PaperBroker
from application.answers import Answer
from application.execute import Execute
from application.ports.broker import VenueOrder
from application.ports.configuration import Scope, StateChange
from application.ports.workbench import Claim, News, Planner, Workbench
from application.records import Changes, Desk, JobStatus, Planned, Step, Transition
from application.steps import after
from application.watch_outflow import WatchOutflow
from domain.order import OrderEvent, OrderId, OrderStatus
from domain.outflow import Outflow
from domain.reasons import Reason
from domain.risk import TradingState
from domain.signal import Action
from tests.adapters.store.hands import Hands
from tests.adapters.store.stores import AUTHOR, KEY, Store, deploy

DAY = timedelta(days=1)


@dataclass
class WorkbenchThatSendsTwice:
    """It lets every entry leave a second time, under another id."""

    real: Workbench

    async def advance(self, claim: Claim, news: News, planner: Planner) -> Planned:
        """Plan as usual, and double what leaves."""

        def twice(desk: Desk) -> Planned:
            return _doubled(planner(desk))

        return await self.real.advance(claim, news, twice)


class BrokerThatOrdersOnItsOwn(PaperBroker):
    """With every order the venue gets another one that nobody asked for."""

    async def place(self, order: VenueOrder) -> Answer:
        """Place the order, and one more."""
        await super().place(replace(order, order=replace(order.order, id=_other(order))))
        return await super().place(order)


def _other(order: VenueOrder) -> OrderId:
    return OrderId(order.order.id[::-1])


def _doubled(planned: Planned) -> Planned:
    if not planned.to_send or planned.after is None:
        return planned
    one, steps, desk = planned.to_send[0], planned.steps, planned.after
    twin = replace(one.order, id=OrderId(one.order.id[::-1]), generation=2)
    sent = replace(one, order=twin)
    leaves = Transition(order=twin.id, event=OrderEvent.SUBMITTED, evidence="", at=desk.now)
    made = replace(one, order=replace(twin, status=OrderStatus.PLANNED))
    for orders, transitions in (((made,), ()), ((sent,), (leaves,))):
        changes = Changes(
            job=desk.jobs[0].id,
            status=JobStatus.WORKING,
            orders=orders,
            transitions=transitions,
        )
        steps, desk = (*steps, Step(desk, changes)), after(desk, changes)
    return replace(planned, steps=steps, after=desk, to_send=(one, sent))


async def work(store: Store, worker: Execute) -> None:
    await store.receive(store.signal(rsi=20))
    await store.fan_out()
    await worker(KEY)


async def counted(store: Store) -> Outflow:
    (one,) = await store.outflows.counted(DAY)
    return one.counted


async def state(store: Store) -> StateChange | None:
    states = {(one.scope, one.name): one for one in await store.configuration.states()}
    return states.get((Scope.ACCOUNT, "paper"))


async def test_whatever_was_called_for_is_accounted_for(store: Store) -> None:
    await deploy(store)
    await store.send(rsi=20)
    await store.send(rsi=20, price="98")
    await store.send(rsi=80)
    await store.send(action=Action.CLOSE)

    await WatchOutflow(store.outflows)()

    seen = await counted(store)
    assert (seen.called_for, seen.left, seen.overdue) == (5, 5, 0)
    assert await state(store) is None


async def test_a_doubled_order_stops_entries_and_people_are_told(store: Store) -> None:
    await deploy(store)
    doubling = replace(store.worker(), workbench=WorkbenchThatSendsTwice(store.workbench))
    await work(store, doubling)

    await WatchOutflow(store.outflows)()
    await WatchOutflow(store.outflows)()

    reason = "brake.orders_exceed_intents: 2 orders left where 1 were called for."
    seen, now = await counted(store), await state(store)
    assert (seen.called_for, seen.left) == (1, 2)
    assert now is not None
    assert (now.state, now.author.source) == (TradingState.REDUCING, "brake")
    assert now.author.reason == reason
    told = [one.notice.lines[0] for one in await store.outbox.waiting(10)]
    assert told.count("A brake fired: 2 orders left where 1 were called for.") == 1


async def test_nothing_is_entered_after_a_doubled_order(store: Store) -> None:
    await deploy(store)
    doubling = replace(store.worker(), workbench=WorkbenchThatSendsTwice(store.workbench))
    await work(store, doubling)
    await WatchOutflow(store.outflows)()

    later = await store.send(rsi=20)

    decided = (await store.trace(later)).jobs[0].decisions
    assert [one.reason for one in decided] == [Reason.STATE_REDUCING]


@pytest.mark.parametrize("lives", [True, False])
async def test_what_is_decided_and_never_leaves_is_noticed(
    store: Store, *, lives: bool
) -> None:
    await deploy(store)
    await store.receive(store.signal(rsi=20))
    await store.fan_out()
    hands = await Hands.on(store)
    await hands.plan()
    role = "worker" if lives else "scheduler"
    await store.pulse.beat("host:1", role)
    await store.later(timedelta(seconds=61))
    await store.pulse.beat("host:1", role)

    await WatchOutflow(store.outflows)()

    now = await state(store)
    assert (await counted(store)).overdue == int(lives)
    assert (now.state if now else None) == (TradingState.REDUCING if lives else None)


async def test_who_resumes_begins_to_count_anew(store: Store) -> None:
    await deploy(store)
    doubling = replace(store.worker(), workbench=WorkbenchThatSendsTwice(store.workbench))
    await work(store, doubling)
    await WatchOutflow(store.outflows)()

    await store.later(timedelta(seconds=1))
    active = TradingState.ACTIVE
    await store.configuration.change_state(Scope.ACCOUNT, "paper", active, AUTHOR)
    await WatchOutflow(store.outflows)()

    now = await state(store)
    assert now is None or now.state is TradingState.ACTIVE
    assert (await counted(store)).left == 0


@pytest.mark.parametrize("place", ["postgres"], indirect=True)
async def test_an_order_that_only_the_paper_venue_knows_stops_entries(store: Store) -> None:
    await deploy(store)
    broker = BrokerThatOrdersOnItsOwn(store.ledger, store.clock)
    await work(store, replace(store.worker(), broker=broker))

    await WatchOutflow(store.outflows)()

    now = await state(store)
    assert (await counted(store)).strange == 1
    assert now is not None
    assert now.state is TradingState.REDUCING
