"""The paper venue: real fees, slippage, steps and refusals, and no money.

It fills at the price that the order's decision saw, since without market data the latest
alert price is the market. It keeps books of its own, so that ours can be held against them.
"""

from dataclasses import dataclass
from decimal import Decimal
from uuid import NAMESPACE_OID, uuid5

from application.ports.broker import (
    Acknowledged,
    Answer,
    FillReport,
    Lookup,
    NotFound,
    Refused,
    Unknown,
    VenueOrder,
)
from application.ports.clock import Clock
from application.ports.paper_ledger import Books, Executed, Holding, PaperLedger
from application.records import DeskAccount
from domain.fills import fee, fill_price, rule_price
from domain.instrument import Instrument, Kind
from domain.means import Means, needed
from domain.money import DOWN, ZERO, add, divide_down, multiply, subtract


@dataclass(frozen=True, slots=True)
class PaperBroker:
    """A venue that exists in a ledger only."""

    ledger: PaperLedger
    clock: Clock

    async def place(self, order: VenueOrder) -> Answer:
        """Fill the order at once, or refuse it; the same answer for the same id."""
        answer = await self.ledger.execute(order, self._match)
        return answer or Unknown(evidence="the order came after its time and was not taken")

    async def find(self, order: VenueOrder) -> Lookup:
        """Return what became of the order. The ledger knows every order it ever took."""
        known = await self.ledger.find(order)
        return known or NotFound(
            authoritative=True, evidence="the paper ledger has no order with this id"
        )

    async def cancel(self, order: VenueOrder) -> Lookup:
        """Return what became of the order: it filled or was refused when it came."""
        return await self.find(order)

    async def balance(self, account: DeskAccount) -> Decimal | None:
        """Return the account's cash; its starting balance before the first order."""
        known = await self.ledger.balance(account.id)
        return account.start_balance if known is None else known

    async def held(self, account: DeskAccount, instrument: Instrument) -> Decimal | None:
        """Return how much of a market the ledger holds."""
        return await self.ledger.held(account.id, instrument.symbol)

    def _match(self, order: VenueOrder, books: Books) -> Executed | Refused:
        price = _price(order)
        refused = _below_minimum(order, price) or _beyond_means(order, books, price)
        return refused or self._execute(order, books, price)

    def _execute(self, order: VenueOrder, books: Books, price: Decimal) -> Executed:
        quantity = order.order.quantity
        cost = fee(quantity, price, order.account.costs)
        holding, cash = _traded(order, books.holding, price)
        report = FillReport(
            trade_id=uuid5(NAMESPACE_OID, f"fill {order.order.id}").hex,
            quantity=quantity,
            price=price,
            fee=cost,
            fee_currency=order.account.currency,
            at=self.clock.now(),
        )
        answer = Acknowledged(
            venue_order_id=uuid5(NAMESPACE_OID, f"order {order.order.id}").hex,
            fills=(report,),
            ended=True,
            evidence="filled by the paper venue",
        )
        return Executed(answer=answer, balance_change=subtract(cash, cost), holding=holding)


def _price(order: VenueOrder) -> Decimal:
    placed, costs = order.order, order.account.costs
    market, level, buys = placed.decision_price, placed.trigger_price, placed.buys
    if level is None:
        return fill_price(market, order.instrument, costs, buys=buys)
    return rule_price(
        (market, level), order.instrument, costs, buys=buys, stop=placed.triggers_stop
    )


def _below_minimum(order: VenueOrder, price: Decimal) -> Refused | None:
    quantity, instrument = order.order.quantity, order.instrument
    if order.order.reduces or not instrument.is_dust(quantity, price):
        return None
    return Refused(
        code="paper.below_minimum",
        text=f"{quantity:f} at {price:f} is below the market's minimum",
    )


def _beyond_means(order: VenueOrder, books: Books, price: Decimal) -> Refused | None:
    """Refuse what could not be paid for, or a reduction of what is not held."""
    if order.order.reduces:
        held = books.holding.quantity
        enough = (
            held >= order.order.quantity
            if not order.order.buys
            else (held.copy_negate() >= order.order.quantity)
        )
        if enough:
            return None
        return Refused(
            code="paper.reduce_only", text=f"only {held:f} is held, nothing to reduce"
        )
    held = books.holding.cost.copy_abs()
    means = Means(books.balance, held, books.margin_used, order.leverage)
    asked = needed(
        order.order.quantity, price, order.instrument, order.account.costs, means
    )
    if asked <= books.balance:
        return None
    return Refused(
        code="paper.insufficient_funds",
        text=f"{asked:f} {order.account.currency} needed, {books.balance:f} there",
    )


def _traded(order: VenueOrder, held: Holding, price: Decimal) -> tuple[Holding, Decimal]:
    """Return the holding after the fill and the cash it brought, before fees."""
    size = order.order.quantity
    quantity = size if order.order.buys else size.copy_negate()
    worth = multiply(quantity, price)
    if order.instrument.kind is Kind.SPOT:
        bought = Holding(add(held.quantity, quantity), add(held.cost, worth))
        return bought, worth.copy_negate()
    after = add(held.quantity, quantity)
    if not order.order.reduces:
        return Holding(after, add(held.cost, worth)), ZERO
    left = _share(held.cost, after, held.quantity)
    return Holding(after, left), add(worth, subtract(held.cost, left)).copy_negate()


def _share(cost: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """Return the cost of what is left after a reduction, at the average price."""
    return divide_down(multiply(cost, part), whole).quantize(_PRECISION, context=DOWN)


_PRECISION = Decimal("1E-12")
