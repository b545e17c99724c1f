from decimal import Decimal
from typing import Any

import pytest

from domain.errors import IllegalTransition
from domain.order import TRANSITIONS, Order, OrderEvent, OrderId, OrderStatus
from domain.signal import Direction

S, E = OrderStatus, OrderEvent


def order(status: OrderStatus = S.PLANNED, filled: str = "0", **changes: Any) -> Order:
    known: dict[str, Any] = {"side": Direction.LONG, "reduces": False, **changes}
    return Order(
        id=OrderId("a-1"),
        symbol="BTC/USDT",
        quantity=Decimal(10),
        decision_price=Decimal(100),
        status=status,
        filled=Decimal(filled),
        cost=Decimal(filled) * 100,
        **known,
    )


LIFE = """
PLANNED           denied               -> DENIED
PLANNED           submitted            -> SUBMITTING
SUBMITTING        opened               -> OPEN
SUBMITTING        filled in part       -> PARTIALLY_FILLED
SUBMITTING        filled               -> FILLED
SUBMITTING        canceled             -> CANCELED
SUBMITTING        expired              -> EXPIRED
SUBMITTING        rejected             -> REJECTED
SUBMITTING        became unknown       -> UNKNOWN
SUBMITTING        not placed           -> NOT_PLACED
UNKNOWN           opened               -> OPEN
UNKNOWN           filled in part       -> PARTIALLY_FILLED
UNKNOWN           filled               -> FILLED
UNKNOWN           canceled             -> CANCELED
UNKNOWN           expired              -> EXPIRED
UNKNOWN           rejected             -> REJECTED
UNKNOWN           became unknown       -> UNKNOWN
UNKNOWN           not placed           -> NOT_PLACED
UNKNOWN           given to the operator -> NEEDS_OPERATOR
OPEN              cancel asked         -> OPEN
OPEN              filled in part       -> PARTIALLY_FILLED
OPEN              filled               -> FILLED
OPEN              canceled             -> CANCELED
OPEN              expired              -> EXPIRED
OPEN              rejected             -> REJECTED
OPEN              became unknown       -> UNKNOWN
PARTIALLY_FILLED  cancel asked         -> PARTIALLY_FILLED
PARTIALLY_FILLED  filled in part       -> PARTIALLY_FILLED
PARTIALLY_FILLED  filled               -> FILLED
PARTIALLY_FILLED  canceled             -> CANCELED
PARTIALLY_FILLED  expired              -> EXPIRED
PARTIALLY_FILLED  became unknown       -> UNKNOWN
CANCELED          filled in part       -> CANCELED
CANCELED          filled               -> FILLED
EXPIRED           filled in part       -> EXPIRED
EXPIRED           filled               -> FILLED
NEEDS_OPERATOR    opened               -> OPEN
NEEDS_OPERATOR    filled in part       -> PARTIALLY_FILLED
NEEDS_OPERATOR    filled               -> FILLED
NEEDS_OPERATOR    canceled             -> CANCELED
NEEDS_OPERATOR    expired              -> EXPIRED
NEEDS_OPERATOR    rejected             -> REJECTED
NEEDS_OPERATOR    not placed           -> NOT_PLACED
"""


def life() -> dict[tuple[OrderStatus, OrderEvent], OrderStatus]:
    moves = {}
    for line in LIFE.strip().splitlines():
        left, after = line.split("->")
        status, event = left.split(maxsplit=1)
        moves[S(status), E(event.strip())] = S(after.strip())
    return moves


def test_an_orders_life_is_the_table() -> None:
    assert life() == TRANSITIONS


@pytest.mark.parametrize("status", S)
@pytest.mark.parametrize("event", E)
def test_what_is_in_the_table_happens_and_nothing_else_can(
    status: OrderStatus, event: OrderEvent
) -> None:
    after = TRANSITIONS.get((status, event))

    if after is None:
        with pytest.raises(IllegalTransition) as raised:
            order(status).after(event)
        assert (raised.value.status, raised.value.event) == (status.value, event.value)
    else:
        assert order(status).after(event).status is after


def test_no_order_that_was_refused_or_filled_can_become_anything_else() -> None:
    final = (S.DENIED, S.FILLED, S.REJECTED, S.NOT_PLACED)

    assert not [status for status, _ in TRANSITIONS if status in final]


def test_an_order_is_over_when_nothing_more_is_expected() -> None:
    alive = {status for status in S if not status.is_over}

    assert alive == {S.PLANNED, S.SUBMITTING, S.OPEN, S.PARTIALLY_FILLED, S.UNKNOWN}


@pytest.mark.parametrize(
    ("side", "reduces", "buys"),
    [
        (Direction.LONG, False, True),
        (Direction.LONG, True, False),
        (Direction.SHORT, False, False),
        (Direction.SHORT, True, True),
    ],
)
def test_a_long_is_entered_and_a_short_is_left_by_buying(
    side: Direction, *, reduces: bool, buys: bool
) -> None:
    assert order(side=side, reduces=reduces).buys is buys


def test_a_new_order_is_the_first_of_its_leg_and_no_stop() -> None:
    planned = order()

    assert (planned.leg, planned.generation) == (1, 1)
    assert not planned.triggers_stop


def test_fills_add_up_until_the_order_is_filled() -> None:
    part = order(S.OPEN).after_fill(Decimal(4), Decimal(100))
    whole = part.after_fill(Decimal(6), Decimal(101))

    assert part == order(S.PARTIALLY_FILLED, "4")
    assert part.remaining == 6
    assert (whole.status, whole.cost) == (S.FILLED, Decimal(1006))
    assert (whole.filled, whole.remaining) == (Decimal(10), Decimal(0))


def test_a_late_fill_of_a_canceled_order_is_counted_and_it_stays_canceled() -> None:
    late = order(S.CANCELED, "4").after_fill(Decimal(1), Decimal(100))

    assert late == order(S.CANCELED, "5")
    assert late.remaining == 0


def test_a_late_fill_of_the_whole_rest_makes_a_canceled_order_filled() -> None:
    assert order(S.EXPIRED, "4").after_fill(Decimal(6), Decimal(100)).status is S.FILLED


def test_an_order_that_was_unknown_may_turn_out_to_be_filled() -> None:
    assert order(S.UNKNOWN).after_fill(Decimal(10), Decimal(100)).status is S.FILLED


@pytest.mark.parametrize("quantity", ["0", "-1", "NaN"])
def test_filled_never_decreases(quantity: str) -> None:
    with pytest.raises(ValueError, match="a fill's quantity must be positive"):
        order(S.OPEN, "4").after_fill(Decimal(quantity), Decimal(100))


def test_a_rejected_order_cannot_fill() -> None:
    with pytest.raises(IllegalTransition, match="filled in part cannot happen to an order"):
        order(S.REJECTED).after_fill(Decimal(1), Decimal(100))


def test_canceling_leaves_nothing_that_may_still_fill() -> None:
    assert order(S.PARTIALLY_FILLED, "4").after(E.CANCELED).remaining == 0
