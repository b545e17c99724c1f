"""What must happen to protective orders: facts of one key, without a store or a venue."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import count

import pytest

from application.answers import Acknowledged, FillReport, NotFound, Refused
from application.ports.protections import Guarded, GuardedBot, Protection
from application.protecting import Doing, answered, to_do
from application.records import BotId, IntentId, RevisionId
from domain.order import OrderStatus
from domain.position import FLAT, Fill, Position
from domain.rules import ExitRules
from domain.signal import Direction
from tests.application.desks import ACCOUNT, KEY, NOON, PERPETUAL

STOP = ExitRules(stop_loss_percent=Decimal(2))
ids = count()


def held(*lots: tuple[int, int]) -> Position:
    position = FLAT
    for number, (quantity, price) in enumerate(lots, start=1):
        amounts = (Decimal(quantity), Decimal(price), Decimal(0))
        position = position.after(Fill(Direction.LONG, number, *amounts, NOON))
    return position


def bot(position: Position, *protections: Protection, id: int = 1) -> GuardedBot:
    return GuardedBot(
        id=BotId(id),
        name=f"bot-{id}",
        revision=RevisionId(1),
        position=position,
        exits=STOP,
        protections=protections,
    )


def guarded(*bots: GuardedBot, after: int = 0) -> Guarded:
    return Guarded(
        key=KEY,
        installation="test:1",
        now=NOON + timedelta(seconds=after),
        account=ACCOUNT,
        instrument=PERPETUAL,
        bots=bots,
    )


def next_of(now: Guarded, *, look_at_all: bool = False) -> Doing:
    def new_id() -> IntentId:
        return IntentId(str(next(ids)))

    return to_do(now, frozenset(), new_id, rests=True, look_at_all=look_at_all)


def resting(position: Position) -> Protection:
    """Return the stop of a position, as it rests at the venue."""
    now = guarded(bot(position))
    (placed,) = next_of(now).place
    return answered(now, placed, Acknowledged(venue_order_id="7")).protection


def test_a_position_without_its_stop_gets_one_for_all_of_it() -> None:
    (placed,) = next_of(guarded(bot(held((1, 100), (2, 100))))).place

    assert placed.order.quantity == Decimal(3)
    assert placed.order.trigger_price == Decimal(98)
    assert placed.order.status is OrderStatus.SUBMITTING
    assert placed.order.reduces


@pytest.mark.parametrize("price", [100, 90])
def test_a_scale_in_places_another_stop_and_leaves_the_old_one(price: int) -> None:
    old = resting(held((1, 100)))

    doing = next_of(guarded(bot(held((1, 100), (1, price)), old)))

    assert [one.order.quantity for one in doing.place] == [2]
    assert doing.remove == ()


def test_the_old_stop_goes_once_the_new_one_rests() -> None:
    old, new = resting(held((1, 100))), resting(held((1, 100), (1, 90)))

    doing = next_of(guarded(bot(held((1, 100), (1, 90)), old, new)))

    assert (doing.place, doing.remove) == ((), (old,))


def test_a_stop_that_stands_is_left_alone() -> None:
    position = held((1, 100))

    assert next_of(guarded(bot(position, resting(position)))).is_nothing


def test_a_stop_is_removed_only_once_the_position_is_closed() -> None:
    stop = resting(held((1, 100)))

    assert next_of(guarded(bot(FLAT, stop))).remove == (stop,)


def test_a_stop_of_the_other_side_goes_at_once() -> None:
    old = resting(held((1, 100)))
    turned = FLAT.after(
        Fill(Direction.SHORT, 1, Decimal(1), Decimal(100), Decimal(0), NOON)
    )

    doing = next_of(guarded(bot(turned, old)))

    assert doing.remove == (old,)
    assert [one.order.side for one in doing.place] == [Direction.SHORT]


def test_a_stop_that_rests_is_looked_at_again_after_half_a_minute() -> None:
    position = held((1, 100))
    stop = resting(position)

    assert next_of(guarded(bot(position, stop), after=29)).is_nothing
    assert next_of(guarded(bot(position, stop), after=30)).look == (stop,)


def test_before_anything_is_decided_every_stop_is_looked_at() -> None:
    position = held((1, 100))
    stop = resting(position)

    assert next_of(guarded(bot(position, stop)), look_at_all=True).look == (stop,)


def test_what_the_venue_refused_is_not_tried_again_at_once() -> None:
    position = held((1, 100))
    now = guarded(bot(position))
    (placed,) = next_of(now).place
    refused = answered(now, placed, Refused(code="-2021", text="no")).protection

    assert next_of(guarded(bot(position, refused), after=29)).is_nothing
    assert len(next_of(guarded(bot(position, refused), after=30)).place) == 1


def test_a_stop_of_unknown_fate_is_asked_for_and_not_doubled() -> None:
    position = held((1, 100))
    now = guarded(bot(position))
    (placed,) = next_of(now).place
    silence = NotFound(authoritative=True, evidence="not visible yet")
    unknown = answered(now, placed, silence).protection

    doing = next_of(guarded(bot(position, unknown)))

    assert unknown.order.status is OrderStatus.UNKNOWN
    assert (doing.look, doing.place) == ((unknown,), ())


def test_each_of_several_bots_has_a_stop_for_its_own_lots() -> None:
    both = guarded(bot(held((1, 100))), bot(held((4, 110)), id=2))

    placed = next_of(both).place

    assert [one.bot for one in placed] == [BotId(1), BotId(2)]
    assert [one.order.quantity for one in placed] == [Decimal(1), Decimal(4)]


def fill(quantity: int, price: str) -> FillReport:
    return FillReport(
        trade_id=price,
        quantity=Decimal(quantity),
        price=Decimal(price),
        fee=Decimal(0),
        fee_currency="USDT",
        at=NOON,
    )


def test_a_stop_may_execute_in_parts_whose_average_no_number_tells_exactly() -> None:
    position = held((3, 100))
    stop = resting(position)
    fills = (fill(1, "97.9"), fill(2, "97.8"))
    now = guarded(bot(position, stop))

    triggered = answered(now, stop, Acknowledged(venue_order_id="7", fills=fills))

    order = triggered.protection.order
    assert (order.status, order.filled) == (OrderStatus.FILLED, Decimal(3))
    assert order.cost == Decimal("293.5")


def test_a_stop_that_executed_is_handed_over_once() -> None:
    position = held((1, 100))
    stop = resting(position)
    now = guarded(bot(position, stop))
    answer = Acknowledged(venue_order_id="7", fills=(fill(1, "97"),), ended=True)
    triggered = answered(now, stop, answer).protection

    leaving = replace(bot(position, triggered), leaving=True)

    assert triggered.triggered
    assert not triggered.is_live
    assert next_of(guarded(leaving)).is_nothing
