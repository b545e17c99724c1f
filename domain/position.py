"""A bot's position: the lots it holds on one side of one symbol, and what closing earned.

====================  =====================================================
 entry 1  1 @ 100      lots (1 @ 100)               cost 100
 entry 2  1 @  98      lots (1 @ 100, 1 @ 98)       cost 198
 exit     1 @ 105      lots (1 @ 98)                realized 5, first in first out
 exit     1 @ 110      flat                         realized 17, one trade is complete
====================  =====================================================

Cost and quantity are kept, the average is derived: nothing here divides, so what closing
realizes equals what was unrealized to the last digit. Fees are stated apart.
"""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from domain.errors import ReductionExceedsPosition, SideDiffers
from domain.instrument import Instrument
from domain.money import ZERO, add, divide_down, multiply, subtract
from domain.signal import LONG, SHORT, Direction


class Lot(NamedTuple):
    """One still-open addition to a position: base quantity at a price."""

    quantity: Decimal
    price: Decimal


NOTHING = Lot(ZERO, ZERO)


class Fill(NamedTuple):
    """One execution, as the position sees it. ``fee`` is in the settlement currency.

    ``number`` is the entry it belongs to, counted from 1; 0 for a fill that reduces.
    """

    side: Direction
    number: int
    quantity: Decimal
    price: Decimal
    fee: Decimal
    at: datetime
    bar_time: datetime | None = None


class Trade(NamedTuple):
    """A closed round trip, from flat to flat. ``pnl`` is net of fees."""

    side: Direction
    entries: int
    quantity: Decimal
    entry_cost: Decimal
    exit_proceeds: Decimal
    fees: Decimal
    opened_at: datetime
    closed_at: datetime

    @property
    def pnl(self) -> Decimal:
        """Return what the trade earned after fees."""
        return subtract(gain(self.side, self.entry_cost, self.exit_proceeds), self.fees)


