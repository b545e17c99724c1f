import pytest

from domain.order import OrderStatus
from domain.outflow import Outflow, outflow_brake, surplus
from domain.reasons import Reason

S = OrderStatus


@pytest.mark.parametrize(
    ("statuses", "enters", "more"),
    [
        ((), True, 0),
        ((S.FILLED,), True, 0),
        ((S.NOT_PLACED, S.REJECTED, S.CANCELED, S.OPEN), True, 0),
        ((S.FILLED, S.FILLED, S.OPEN), False, 0),
        ((S.FILLED, S.OPEN), True, 1),
        ((S.UNKNOWN, S.SUBMITTING), True, 1),
        ((S.UNKNOWN, S.SUBMITTING), False, 1),
        ((S.FILLED, S.FILLED, S.FILLED), True, 2),
    ],
)
def test_an_intent_calls_for_one_order_at_a_time(
    statuses: tuple[OrderStatus, ...], *, enters: bool, more: int
) -> None:
    assert surplus(statuses, enters=enters) == more


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (Outflow(3, 3), None),
        (Outflow(3, 3, 0), None),
        (Outflow(3, 4), Reason.BRAKE_ORDERS_EXCEED_INTENTS),
        (Outflow(3, 3, 1), Reason.BRAKE_ORDERS_EXCEED_INTENTS),
        (Outflow(3, 3, overdue=1), Reason.BRAKE_INTENTS_WITHOUT_ORDERS),
    ],
)
def test_what_is_not_accounted_for_is_a_brake(seen: Outflow, reason: Reason | None) -> None:
    finding = outflow_brake(seen)

    assert (finding.reason if finding else None) is reason
