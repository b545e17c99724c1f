"""The simulator's matching as a venue without a wire: its clock is the simulation's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Self

from adapters.clock.fixed import FixedClock
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
from application.records import DeskAccount
from domain.instrument import Instrument
from tests.venue.books import Customer, No, Refusal, Status, Trade
from tests.venue.books import VenueOrder as Kept
from tests.venue.market import Kind
from tests.venue.market import Market as Listed
from tests.venue.matching import Duplicates, Matching

BITCOIN = Listed(
    id="BTCUSDT",
    base="BTC",
    quote="USDT",
    kind=Kind.PERPETUAL,
    tick=Decimal("0.1"),
    step=Decimal("0.001"),
    minimum=Decimal("0.001"),
    maximum=Decimal(1000),
    notional_min=Decimal(5),
    price=Decimal(100),
    fee_rate=Decimal("0.0005"),
)


@dataclass(slots=True)
class Market:
    """One customer at one market of a simulated venue."""

    matching: Matching
    customer: Customer

    @property
    def held_now(self) -> Decimal:
        """Return what the customer holds, short as negative."""
        return self.customer.position(BITCOIN.id).quantity

    @property
    def price(self) -> Decimal:
        """Return where the market is."""
        return self.matching.prices[BITCOIN.id]

    def move(self, price: Decimal) -> None:
        """Move the market; what rests triggers."""
        self.matching.move([self.customer], BITCOIN.id, price)

    def open_orders(self) -> list[Kept]:
        """Return what may still execute."""
        return [one for one in self.customer.orders if one.status.is_open]

    def resting(self) -> list[Kept]:
        """Return what waits for its trigger."""
        orders = self.customer.orders
        return [one for one in orders if one.status is Status.UNTRIGGERED]


@dataclass(slots=True)
class MatchingVenue(Market):
    """A venue of perpetuals whose stops rest, and which takes an id as often as it comes.

    It tells what it knows at once. That an order is sent once is for others to see to.
    """

    clock: FixedClock

    @classmethod
    def opened(cls, clock: FixedClock) -> Self:
        """Return it with one market, for one customer with money and no position."""

        def milliseconds() -> int:
            return int(clock.now().timestamp() * 1000)

        matching = Matching.of([BITCOIN], milliseconds)
        matching.duplicates = Duplicates.NEVER_CHECKED
        balances = {"USDT": Decimal(1_000_000)}
        return cls(matching, Customer(key="", secret="", balances=balances), clock)

    async def place(self, order: VenueOrder) -> Answer:
        """Take the order, unless its time is up."""
        until = order.order.may_arrive_until
        if until is not None and self.clock.now() > until:
            return Unknown(evidence="the order came after its time and was not taken")
        try:
            return self._told(self.matching.place(self.customer, self._read(order)))
        except Refusal as refusal:
            flat = refusal.no is No.REDUCE_ONLY and not self.held_now
            code = ALREADY_FLAT if flat else refusal.no.name
            return Refused(code=code, text=refusal.no.value)

    async def find(self, order: VenueOrder) -> Lookup:
        """Tell what became of the order; the venue knows every one it ever took."""
        known = self.customer.by_client_id(order.order.id)
        if known is None:
            return NotFound(authoritative=True, evidence="no order has this id")
        return self._told(known)

    async def cancel(self, order: VenueOrder) -> Lookup:
        """End an order that may still execute."""
        known = self.customer.by_client_id(order.order.id)
        if known is not None and known.status.is_open:
            self.matching.cancel(known)
        return await self.find(order)

    def rests(self, account: DeskAccount, instrument: Instrument) -> bool:
        """Say that stops rest here."""
        return (account.exchange, instrument.kind.value) == ("binanceusdm", "perpetual")

    async def balance(self, account: DeskAccount) -> Decimal | None:
        """Return the customer's money."""
        return self.customer.balances.get(account.currency)

    async def held(self, account: DeskAccount, instrument: Instrument) -> Decimal | None:
        """Return what the customer holds."""
        del account, instrument
        return self.held_now

    async def executions(
        self, account: DeskAccount, instrument: Instrument, since: datetime
    ) -> Sequence[Execution]:
        """Return what the customer's orders executed."""
        del account, instrument
        told = [
            Execution(fill=_report(trade), buys=order.buys)
            for order in self.customer.orders
            for trade in order.trades
        ]
        return [one for one in told if one.fill.at >= since]

    def _read(self, order: VenueOrder) -> Kept:
        placed = order.order
        trigger = placed.trigger_price if order.waits_for_trigger else None
        return Kept(
            id=self.matching.next_id(),
            client_id=placed.id,
            market=BITCOIN,
            buys=placed.buys,
            type="MARKET" if trigger is None else "STOP_MARKET",
            quantity=placed.quantity,
            price=placed.limit_price,
            reduce_only=placed.reduces,
            at=self.matching.now(),
            trigger=trigger,
            trigger_rises=placed.buys is placed.triggers_stop,
        )

    def _told(self, order: Kept) -> Acknowledged:
        return Acknowledged(
            venue_order_id=str(order.id),
            fills=tuple(map(_report, order.trades)),
            ended=not order.status.is_open,
            evidence=f"{order.status.value}, {order.filled:f} of {order.quantity:f}",
        )


def _report(trade: Trade) -> FillReport:
    return FillReport(
        trade_id=str(trade.id),
        quantity=trade.quantity,
        price=trade.price,
        fee=trade.fee,
        fee_currency=trade.fee_asset,
        at=datetime.fromtimestamp(trade.at / 1000, UTC),
    )
