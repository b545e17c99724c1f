"""What an answer proves about an order whose fate is open, and when to stop asking. Pure.

A venue's silence proves nothing. Only one that answers with authority, after the last
moment at which the order could still arrive, proves that it was never placed. Where none
can, an entry is given to the operator; a reduce-only exit may be sent again, for it closes
no more than is open.
"""

from datetime import datetime, timedelta
from typing import Protocol

from application.answers import NotFound, NotPlaced, Refused, Unknown
from domain.instrument import Instrument, Kind
from domain.order import Order, OrderEvent, OrderStatus

HORIZON = timedelta(seconds=30)
"""How long after an order could last arrive a venue is asked in vain before we give up."""
Silent = Refused | NotPlaced | NotFound | Unknown


class Asking(Protocol):
    """When, and of which market, a venue is asked."""

    @property
    def now(self) -> datetime:
        """The moment, by the database's clock."""

    @property
    def instrument(self) -> Instrument:
        """The market."""


def event_of(desk: Asking, order: Order, answer: Silent) -> OrderEvent | None:
    """Return what an answer without the order means for it; None for nothing new."""
    match answer:
        case Refused():
            known = order.status is OrderStatus.PARTIALLY_FILLED
            return OrderEvent.CANCELED if known else OrderEvent.REJECTED
        case NotPlaced():
            return OrderEvent.NOT_PLACED
        case NotFound():
            return _unfound(desk, order, answer)
        case Unknown():
            # A question that failed changes nothing about an order that is known.
            submitting = order.status is OrderStatus.SUBMITTING
            return OrderEvent.BECAME_UNKNOWN if submitting else None


def _unfound(desk: Asking, order: Order, answer: NotFound) -> OrderEvent | None:
    if may_be_sent_again(desk, order, answer):
        return OrderEvent.NOT_PLACED
    if _asked_in_vain(desk, order):
        return OrderEvent.GIVEN_TO_OPERATOR
    unknown = order.status is OrderStatus.UNKNOWN
    return None if unknown else OrderEvent.BECAME_UNKNOWN


def may_be_sent_again(desk: Asking, order: Order, answer: NotFound) -> bool:
    """Say whether it is proved, or as good as proved, that the order does not exist."""
    if order.venue_order_id is not None or not _cannot_arrive(desk, order):
        return False
    if answer.authoritative:
        return True
    harmless = order.reduces and desk.instrument.kind is Kind.PERPETUAL
    return harmless and _asked_in_vain(desk, order)


def _cannot_arrive(desk: Asking, order: Order) -> bool:
    return order.may_arrive_until is None or desk.now > order.may_arrive_until


def _asked_in_vain(desk: Asking, order: Order) -> bool:
    """Say whether the venue was asked for long enough; only what is UNKNOWN is given up."""
    if order.status is not OrderStatus.UNKNOWN or order.may_arrive_until is None:
        return False
    return desk.now > order.may_arrive_until + HORIZON
