"""How much an entry buys: the only place where money is divided, and it rounds down."""

from decimal import Decimal
from typing import NamedTuple

from domain.instrument import Instrument
from domain.money import (
    HUNDRED,
    ONE,
    ZERO,
    add,
    divide_down,
    fraction,
    multiply,
    multiply_down,
    quantize_down,
    round_down,
)
from domain.reason_words import plain
from domain.reasons import Finding, Reason, refusal
from domain.rules import Rules, Scaling, Sizing, SizingMode
from domain.signal import Direction

Planned = tuple[Decimal, ...]

_made = tuple.__new__
"""A named tuple's own constructor, which knows keywords, takes three times as long."""


class Sized(NamedTuple):
    """A sized entry with everything the trace needs to show the sum.

    ``raw`` is the quantity before rounding, ``equity`` None where the mode does not ask.
    """

    side: Direction
    number: int
    quantity: Decimal
    price: Decimal
    raw: Decimal
    factor: Decimal
    equity: Decimal | None
    planned: Planned = ()

    @property
    def notional(self) -> Decimal:
        """Return quantity times price, in quote."""
        return multiply(self.quantity, self.price)

    @property
    def reserved(self) -> Decimal:
        """Return the notional to reserve: this entry and, if planned, all later ones."""
        rest = self.quantity
        for quantity in self.planned[self.number :]:
            rest = add(rest, quantity)
        return multiply(rest, self.price)


class Budget(NamedTuple):
    """What sizing may count on. ``equity`` is in the settlement currency, if known."""

    price: Decimal | None
    equity: Decimal | None = None
    fee_rate: Decimal = ZERO
    planned: Planned = ()


def size_entry(
    side: Direction, number: int, rules: Rules, instrument: Instrument, budget: Budget
) -> Sized | Finding:
    """Return how much entry ``number`` buys or sells, or why it cannot be sized."""
    sizer = Sizer(rules, instrument, budget.fee_rate)
    return sizer.size(side, number, budget.price, budget.equity, budget.planned)


class Sizer:
    """Sizes a bot's entries: what its rules and its market fix is worked out once.

    Amounts are notional: leverage changes the margin, never the size. Rounded down to the
    venue's step and refused below its minimum; never shrunk or raised to fit.
    """

    __slots__ = ("divisor", "instrument", "mode", "reserves", "rules", "share", "stop")

    def __init__(self, rules: Rules, instrument: Instrument, fee_rate: Decimal) -> None:
        """Take the rules apart; ``fee_rate`` is what a percent of equity reckons with."""
        self.rules, self.instrument = rules, instrument
        self.mode, self.reserves = rules.sizing.mode, rules.sizing.reserve
        self.stop = rules.exits.stop_loss_percent
        self.share = self.divisor = ONE
        if self.mode in _NEEDS_EQUITY:
            self.share = fraction(rules.sizing.amount)
            risks = self.mode is SizingMode.RISK_PERCENT
            self.divisor = fraction(self.stop or HUNDRED) if risks else add(ONE, fee_rate)

    def size(
        self,
        side: Direction,
        number: int,
        price: Decimal | None,
        equity: Decimal | None = None,
        planned: Planned = (),
    ) -> Sized | Finding:
        """Return the entry's size, or why there is none.

        ``planned`` is what a reserving bot fixed at its first entry.
        """
        if price is None or price <= ZERO:
            return refusal(Reason.PRICE_UNKNOWN)
        first = self._first(price, equity)
        if isinstance(first, Finding):
            return first
        instrument, scaling = self.instrument, self.rules.scaling
        factor, raw = scaling.factor(number), first
        if factor != ONE:
            raw = _cut(multiply_down(first, factor))
        if self.reserves or planned:
            planned = planned if number > 1 and self.reserves else ()
            raw = planned[number - 1] if len(planned) >= number else raw
            if self.reserves and not planned:
                planned = _all_entries(first, scaling, instrument)
        quantity = round_down(raw, instrument.quantity_step)
        sized = _made(Sized, (side, number, quantity, price, raw, factor, equity, planned))
        return _below_minimum(sized, instrument) or sized

    def _first(self, price: Decimal, equity: Decimal | None) -> Decimal | Finding:
        """Return the quantity of the first entry, before factor and step."""
        amount, mode = self.rules.sizing.amount, self.mode
        if mode is SizingMode.QUOTE:
            return _cut(divide_down(amount, price))
        if mode is SizingMode.BASE:
            return amount
        if equity is None:
            return refusal(Reason.EQUITY_UNKNOWN)
        if mode is SizingMode.RISK_PERCENT and not self.stop:
            return refusal(Reason.SIZE_NO_STOP, None, "exits.stop_loss_percent")
        return _cut(
            divide_down(multiply(equity, self.share), multiply(price, self.divisor))
        )


def needs_equity(sizing: Sizing) -> bool:
    """Say whether an entry cannot be sized without knowing the account's equity."""
    return sizing.mode in _NEEDS_EQUITY


_NEEDS_EQUITY = (SizingMode.EQUITY_PERCENT, SizingMode.RISK_PERCENT)
_DIGITS = Decimal("1E-18")
"""More decimals than any venue's step has."""


def _cut(quantity: Decimal) -> Decimal:
    return quantize_down(quantity, _DIGITS)


def _below_minimum(sized: Sized, instrument: Instrument) -> Finding | None:
    quantity, least = sized.quantity, instrument.notional_min
    if quantity < instrument.quantity_min or quantity <= ZERO:
        value = f"{plain(quantity)} {instrument.base}"
        limit = f"{plain(instrument.quantity_min)} {instrument.base}"
        return refusal(Reason.SIZE_BELOW_MINIMUM, value, limit)
    if least and sized.notional < least:
        value = f"{plain(sized.notional)} {instrument.quote}"
        return refusal(
            Reason.SIZE_BELOW_MINIMUM, value, f"{plain(least)} {instrument.quote}"
        )
    return None


def _all_entries(first: Decimal, scaling: Scaling, instrument: Instrument) -> Planned:
    """Return the quantities of all entries, as a reserving bot fixes them at its first."""
    return tuple(
        instrument.round_quantity(multiply_down(first, scaling.factor(number)))
        for number in range(1, scaling.max_entries + 1)
    )
