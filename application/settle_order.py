"""What a person found out about an order: kept as evidence, and recorded like an answer.

For orders whose fate the venue cannot tell (NEEDS_OPERATOR), and for executions that came
to light after an order was over. Nothing is sent again: what is still wanted, the next
signal or the operator asks for.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import Enum

from application.advancing import recorded
from application.answers import Acknowledged, FillReport, NotPlaced, Report
from application.ports.clock import Clock
from application.ports.configuration import Author
from application.ports.inbox import Doorbell, Urgency
from application.ports.settling import SettledOrder, Settlements
from application.ports.workbench import Claim, News, Workbench, WorkQueue
from application.records import Answered, Key
from application.wording import number
from domain.money import ZERO, subtract
from domain.order import Order, OrderStatus

OWNER = "settling"
PATIENCE = timedelta(seconds=15)
PAUSE_SECONDS = 0.2
LATE = (OrderStatus.CANCELED, OrderStatus.EXPIRED)


class Fate(Enum):
    """What became of the order at the venue."""

    PLACED = "placed"
    NOT_PLACED = "not placed"
    FILLED = "filled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What a person says of an order. The rest belongs to what was filled."""

    fate: Fate
    venue_order_id: str | None = None
    quantity: Decimal = ZERO
    price: Decimal = ZERO
    fee: Decimal = ZERO
    fee_currency: str | None = None
    trade_id: str | None = None


class CannotSettle(Exception):
    """What was said does not fit the order; nothing was changed. ``fix`` says what fits."""

    def __init__(self, text: str, fix: str = "") -> None:
        super().__init__(text)
        self.fix = fix


@dataclass(frozen=True, slots=True)
class SettleOrder:
    """Settle one order, holding its key meanwhile."""

    settlements: Settlements
    queue: WorkQueue
    workbench: Workbench
    doorbell: Doorbell
    clock: Clock

    async def __call__(self, id: str, said: Settlement, author: Author) -> SettledOrder:
        """Record what a person says of the order; return the order as it is then.

        Raises:
            CannotSettle: If there is no such order, or what is said cannot be.
        """
        found = await self._found(id)
        report(found, said, author, self.clock)  # before anybody waits for it
        claim = await self._claimed(found.key)
        try:
            found = await self._found(found.order.id)
            answer = report(found, said, author, self.clock)
            await self.settlements.take_up(claim, found, author, told(said))
            news = News(answers=(Answered(found.order.id, answer),))
            await self.workbench.advance(claim, news, recorded)
        finally:
            await self.queue.release(claim, None)
        await self.doorbell.ring([found.key], Urgency.EXIT)
        return await self._found(found.order.id)

    async def _found(self, id: str) -> SettledOrder:
        found = await self.settlements.find(id)
        if not found:
            raise CannotSettle(f"There is no order {id!r}.", "signalman orders --json")
        if len(found) > 1:
            ids = ", ".join(one.order.id for one in found)
            raise CannotSettle(
                f"{id!r} may mean several orders: {ids}.", "Give more of it."
            )
        return found[0]

    async def _claimed(self, key: Key) -> Claim:
        """Wait until nobody works the key, and take it."""
        until = self.clock.now() + PATIENCE
        while (claim := await self.queue.claim(key, OWNER)) is None:
            if self.clock.now() > until:
                raise CannotSettle(
                    f"A worker is busy with {key.symbol}.", "Try again in a moment."
                )
            await asyncio.sleep(PAUSE_SECONDS)
        return claim


def report(found: SettledOrder, said: Settlement, author: Author, clock: Clock) -> Report:
    """Return what a person says as if the venue had said it.

    Raises:
        CannotSettle: If it does not fit the order.
    """
    order = found.order
    _refuse_unfit(order, said)
    evidence = f"told by {author.name} ({author.source}): {author.reason}"
    if said.fate is Fate.NOT_PLACED:
        return NotPlaced(evidence=evidence)
    known = said.venue_order_id or order.venue_order_id
    if known is None and said.fate is Fate.PLACED:
        raise CannotSettle(
            "What does the venue call the order?", "Say it with --venue-order-id."
        )
    fills = () if said.fate is Fate.PLACED else (_fill(found, said, clock),)
    return Acknowledged(
        venue_order_id=known or f"told for {order.id}",
        fills=fills,
        ended=said.fate is Fate.FILLED,
        evidence=evidence,
    )


def told(said: Settlement) -> dict[str, str]:
    """Return what a person said, for the audit."""
    given = {
        "fate": said.fate.value,
        "venue_order_id": said.venue_order_id,
        "trade_id": said.trade_id,
    }
    if said.fate is Fate.FILLED:
        given |= {
            "quantity": f"{said.quantity:f}",
            "price": f"{said.price:f}",
            "fee": f"{said.fee:f}",
            "fee_currency": said.fee_currency,
        }
    return {name: value for name, value in given.items() if value is not None}


def _refuse_unfit(order: Order, said: Settlement) -> None:
    status = order.status
    if status in LATE and said.fate is not Fate.FILLED:
        raise CannotSettle(
            f"The order is {status.value}: only executions can still come to light.",
            "Use --filled for those.",
        )
    if status is not OrderStatus.NEEDS_OPERATOR and status not in LATE:
        fix = (
            "Signalman asks the venue by itself; wait for that."
            if not status.is_over
            else "There is nothing left to settle."
        )
        raise CannotSettle(f"The order is {status.value}.", fix)
    if said.fate is not Fate.FILLED:
        return
    open_rest = subtract(order.quantity, order.filled)
    if not ZERO < said.quantity <= open_rest:
        raise CannotSettle(
            f"Between 0 and {number(open_rest)} can have been filled, "
            f"not {number(said.quantity)}.",
            f"The order was for {number(order.quantity)}, and {number(order.filled)} "
            "is known already.",
        )
    if said.price <= ZERO or said.fee < ZERO:
        raise CannotSettle("A price is above 0, and a fee not below.")


def _fill(found: SettledOrder, said: Settlement, clock: Clock) -> FillReport:
    return FillReport(
        # The same words again are the same execution: telling it twice counts it once.
        trade_id=said.trade_id or _name(said),
        quantity=said.quantity,
        price=said.price,
        fee=said.fee,
        fee_currency=said.fee_currency or found.instrument.settle,
        at=clock.now(),
    )


def _name(said: Settlement) -> str:
    return f"told:{said.quantity.normalize():f}@{said.price.normalize():f}"
