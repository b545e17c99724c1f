"""What an answer proves about an order whose fate is open."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from application.answers import NotFound, NotPlaced, Refused, Unknown
from application.resolving import HORIZON, event_of
from domain.instrument import Kind
from domain.order import Order, OrderEvent, OrderId, OrderStatus
from domain.signal import Direction
from tests.application.desks import NOON, PERPETUAL, desk

UNTIL = NOON
SECOND = timedelta(seconds=1)
SURE = NotFound(authoritative=True, evidence="asked")
UNSURE = NotFound(authoritative=False, evidence="asked")
SILENT = Unknown(evidence="no answer")


def order(status: OrderStatus = OrderStatus.UNKNOWN, **fields: object) -> Order:
    base = Order(
        id=OrderId("ab" * 16),
        symbol="BTC/USDT:USDT",
        side=Direction.LONG,
        reduces=False,
        quantity=Decimal(1),
        decision_price=Decimal(60_000),
        status=status,
        may_arrive_until=UNTIL,
    )
    return replace(base, **fields)  # type: ignore[arg-type]


def at(later: timedelta, kind: Kind = Kind.PERPETUAL) -> object:
    return replace(desk(), now=UNTIL + later, instrument=replace(PERPETUAL, kind=kind))


@pytest.mark.parametrize(
    ("one", "later", "answer", "event"),
    [
        pytest.param(order(), SECOND, SURE, OrderEvent.NOT_PLACED, id="proved"),
        pytest.param(order(), -SECOND, SURE, None, id="it may still arrive"),
        pytest.param(order(), SECOND, UNSURE, None, id="not proved yet"),
        pytest.param(
            order(), HORIZON + SECOND, UNSURE, OrderEvent.GIVEN_TO_OPERATOR, id="given up"
        ),
        pytest.param(
            order(reduces=True),
            HORIZON + SECOND,
            UNSURE,
            OrderEvent.NOT_PLACED,
            id="an exit may be sent again",
        ),
        pytest.param(
            order(venue_order_id="7"),
            HORIZON + SECOND,
            SURE,
            OrderEvent.GIVEN_TO_OPERATOR,
            id="the venue had it once",
        ),
        pytest.param(order(), HORIZON + SECOND, SILENT, None, id="silence proves nothing"),
        pytest.param(
            order(OrderStatus.OPEN), SECOND, SILENT, None, id="an open order stays open"
        ),
        pytest.param(
            order(OrderStatus.OPEN, venue_order_id="7"),
            SECOND,
            SURE,
            OrderEvent.BECAME_UNKNOWN,
            id="an open order that is gone is unknown",
        ),
        pytest.param(
            order(OrderStatus.SUBMITTING),
            SECOND,
            SILENT,
            OrderEvent.BECAME_UNKNOWN,
            id="a lost answer is unknown",
        ),
        pytest.param(
            order(OrderStatus.SUBMITTING),
            SECOND,
            NotPlaced(evidence="never left"),
            OrderEvent.NOT_PLACED,
            id="what never left is not placed",
        ),
        pytest.param(
            order(OrderStatus.PARTIALLY_FILLED, filled=Decimal("0.5")),
            SECOND,
            Refused(code="x", text="y"),
            OrderEvent.CANCELED,
            id="a refusal of what has filled ends it",
        ),
    ],
)
def test_an_answer_means_what_it_proves(
    one: Order, later: timedelta, answer: object, event: OrderEvent | None
) -> None:
    assert event_of(at(later), one, answer) is event  # type: ignore[arg-type]


def test_a_spot_exit_is_never_sent_again_without_proof() -> None:
    late = at(HORIZON + SECOND, Kind.SPOT)

    event = event_of(late, order(reduces=True), UNSURE)  # type: ignore[arg-type]

    assert event is OrderEvent.GIVEN_TO_OPERATOR
