"""The paper venue: real fees, slippage, steps and refusals, and no money.

It fills at the price that the order's decision saw, since without market data the latest
alert price is the market. A limit order that this price does not reach rests, and fills at
its limit once a price does. It keeps books of its own, so that ours can be held against
them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import NAMESPACE_OID, uuid5

from application.ports.broker import (
    ALREADY_FLAT,
    Acknowledged,
    Answer,
    Execution,
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
from domain.fills import fee, fill_price, limit_fill_price, rule_price
from domain.instrument import Instrument, Kind
from domain.means import Means, needed
from domain.money import DOWN, ZERO, add, divide_down, multiply, subtract


@dataclass(frozen=True, slots=True)
class PaperBroker:
    """A venue that exists in a ledger only."""

    ledger: PaperLedger
    clock: Clock

    async def place(self, order: VenueOrder) -> Answer:
        """Fill the order at once, let it rest, or refuse it; once for its id."""
        answer = await self.ledger.execute(order, self._match)
        return answer or Unknown(evidence="the order came after its time and was not taken")

    async def find(self, order: VenueOrder) -> Lookup:
        """Return what became of the order. The ledger knows every order it ever took."""
        if order.order.limit_price is None:
            known = await self.ledger.find(order)
        else:
            known = await self.ledger.look_again(order, self._waiting)
        return known or NotFound(authoritative=True, evidence=_NEVER_TAKEN)

    async def cancel(self, order: VenueOrder) -> Lookup:
        """End an order that rests; any other filled or was refused when it came."""
        if order.order.limit_price is None:
            return await self.find(order)
        known = await self.ledger.look_again(order, _taken_back)
        return known or NotFound(authoritative=True, evidence=_NEVER_TAKEN)

    def rests(self, account: DeskAccount, instrument: Instrument) -> bool:  # noqa: ARG002
        """Say no: a stop on paper is tested on the prices of alerts."""
        return False

    async def balance(self, account: DeskAccount) -> Decimal | None:
        """Return the account's cash; its starting balance before the first order."""
        known = await self.ledger.balance(account.id)
        return account.start_balance if known is None else known

    async def held(self, account: DeskAccount, instrument: Instrument) -> Decimal | None:
        """Return how much of a market the ledger holds."""
        return await self.ledger.held(account.id, instrument.symbol)

    async def executions(
        self,
        account: DeskAccount,  # noqa: ARG002
        instrument: Instrument,  # noqa: ARG002
        since: datetime,  # noqa: ARG002
    ) -> Sequence[Execution] | None:
        """Tell nothing: nobody but our own orders trades on a paper account."""
        return None

    def _match(self, order: VenueOrder, books: Books) -> Executed | Refused:
        price = _price(order)
        worst = price or order.order.limit_price or order.order.decision_price
        refused = _below_minimum(order, worst) or _beyond_means(order, books, worst)
        if refused is not None:
            return refused
        if price is None:
            return _left(order, books, "waits for its price", ended=False)
        return self._execute(order, books, price)

    def _waiting(self, order: VenueOrder, books: Books) -> Executed | Refused:
        """Fill a resting order at its limit once the market was there."""
        limit = order.order.limit_price
        if limit is None or _price(order) is None:
            return _left(order, books, "waits for its price", ended=False)
        if _beyond_means(order, books, limit) is not None:
            return _left(order, books, "its money was spent elsewhere", ended=True)
        return self._execute(order, books, limit)

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
            venue_order_id=_venue_order_id(order),
            fills=(report,),
            ended=True,
            evidence="filled by the paper venue",
        )
        return Executed(answer=answer, balance_change=subtract(cash, cost), holding=holding)


_NEVER_TAKEN = "the paper ledger has no order with this id"


def _taken_back(order: VenueOrder, books: Books) -> Executed:
    return _left(order, books, "canceled before its price came", ended=True)


def _left(order: VenueOrder, books: Books, evidence: str, *, ended: bool) -> Executed:
    """Return an order that does nothing to the books."""
    answer = Acknowledged(
        venue_order_id=_venue_order_id(order), ended=ended, evidence=evidence
    )
    return Executed(answer=answer, balance_change=ZERO, holding=books.holding)


def _venue_order_id(order: VenueOrder) -> str:
    return uuid5(NAMESPACE_OID, f"order {order.order.id}").hex


def _price(order: VenueOrder) -> Decimal | None:
    """Return where the order fills at once; None for one that must wait."""
    placed, costs = order.order, order.account.costs
    market, level, buys = placed.decision_price, placed.trigger_price, placed.buys
    if placed.limit_price is not None:
        prices = (order.market or market, placed.limit_price)
        return limit_fill_price(prices, order.instrument, costs, buys=buys)
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
        code = ALREADY_FLAT if held == ZERO else "paper.reduce_only"
        return Refused(code=code, text=f"only {held:f} is held, nothing to reduce")
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