class Position(NamedTuple):
    """Everything about the trade that is open now, or the last one once flat."""

    side: Direction | None = None
    lots: tuple[Lot, ...] = ()
    numbers: tuple[int, ...] = ()
    """The entries of this trade, in the order of their first fills."""
    realized: Decimal = ZERO
    """Gross, of the trade that is open."""
    fees: Decimal = ZERO
    entered: Lot = NOTHING
    """All entries of this trade: total quantity, and total cost in place of a price."""
    left: Lot = NOTHING
    """All exits of this trade: total quantity and total proceeds."""
    last_entry: Lot = NOTHING
    """The last of ``numbers``: its quantity and cost over all of its fills."""
    opened_at: datetime | None = None
    first_bar: datetime | None = None
    best: Decimal | None = None
    """The most favorable price since the first entry; a trailing stop counts from it."""

    @property
    def entries(self) -> int:
        """Return how many entries this trade has, however many fills each took."""
        return len(self.numbers)

    @property
    def is_flat(self) -> bool:
        """Say whether nothing is held."""
        return not self.lots

    @property
    def quantity(self) -> Decimal:
        """Return the base quantity held, never negative."""
        if not self.left.quantity:
            return self.entered.quantity
        total = ZERO
        for lot in self.lots:
            total = add(total, lot.quantity)
        return total

    @property
    def cost(self) -> Decimal:
        """Return quantity times entry price, summed over the open lots."""
        if not self.left.quantity:
            return self.entered.price
        total = ZERO
        for lot in self.lots:
            total = add(total, multiply(lot.quantity, lot.price))
        return total

    @property
    def average_price(self) -> Decimal | None:
        """Return cost over quantity, rounded down at 60 digits; None when flat."""
        return divide_down(self.cost, self.quantity) if self.lots else None

    def unrealized(self, mark: Decimal) -> Decimal:
        """Return what closing everything at ``mark`` would add, before fees."""
        return gain(self.side, self.cost, multiply(self.quantity, mark))

    def after(self, fill: Fill) -> "Position":
        """Return the position once ``fill`` is counted in.

        Raises:
            ReductionExceedsPosition: If a reducing fill is larger than what is held.
            SideDiffers: If the fill belongs to the other side than what is held.
            ValueError: If nothing was filled.
        """
        if not fill.quantity > ZERO:
            message = f"a fill's quantity must be positive, was {fill.quantity}"
            raise ValueError(message)
        if self.lots and self.side is not None and fill.side is not self.side:
            raise SideDiffers(self.side.value, fill.side.value)
        if fill.number == 0:
            return self._reduced(fill)
        return self._increased(fill) if self.lots else _opened(fill)

    def seen(self, high: Decimal, low: Decimal) -> "Position":
        """Return the position once the market traded between ``low`` and ``high``."""
        if not self.lots or self.best is None:
            return self
        best = max(self.best, high) if self.side is LONG else min(self.best, low)
        return self if best == self.best else self._replace(best=best)

    def is_closed(self, instrument: Instrument, price: Decimal) -> bool:
        """Say whether nothing is left that the venue would take an order for."""
        return not self.lots or instrument.is_dust(self.quantity, price)

    def without_dust(self) -> "Position":
        """Return the position once what is left counts no more: nobody takes it."""
        return self._replace(lots=()) if self.left.quantity else FLAT

    def trade(self, closed_at: datetime) -> Trade:
        """Return the round trip that a flat position has just completed.

        Dust that the venue takes no order for stays out: what was closed is the trade.
        """
        if self.side is None or self.opened_at is None:  # the two are known together
            message = "a position that never opened is no trade"
            raise ValueError(message)
        return Trade(
            self.side,
            self.entries,
            self.left.quantity,
            subtract(self.entered.price, self.cost),
            self.left.price,
            self.fees,
            self.opened_at,
            closed_at,
        )

    def _increased(self, fill: Fill) -> "Position":
        entry = Lot(fill.quantity, multiply(fill.quantity, fill.price))
        numbers, last = self.numbers, self.last_entry
        if fill.number not in numbers:
            numbers, last = (*numbers, fill.number), entry
        elif fill.number == numbers[-1]:
            last = _sum(last, entry)
        return Position(
            self.side,
            (*self.lots, Lot(fill.quantity, fill.price)),
            numbers,
            self.realized,
            add(self.fees, fill.fee),
            _sum(self.entered, entry),
            self.left,
            last,
            self.opened_at,
            self.first_bar,
            self.best,
        )

    def _reduced(self, fill: Fill) -> "Position":
        lots: tuple[Lot, ...] = ()
        cost = self.cost
        if fill.quantity != self.quantity:
            lots, cost = _taken(self.lots, fill.quantity)
        proceeds = multiply(fill.quantity, fill.price)
        return Position(
            self.side,
            lots,
            self.numbers,
            add(self.realized, gain(self.side, cost, proceeds)),
            add(self.fees, fill.fee),
            self.entered,
            _sum(self.left, Lot(fill.quantity, proceeds)),
            self.last_entry,
            self.opened_at,
            self.first_bar,
            self.best,
        )


FLAT = Position()


def _opened(fill: Fill) -> Position:
    lot = Lot(fill.quantity, fill.price)
    entered = Lot(fill.quantity, multiply(fill.quantity, fill.price))
    return Position(
        fill.side,
        (lot,),
        (fill.number,),
        ZERO,
        fill.fee,
        entered,
        NOTHING,
        entered,
        fill.at,
        fill.bar_time,
        fill.price,
    )


def gain(side: Direction | None, cost: Decimal, proceeds: Decimal) -> Decimal:
    """Return what a side earned; never by a sign, which would round to 28 digits."""
    if side is SHORT:
        return subtract(cost, proceeds)
    return subtract(proceeds, cost)


def _sum(one: Lot, other: Lot) -> Lot:
    return Lot(add(one.quantity, other.quantity), add(one.price, other.price))


def _taken(lots: tuple[Lot, ...], quantity: Decimal) -> tuple[tuple[Lot, ...], Decimal]:
    """Return the lots left and the cost of those taken, oldest first."""
    cost = ZERO
    for index, lot in enumerate(lots):
        if lot.quantity > quantity:
            rest = Lot(subtract(lot.quantity, quantity), lot.price)
            return (rest, *lots[index + 1 :]), add(cost, multiply(quantity, lot.price))
        cost = add(cost, multiply(lot.quantity, lot.price))
        quantity = subtract(quantity, lot.quantity)
        if quantity == ZERO:
            return lots[index + 1 :], cost
    raise ReductionExceedsPosition(quantity)
