"""A person says what became of an order: recorded like an answer, and never sent again."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from adapters.broker.paper import PaperBroker
from adapters.queue.memory import MemoryQueue
from application.ports.broker import Acknowledged, Answer, Lookup, NotFound, Unknown
from application.ports.broker import VenueOrder as Sent
from application.records import IntentStatus
from application.settle_order import CannotSettle, Fate, Settlement, SettleOrder
from domain.order import Order, OrderEvent, OrderStatus
from domain.reasons import Reason
from domain.signal import AlertId
from tests.adapters.store.hands import first_order
from tests.adapters.store.stores import AUTHOR, KEY, Store, deploy

NOT_PLACED = Settlement(fate=Fate.NOT_PLACED)
PLACED = Settlement(fate=Fate.PLACED, venue_order_id="v-7")
FILLED = Settlement(fate=Fate.FILLED, quantity=Decimal(10), price=Decimal(101))
LONG_AGO = timedelta(seconds=90)


class AVenueThatNeverTells(PaperBroker):
    """It takes orders, and cannot say which."""

    async def place(self, order: Sent) -> Answer:
        del order
        return Unknown(evidence="no answer")

    async def find(self, order: Sent) -> Lookup:
        del order
        return NotFound(authoritative=False, evidence="not in any list")


async def lost(store: Store) -> tuple[AlertId, Order]:
    """Lose an entry so thoroughly that a person must look for it."""
    await deploy(store)
    receipt = await store.receive(store.signal(rsi=20, price="100"))
    await store.fan_out()
    broker = AVenueThatNeverTells(store.ledger, store.clock)
    for _ in range(3):
        await replace(store.worker(), broker=broker)(KEY)
        await store.beyond_reach(LONG_AGO)
    order = await only_order(store, receipt.alert)
    assert order.status is OrderStatus.NEEDS_OPERATOR
    return receipt.alert, order


async def only_order(store: Store, alert: AlertId) -> Order:
    return (await store.trace(alert)).jobs[0].orders[-1].order


def settling(store: Store) -> SettleOrder:
    return SettleOrder(
        settlements=store.settlements,
        queue=store.queue,
        workbench=store.workbench,
        doorbell=MemoryQueue(),
        clock=store.clock,
    )


async def next_reason(store: Store, rsi: float = 20) -> Reason:
    alert = await store.send(rsi=rsi, price="100")
    return (await store.trace(alert)).jobs[0].decisions[-1].reason


async def test_an_order_that_was_never_placed_frees_its_market(store: Store) -> None:
    alert, order = await lost(store)
    before = await next_reason(store, rsi=80)

    settled = await settling(store)(order.id, NOT_PLACED, AUTHOR)

    job = (await store.trace(alert)).jobs[0]
    assert before is Reason.ORDER_NEEDS_OPERATOR
    assert settled.order.status is OrderStatus.NOT_PLACED
    assert [one.status for one in job.intents] == [IntentStatus.FAILED]
    assert len(job.orders) == 1
    assert await next_reason(store) is Reason.ENTRY_OPENED


async def test_what_was_filled_is_held_with_its_evidence(store: Store) -> None:
    alert, order = await lost(store)

    await settling(store)(order.id[:10], FILLED, AUTHOR)

    held, trace = await store.position(), (await store.trace(alert)).jobs[0].orders[0]
    assert held is not None
    assert (held.quantity, held.cost) == (Decimal(10), Decimal(1010))
    assert trace.order.status is OrderStatus.FILLED
    assert await next_reason(store) is Reason.ENTRY_SCALED_IN


async def test_a_part_that_was_filled_ends_the_rest(store: Store) -> None:
    alert, order = await lost(store)
    part = replace(FILLED, quantity=Decimal(4), trade_id="t-1")

    await settling(store)(order.id, part, AUTHOR)

    job = (await store.trace(alert)).jobs[0]
    events = job.orders[0].transitions[-2:]
    assert [one.event for one in events] == [OrderEvent.FILLED_IN_PART, OrderEvent.CANCELED]
    assert events[1].evidence == f"told by {AUTHOR.name} ({AUTHOR.source}): {AUTHOR.reason}"
    assert [one.status for one in job.intents] == [IntentStatus.DONE]


async def test_an_order_that_is_there_is_asked_for_again(store: Store) -> None:
    alert, order = await lost(store)
    await settling(store)(order.id, PLACED, AUTHOR)
    before = await only_order(store, alert)

    class ItIsFilledNow(PaperBroker):
        async def find(self, order: Sent) -> Lookup:
            del order
            return Acknowledged(venue_order_id="v-7", ended=True)

    broker = ItIsFilledNow(store.ledger, store.clock)
    await replace(store.worker(), broker=broker)(KEY)

    after = await only_order(store, alert)
    assert (before.status, before.venue_order_id) == (OrderStatus.OPEN, "v-7")
    assert after.status is OrderStatus.CANCELED


async def test_a_fill_that_came_to_light_late_is_a_correction(store: Store) -> None:
    await deploy(store)
    hands, working = await first_order(store)
    await hands.send(working)
    await hands.record(working, hands.filled(working, "4", "100"))
    await hands.release()
    before = await store.position()

    late = replace(FILLED, quantity=Decimal(6), price=Decimal(102))
    settled = await settling(store)(working.order.id, late, AUTHOR)

    after = await store.position()
    assert before is not None
    assert after is not None
    assert (before.quantity, after.quantity) == (Decimal(4), Decimal(10))
    assert settled.order.status is OrderStatus.FILLED
    assert await next_reason(store) is Reason.ENTRY_SCALED_IN


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (replace(FILLED, quantity=Decimal(11)), "Between 0 and 10 can have been filled"),
        (replace(FILLED, price=Decimal(0)), "A price is above 0"),
        (replace(PLACED, venue_order_id=None), "What does the venue call the order?"),
    ],
)
async def test_what_cannot_be_is_refused_and_changes_nothing(
    store: Store, said: Settlement, told: str
) -> None:
    alert, order = await lost(store)

    with pytest.raises(CannotSettle, match=told):
        await settling(store)(order.id, said, AUTHOR)

    assert (await only_order(store, alert)).status is OrderStatus.NEEDS_OPERATOR


async def test_an_order_that_is_known_to_be_filled_is_not_settled(store: Store) -> None:
    await deploy(store)
    alert = await store.send(rsi=20, price="100")

    with pytest.raises(CannotSettle, match="The order is FILLED"):
        await settling(store)((await only_order(store, alert)).id, NOT_PLACED, AUTHOR)


async def test_settling_twice_changes_nothing_more(store: Store) -> None:
    _, order = await lost(store)
    await settling(store)(order.id, FILLED, AUTHOR)

    with pytest.raises(CannotSettle, match="The order is FILLED"):
        await settling(store)(order.id, FILLED, AUTHOR)

    held = await store.position()
    assert held is not None
    assert held.quantity == Decimal(10)


async def test_the_same_part_told_twice_is_counted_once(store: Store) -> None:
    _, order = await lost(store)
    part = replace(FILLED, quantity=Decimal(4))

    for said in (part, part, replace(part, quantity=Decimal("4.0"))):
        await settling(store)(order.id, said, AUTHOR)

    held = await store.position()
    assert held is not None
    assert held.quantity == Decimal(4)
