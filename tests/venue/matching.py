"""The simulated venue's matching: accepts or refuses orders, fills them, moves prices."""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

from tests.venue.books import (
    ZERO,
    Customer,
    No,
    Position,
    Refusal,
    Status,
    Trade,
    VenueOrder,
)
from tests.venue.market import Kind, Market


class Duplicates(Enum):
    """Which client order ids the venue refuses as used: the policies of real ones."""

    NEVER_CHECKED = "never checked"
    OPEN_ONLY = "among open orders"
    FOR_EVER = "for ever"


@dataclass(slots=True)
class Matching:
    """One venue's order books, without other people in them."""

    markets: dict[str, Market]
    now: Callable[[], int]
    duplicates: Duplicates = Duplicates.OPEN_ONLY
    fill_fraction: Decimal = Decimal(1)
    """How much of what could fill is filled at once: 0 leaves market orders open."""
    fills_a_time: int = 1
    fee_in_base: bool = False
    """Whether buying on spot costs its fee in what was bought."""
    prices: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1001))
    _trade_ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    @classmethod
    def of(cls, markets: Iterable[Market], now: Callable[[], int]) -> "Matching":
        """Return a venue that lists ``markets`` at their usual prices."""
        listed = {one.id: one for one in markets}
        return cls(listed, now, prices={id: one.price for id, one in listed.items()})

    def next_id(self) -> int:
        """Return the next order's id."""
        return next(self._ids)

    def place(self, customer: Customer, order: VenueOrder) -> VenueOrder:
        """Take the order and fill what can be filled.

        Raises:
            Refusal: If the venue does not take it.
        """
        self._refuse_duplicate(customer, order)
        self._check_grid(order)
        self._check_means(customer, order)
        if _fires(order, self.prices[order.market.id]):
            raise Refusal(No.TRIGGERS)
        customer.orders.append(order)
        if order.trigger is not None:
            order.status = Status.UNTRIGGERED
        else:
            self.match(customer, order)
        return order

    def match(self, customer: Customer, order: VenueOrder) -> None:
        """Fill what the market's price allows of an order."""
        price = self._price_for(order)
        if price is not None:
            wanted = order.remaining * self.fill_fraction
            grid = (wanted // order.market.step) * order.market.step
            for part in _parts(grid, self.fills_a_time, order.market.step):
                self.fill(customer, order, part, price)
        if order.status.is_open and order.time_in_force in ("IOC", "FOK"):
            order.status = Status.EXPIRED
            order.updated = self.now()

    def fill(
        self, customer: Customer, order: VenueOrder, quantity: Decimal, price: Decimal
    ) -> None:
        """Execute part of an order, less where it may only reduce and less is open."""
        if order.reduce_only and order.market.kind is Kind.PERPETUAL:
            quantity = min(quantity, _reducible(customer, order))
        if quantity <= ZERO:
            order.status = Status.EXPIRED
            return
        fee, asset = self._fee(order, quantity, price)
        trade = Trade(
            id=next(self._trade_ids),
            order=order,
            quantity=quantity,
            price=price,
            fee=fee,
            fee_asset=asset,
            realized=ZERO,
            at=self.now(),
        )
        trade.realized = _settle(customer, trade)
        order.trades.append(trade)
        order.filled += quantity
        order.worth += quantity * price
        order.updated = self.now()
        whole = order.filled >= order.quantity
        order.status = Status.FILLED if whole else Status.PARTIALLY_FILLED
        perpetual = order.market.kind is Kind.PERPETUAL
        if order.reduce_only and perpetual and not whole:
            nothing_left = _reducible(customer, order) == ZERO
            order.status = Status.EXPIRED if nothing_left else order.status

    def cancel(self, order: VenueOrder | None) -> VenueOrder:
        """End an open order.

        Raises:
            Refusal: If there is none that is open.
        """
        if order is None or not order.status.is_open:
            raise Refusal(No.UNKNOWN_ORDER)
        order.status = Status.CANCELED
        order.updated = self.now()
        return order

    def move(self, customers: Iterable[Customer], market: str, price: Decimal) -> None:
        """Move the market's price; triggers fire and limit orders fill."""
        self.prices[market] = price
        for customer in customers:
            for order in [one for one in customer.orders if one.market.id == market]:
                if order.status is Status.UNTRIGGERED and _fires(order, price):
                    order.status = Status.NEW
                if order.status in (Status.NEW, Status.PARTIALLY_FILLED):
                    self.match(customer, order)

    def liquidate(self, customer: Customer, market: str) -> VenueOrder:
        """Close the customer's position as a venue does on its own."""
        held = customer.position(market).quantity
        order = VenueOrder(
            id=self.next_id(),
            client_id=f"autoclose-{self.now()}",
            market=self.markets[market],
            buys=held < ZERO,
            type="LIMIT",
            quantity=abs(held),
            price=self.prices[market],
            reduce_only=True,
            at=self.now(),
        )
        customer.orders.append(order)
        self.fill(customer, order, abs(held), self.prices[market])
        return order

    def _refuse_duplicate(self, customer: Customer, order: VenueOrder) -> None:
        known = customer.by_client_id(order.client_id)
        if (
            not order.client_id
            or known is None
            or self.duplicates is Duplicates.NEVER_CHECKED
        ):
            return
        if known.status.is_open or self.duplicates is Duplicates.FOR_EVER:
            raise Refusal(No.DUPLICATE)

    def _check_grid(self, order: VenueOrder) -> None:
        market = order.market
        price = order.price or self.prices[market.id]
        if order.quantity % market.step or (order.price and order.price % market.tick):
            raise Refusal(No.PRECISION)
        if order.quantity > market.maximum:
            raise Refusal(No.TOO_MUCH)
        too_little = order.quantity * price < market.notional_min and not order.reduce_only
        if order.quantity < market.minimum or too_little:
            raise Refusal(No.MINIMUM)

    def _check_means(self, customer: Customer, order: VenueOrder) -> None:
        market, price = order.market, order.price or self.prices[order.market.id]
        if market.kind is Kind.SPOT:
            asset = market.quote if order.buys else market.base
            needed = order.quantity * price if order.buys else order.quantity
            if free(customer, asset) < needed:
                raise Refusal(No.FUNDS)
            return
        held = customer.position(market.id).quantity
        if order.reduce_only:
            if held == ZERO or (held > ZERO) is order.buys:
                raise Refusal(No.REDUCE_ONLY)
            return
        leverage = customer.leverage.get(market.id, 20)
        if customer.balances.get(market.quote, ZERO) * leverage < order.quantity * price:
            raise Refusal(No.FUNDS)

    def _price_for(self, order: VenueOrder) -> Decimal | None:
        price = self.prices[order.market.id]
        if order.price is None:
            return price
        crosses = order.price >= price if order.buys else order.price <= price
        return price if crosses else None

    def _fee(
        self, order: VenueOrder, quantity: Decimal, price: Decimal
    ) -> tuple[Decimal, str]:
        market = order.market
        if market.kind is Kind.SPOT and order.buys and self.fee_in_base:
            return quantity * market.fee_rate, market.base
        return quantity * price * market.fee_rate, market.quote


def free(customer: Customer, asset: str) -> Decimal:
    """Return what open spot orders leave of an asset."""
    locked = sum(
        (
            one.remaining * one.price if one.buys and one.price else one.remaining
            for one in customer.orders
            if one.status.is_open
            and one.market.kind is Kind.SPOT
            and asset == (one.market.quote if one.buys else one.market.base)
        ),
        ZERO,
    )
    return customer.balances.get(asset, ZERO) - locked


def _reducible(customer: Customer, order: VenueOrder) -> Decimal:
    """Return how much is held of the side that the order reduces."""
    held = customer.position(order.market.id).quantity
    return max(-held if order.buys else held, ZERO)


def _fires(order: VenueOrder, price: Decimal) -> bool:
    if order.trigger is None:
        return False
    return price >= order.trigger if order.trigger_rises else price <= order.trigger


def _parts(quantity: Decimal, count: int, step: Decimal) -> list[Decimal]:
    if quantity <= ZERO:
        return []
    part = (quantity / count // step) * step
    if part <= ZERO:
        return [quantity]
    return [part] * (count - 1) + [quantity - part * (count - 1)]


def _settle(customer: Customer, trade: Trade) -> Decimal:
    """Book the execution; return what it realized before fees."""
    market, worth = trade.order.market, trade.quantity * trade.price
    signed = trade.quantity if trade.order.buys else -trade.quantity
    balances = customer.balances
    balances[trade.fee_asset] = balances.get(trade.fee_asset, ZERO) - trade.fee
    if market.kind is Kind.SPOT:
        balances[market.base] = balances.get(market.base, ZERO) + signed
        paid = worth if trade.order.buys else -worth
        balances[market.quote] = balances.get(market.quote, ZERO) - paid
        return ZERO
    realized = _reposition(customer.position(market.id), signed, trade.price)
    balances[market.quote] = balances.get(market.quote, ZERO) + realized
    return realized


def _reposition(position: Position, signed: Decimal, price: Decimal) -> Decimal:
    held = position.quantity
    if held == ZERO or (held > ZERO) == (signed > ZERO):
        position.quantity += signed
        position.cost += signed * price
        return ZERO
    closing = min(abs(signed), abs(held))
    direction = 1 if held > ZERO else -1
    realized = (price - position.entry) * closing * direction
    position.cost -= position.entry * closing * direction
    position.quantity += signed
    if abs(signed) > closing:
        position.cost = position.quantity * price
    return realized
