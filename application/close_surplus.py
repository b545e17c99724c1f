"""Close what a venue holds beyond our books: one reduce-only order, and what became of it.

The order is kept before it leaves, under an id that is derived from the difference, and it
leaves under the key's claim, so that nobody trades there meanwhile. An answer that is lost
is asked for like any other. Nothing of it enters a bot's book.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from application.answers import Acknowledged, Refused, Report
from application.differences import Seen, to_close
from application.identity import client_order_id
from application.ports.broker import Broker, VenueOrder
from application.ports.comparisons import ComparedMarket, Comparisons
from application.ports.configuration import Author
from application.ports.surplus_closes import SurplusClose, SurplusCloses
from application.ports.workbench import ClaimLost, WorkQueue
from application.records import IntentId
from application.resolving import Silent, event_of
from application.sending import VENUE_ARRIVAL
from domain.money import ZERO, subtract
from domain.order import Order, OrderEvent, OrderStatus
from domain.signal import Direction

ATTEMPTS_MAX = 3
"""How many orders one difference may cost before a person must look."""


@dataclass(frozen=True, slots=True)
class CloseSurplus:
    """Send one order a difference and attempt, and find out what became of it."""

    closes: SurplusCloses
    comparisons: Comparisons
    broker: Broker
    queue: WorkQueue
    owner: str

    async def __call__(self, market: ComparedMarket, author: Author) -> None:
        """Close a market's surplus, once nobody else works there and it is still there."""
        attempts = await self.closes.attempts(market)
        if attempts >= ATTEMPTS_MAX:
            return
        claim = await self.queue.claim(market.key, self.owner)
        if claim is None:
            return
        try:
            now = await self._again(market)
            order = None if now is None else await self._order(now, attempts)
            if now is None or order is None:
                return
            close = await self.closes.begin(claim, now, order, author)
            if close is not None:
                await self._tell(close, await self.broker.place(_venue_order(close)))
        except ClaimLost:
            return
        finally:
            await self.queue.release(claim, None)

    async def pursue(self) -> None:
        """Ask what became of orders whose end is not known."""
        for close in await self.closes.live():
            await self._tell(close, await self.broker.find(_venue_order(close)))

    async def _again(self, market: ComparedMarket) -> ComparedMarket | None:
        """Return the market as our books have it under the claim, if nothing is at work."""
        for one in await self.comparisons.markets():
            if one.key == market.key and not one.busy and one.ours == market.ours:
                return one
        return None

    async def _order(self, market: ComparedMarket, attempts: int) -> Order | None:
        """Return the order for what is there at this moment; None where nothing is."""
        theirs = await self.broker.held(market.account, market.instrument)
        if theirs is None or theirs != market.last_theirs:
            return None
        instrument = market.instrument
        found = to_close(Seen(market.ours, theirs, market.baseline, instrument.can_short))
        if found is None:
            return None
        side, surplus = found
        quantity = instrument.round_quantity(surplus)
        return _sent(market, side, quantity, attempts) if quantity else None

    async def _tell(self, close: SurplusClose, answer: Report) -> None:
        order, evidence = _after(close, answer)
        if order != close.order:
            await self.closes.keep(close, order, evidence)


def _sent(
    market: ComparedMarket, side: Direction, quantity: Decimal, attempts: int
) -> Order:
    """Return the order as it leaves: the same for the same difference and attempt."""
    since = market.differs_since
    name = f"surplus:{market.account.id}:{market.key.symbol}:{since}"
    order = Order(
        id=client_order_id(
            market.installation, IntentId(name), leg=1, generation=attempts + 1
        ),
        symbol=market.key.symbol,
        side=side,
        reduces=True,
        quantity=quantity,
        decision_price=market.mark.price if market.mark else ZERO,
    )
    sent = order.after(OrderEvent.SUBMITTED)
    return replace(sent, may_arrive_until=market.now + VENUE_ARRIVAL)


def _venue_order(close: SurplusClose) -> VenueOrder:
    return VenueOrder(account=close.account, instrument=close.instrument, order=close.order)


def _after(close: SurplusClose, answer: Report) -> tuple[Order, str]:
    """Return the order once the venue has said this of it, and the evidence."""
    order = close.order
    if not isinstance(answer, Acknowledged):
        event = event_of(close, order, answer)
        return (order if event is None else order.after(event)), _evidence(answer)
    return _acknowledged(order, answer), answer.evidence


def _evidence(answer: Silent) -> str:
    if isinstance(answer, Refused):
        return f"{answer.code}: {answer.text}"
    return answer.evidence


def _acknowledged(order: Order, answer: Acknowledged) -> Order:
    """Return the order with what the venue executed; the executions told are all so far."""
    order, counted = replace(order, venue_order_id=answer.venue_order_id), order.filled
    for fill in answer.fills:
        if counted >= fill.quantity:
            counted = subtract(counted, fill.quantity)
            continue
        order = order.after_fill(subtract(fill.quantity, counted), fill.price)
        counted = ZERO
    if order.status.is_over:
        return order
    if answer.ended:
        return order.after(OrderEvent.CANCELED)
    in_doubt = order.status in (OrderStatus.SUBMITTING, OrderStatus.UNKNOWN)
    return order.after(OrderEvent.OPENED) if in_doubt else order
