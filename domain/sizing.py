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
    divide_whole,
    fraction,
    multiply,
    multiply_down,
    quantize_down,
    round_down,
)
from domain.reason_words import plain
from domain.reasons import Finding, Reason, refusal
from domain.rules import Rules, Sizing, SizingMode
from domain.signal import Direction

Planned = tuple[Decimal, ...]

_QUOTE = SizingMode.QUOTE
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

    __slots__ = (
        *("amount", "divisor", "instrument", "is_curved", "mode", "notional_min"),
        *("quantity_min", "reserves", "rules", "share", "step", "stop"),
    )

    def __init__(self, rules: Rules, instrument: Instrument, fee_rate: Decimal) -> None:
        """Take the rules apart; ``fee_rate`` is what a percent of equity reckons with."""
        sizing = rules.sizing
        self.rules, self.instrument = rules, instrument
        self.step, self.quantity_min = instrument.quantity_step, instrument.quantity_min
        self.notional_min = instrument.notional_min
        self.mode, self.amount, self.reserves = sizing.mode, sizing.amount, sizing.reserve
        self.is_curved = rules.scaling.size_curve != (ONE,)
        self.stop = rules.exits.stop_loss_percent
        self.share = self.divisor = ONE
        if self.mode in _NEEDS_EQUITY:
            self.share = fraction(self.amount)
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
        if self.mode is _QUOTE:
            raw = quantize_down(divide_down(self.amount, price), _DIGITS)
        else:
            first = self._first(price, equity)
            if isinstance(first, Finding):
                return first
            raw = first
        if self.is_curved or self.reserves:
            raw, factor, planned = self._later(raw, number, planned)
        else:
            factor, planned = ONE, ()
        quantity = multiply(divide_whole(raw, self.step), self.step)
        sized = _made(Sized, (side, number, quantity, price, raw, factor, equity, planned))
        if quantity <= ZERO or quantity < self.quantity_min:
            return self._too_small(quantity)
        if self.notional_min and sized.notional < self.notional_min:
            return self._too_cheap(sized.notional)
        return sized

    def _later(
        self, first: Decimal, number: int, planned: Planned
    ) -> tuple[Decimal, Decimal, Planned]:
        """Return an entry's quantity and factor by the curve, and what is planned."""
        scaling = self.rules.scaling
        factor = scaling.factor(number)
        raw = first if factor == ONE else _cut(multiply_down(first, factor))
        if not self.reserves:
            return raw, factor, ()
        if number > 1 and planned:
            return planned[number - 1] if len(planned) >= number else raw, factor, planned
        entries = range(1, scaling.max_entries + 1)
        sizes = [multiply_down(first, scaling.factor(each)) for each in entries]
        return raw, factor, tuple(round_down(each, self.step) for each in sizes)

    def _first(self, price: Decimal, equity: Decimal | None) -> Decimal | Finding:
        """Return the quantity of the first entry, where it is no amount of quote."""
        mode = self.mode
        if mode is SizingMode.BASE:
            return self.amount
        if equity is None:
            return refusal(Reason.EQUITY_UNKNOWN)
        if mode is SizingMode.RISK_PERCENT and not self.stop:
            return refusal(Reason.SIZE_NO_STOP, None, "exits.stop_loss_percent")
        return _cut(
            divide_down(multiply(equity, self.share), multiply(price, self.divisor))
        )

    def _too_small(self, quantity: Decimal) -> Finding:
        base = self.instrument.base
        limit = f"{plain(self.quantity_min)} {base}"
        return refusal(Reason.SIZE_BELOW_MINIMUM, f"{plain(quantity)} {base}", limit)

    def _too_cheap(self, notional: Decimal) -> Finding:
        quote = self.instrument.quote
        limit = f"{plain(self.notional_min)} {quote}"
        return refusal(Reason.SIZE_BELOW_MINIMUM, f"{plain(notional)} {quote}", limit)


def needs_equity(sizing: Sizing) -> bool:
    """Say whether an entry cannot be sized without knowing the account's equity."""
    return sizing.mode in _NEEDS_EQUITY


_NEEDS_EQUITY = (SizingMode.EQUITY_PERCENT, SizingMode.RISK_PERCENT)
_DIGITS = Decimal("1E-18")
"""More decimals than any venue's step has."""


def _cut(quantity: Decimal) -> Decimal:
    return quantize_down(quantity, _DIGITS)
