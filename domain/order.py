"""An order's life as a table: what is not in ``TRANSITIONS`` cannot happen.

PLANNED is committed before anything is sent. SUBMITTING is committed before the socket
opens, so an order found in it after a crash is UNKNOWN, never "not placed". That an order
is to be taken back is kept before the venue is asked, so that a crash asks again. Late
fills of an order that is over are corrections: they add to ``filled``, which never
decreases.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import NewType

from domain.errors import IllegalTransition
from domain.money import ZERO, add, multiply, positive, subtract
from domain.signal import Direction

OrderId = NewType("OrderId", str)


class OrderStatus(Enum):
    """Where an order stands."""

    PLANNED = "PLANNED"
    DENIED = "DENIED"
    SUBMITTING = "SUBMITTING"
    OPEN = "OPEN"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"
    REJECTED = "REJECTED"
    UNKNOWN = "UNKNOWN"
    NOT_PLACED = "NOT_PLACED"
    NEEDS_OPERATOR = "NEEDS_OPERATOR"

    @property
    def is_over(self) -> bool:
        """Say whether nothing more is expected of the venue."""
        return self in _OVER


class OrderEvent(Enum):
    """What can happen to an order."""

    DENIED = "denied"
    SUBMITTED = "submitted"
    OPENED = "opened"
    FILLED_IN_PART = "filled in part"
    FILLED = "filled"
    CANCEL_ASKED = "cancel asked"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    BECAME_UNKNOWN = "became unknown"
    NOT_PLACED = "not placed"
    GIVEN_TO_OPERATOR = "given to the operator"


class CancelCause(Enum):
    """Why an entry that rests at the venue is taken back."""

    TIME = "time"
    """It did not fill within its time limit."""
    STATE = "state"
    """Trading is not active, or the bot is disabled."""
    SIGNAL = "signal"
    """Something else is to happen: an exit, the other side, or CANCEL."""


_S, _E = OrderStatus, OrderEvent
_OVER = (
    _S.DENIED,
    _S.FILLED,
    _S.CANCELED,
    _S.EXPIRED,
    _S.REJECTED,
    _S.NOT_PLACED,
    _S.NEEDS_OPERATOR,
)
_ANSWERS: dict[OrderEvent, OrderStatus] = {
    _E.OPENED: _S.OPEN,
    _E.FILLED_IN_PART: _S.PARTIALLY_FILLED,
    _E.FILLED: _S.FILLED,
    _E.CANCELED: _S.CANCELED,
    _E.EXPIRED: _S.EXPIRED,
    _E.REJECTED: _S.REJECTED,
}
_MOVES: dict[OrderStatus, dict[OrderEvent, OrderStatus]] = {
    _S.PLANNED: {_E.DENIED: _S.DENIED, _E.SUBMITTED: _S.SUBMITTING},
    _S.SUBMITTING: {
        **_ANSWERS,
        _E.BECAME_UNKNOWN: _S.UNKNOWN,
        _E.NOT_PLACED: _S.NOT_PLACED,
    },
    _S.UNKNOWN: {
        **_ANSWERS,
        _E.BECAME_UNKNOWN: _S.UNKNOWN,
        _E.NOT_PLACED: _S.NOT_PLACED,
        _E.GIVEN_TO_OPERATOR: _S.NEEDS_OPERATOR,
    },
    _S.OPEN: {
        _E.CANCEL_ASKED: _S.OPEN,
        _E.FILLED_IN_PART: _S.PARTIALLY_FILLED,
        _E.FILLED: _S.FILLED,
        _E.CANCELED: _S.CANCELED,
        _E.EXPIRED: _S.EXPIRED,
        _E.REJECTED: _S.REJECTED,
        _E.BECAME_UNKNOWN: _S.UNKNOWN,
    },
    _S.PARTIALLY_FILLED: {
        _E.CANCEL_ASKED: _S.PARTIALLY_FILLED,
        _E.FILLED_IN_PART: _S.PARTIALLY_FILLED,
        _E.FILLED: _S.FILLED,
        _E.CANCELED: _S.CANCELED,
        _E.EXPIRED: _S.EXPIRED,
        _E.BECAME_UNKNOWN: _S.UNKNOWN,
    },
    _S.CANCELED: {_E.FILLED_IN_PART: _S.CANCELED, _E.FILLED: _S.FILLED},
    _S.EXPIRED: {_E.FILLED_IN_PART: _S.EXPIRED, _E.FILLED: _S.FILLED},
    _S.NEEDS_OPERATOR: {**_ANSWERS, _E.NOT_PLACED: _S.NOT_PLACED},
}
TRANSITIONS: Mapping[tuple[OrderStatus, OrderEvent], OrderStatus] = MappingProxyType(
    {
        (status, event): after
        for status, moves in _MOVES.items()
        for event, after in moves.items()
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order on its way to a venue. ``quantity`` is in base, ``cost`` is filled x price.

    ``decision_price`` is what the decision saw; ``trigger_price`` the level of the exit
    rule that fired, if one did. After ``may_arrive_until`` the venue takes it no more. With
    a ``limit_price`` it rests at the venue, until ``rests_until`` at most.
    """

    id: OrderId
    symbol: str
    side: Direction
    reduces: bool
    quantity: Decimal
    decision_price: Decimal
    generation: int = 1
    leg: int = 1
    trigger_price: Decimal | None = None
    triggers_stop: bool = False
    limit_price: Decimal | None = None
    rests_until: datetime | None = None
    cancel_asked_at: datetime | None = None
    cancel_cause: CancelCause | None = None
    status: OrderStatus = OrderStatus.PLANNED
    filled: Decimal = ZERO
    cost: Decimal = ZERO
    venue_order_id: str | None = None
    may_arrive_until: datetime | None = None

    @property
    def buys(self) -> bool:
        """Say whether the order buys: a long entry or the exit of a short."""
        return (self.side is Direction.LONG) is not self.reduces

    @property
    def rests(self) -> bool:
        """Say whether the order waits at the venue for its price."""
        return self.limit_price is not None and self.status in (
            OrderStatus.OPEN,
            OrderStatus.PARTIALLY_FILLED,
        )

    def taken_back(self, cause: CancelCause, at: datetime) -> "Order":
        """Return the order once it is known that the venue must end it.

        Raises:
            IllegalTransition: If it does not rest there.
        """
        asked = self.after(OrderEvent.CANCEL_ASKED)
        return replace(asked, cancel_asked_at=at, cancel_cause=cause)

    @property
    def remaining(self) -> Decimal:
        """Return what may still be filled; 0 once the order is over."""
        return ZERO if self.status.is_over else subtract(self.quantity, self.filled)

    def after(self, event: OrderEvent) -> "Order":
        """Return the order once ``event`` happened.

        Raises:
            IllegalTransition: If it cannot happen in this status.
        """
        status = TRANSITIONS.get((self.status, event))
        if status is None:
            raise IllegalTransition(self.status.value, event.value)
        return replace(self, status=status)

    def after_fill(self, quantity: Decimal, price: Decimal) -> "Order":
        """Return the order once the venue executed ``quantity`` more of it at ``price``.

        Raises:
            IllegalTransition: If the order can no longer fill.
            ValueError: If nothing was filled; ``filled`` never decreases.
        """
        filled = add(self.filled, positive("a fill's quantity", quantity))
        whole = filled >= self.quantity
        moved = self.after(OrderEvent.FILLED if whole else OrderEvent.FILLED_IN_PART)
        return replace(moved, filled=filled, cost=add(self.cost, multiply(quantity, price)))
