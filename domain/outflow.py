"""Orders that left, counted against what was called for.

An intent calls for one order at a time, and for none after an entry that was filled whole:
the next may leave once the one before is over. Counted apart from whatever plans and sends,
so that a mistake there is seen by something else.
"""

from collections.abc import Iterable
from typing import NamedTuple

from domain.order import OrderStatus
from domain.reasons import Finding, Reason, refusal

NEVER_LEFT = (OrderStatus.PLANNED, OrderStatus.DENIED)
WITH_THE_VENUE = (
    OrderStatus.SUBMITTING,
    OrderStatus.OPEN,
    OrderStatus.PARTIALLY_FILLED,
    OrderStatus.UNKNOWN,
    OrderStatus.NEEDS_OPERATOR,
)
"""An order of which the venue may still take something."""


class Outflow(NamedTuple):
    """What left within a stretch of time, beside what was called for.

    ``strange`` counts orders that the venue has and we do not know, None where it cannot
    tell; ``overdue`` intents that have been under way too long without an order.
    """

    called_for: int
    left: int
    strange: int | None = None
    overdue: int = 0

    @property
    def out(self) -> int:
        """Return how many orders are out there for all we know."""
        return self.left + (self.strange or 0)


def surplus(statuses: Iterable[OrderStatus], *, enters: bool) -> int:
    """Return how many of one intent's orders are more than it called for."""
    taking = sum(
        one in WITH_THE_VENUE or (enters and one is OrderStatus.FILLED) for one in statuses
    )
    return max(taking - 1, 0)


def too_many(out: int, called_for: int) -> Finding:
    """Return the brake of orders that nothing called for."""
    return refusal(Reason.BRAKE_ORDERS_EXCEED_INTENTS, out, called_for)


def outflow_brake(seen: Outflow) -> Finding | None:
    """Return the brake that fires on what was counted; None where all is accounted for."""
    if seen.out > seen.called_for:
        return too_many(seen.out, seen.called_for)
    if seen.overdue:
        return refusal(Reason.BRAKE_INTENTS_WITHOUT_ORDERS, seen.overdue)
    return None
