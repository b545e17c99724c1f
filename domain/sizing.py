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
)
from domain.reasons import Finding, Reason, refusal
from domain.rules import Rules, SizingMode
from domain.signal import Direction


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
    planned: tuple[Decimal, ...] = ()

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
    planned: tuple[Decimal, ...] = ()


def size_entry(
    side: Direction, number: int, rules: Rules, instrument: Instrument, budget: Budget
) -> Sized | Finding:
    """Return how much entry ``number`` buys or sells, or why it cannot be sized.

    Amounts are notional: leverage changes the margin, never the size. Rounded down to the
    venue's step and refused below its minimum; never shrunk or raised to fit.
    """
    price = budget.price
    if price is None or price <= ZERO:
        return refusal(Reason.PRICE_UNKNOWN)
    if rules.sizing.mode in _NEEDS_EQUITY and budget.equity is None:
        return refusal(Reason.EQUITY_UNKNOWN)
    if rules.sizing.mode is SizingMode.RISK_PERCENT and not rules.exits.stop_loss_percent:
        return refusal(Reason.SIZE_NO_STOP, None, "exits.stop_loss_percent")
    factor = rules.scaling.factor(number)
    planned = budget.planned if number > 1 else ()
    if len(planned) >= number:
        raw = planned[number - 1]
    else:
        raw = multiply_down(_first_quantity(rules, price, budget), factor)
    quantity = instrument.round_quantity(raw)
    sized = Sized(side, number, quantity, price, raw, factor, budget.equity, planned)
    small = _below_minimum(sized, instrument)
    return small or _with_reserve(sized, rules, instrument, budget)


_NEEDS_EQUITY = (SizingMode.EQUITY_PERCENT, SizingMode.RISK_PERCENT)
_DIGITS = Decimal("1E-18")
"""More decimals than any venue's step has; so that a later factor stays exact."""


def _first_quantity(rules: Rules, price: Decimal, budget: Budget) -> Decimal:
    amount, equity = rules.sizing.amount, budget.equity or ZERO
    match rules.sizing.mode:
        case SizingMode.BASE:
            return amount
        case SizingMode.QUOTE:
            return quantize_down(divide_down(amount, price), _DIGITS)
        case SizingMode.EQUITY_PERCENT:
            share = multiply(equity, fraction(amount))
            paid = multiply(price, add(ONE, budget.fee_rate))
            return quantize_down(divide_down(share, paid), _DIGITS)
        case SizingMode.RISK_PERCENT:
            stop = rules.exits.stop_loss_percent or HUNDRED
            risk, lost = multiply(equity, fraction(amount)), multiply(price, fraction(stop))
            return quantize_down(divide_down(risk, lost), _DIGITS)


def _below_minimum(sized: Sized, instrument: Instrument) -> Finding | None:
    if sized.quantity < instrument.quantity_min or sized.quantity <= ZERO:
        value = f"{sized.quantity:f} {instrument.base}"
        limit = f"{instrument.quantity_min:f} {instrument.base}"
        return refusal(Reason.SIZE_BELOW_MINIMUM, value, limit)
    if sized.notional < instrument.notional_min:
        value = f"{sized.notional:f} {instrument.quote}"
        limit = f"{instrument.notional_min:f} {instrument.quote}"
        return refusal(Reason.SIZE_BELOW_MINIMUM, value, limit)
    return None


def _with_reserve(
    sized: Sized, rules: Rules, instrument: Instrument, budget: Budget
) -> Sized:
    if not rules.sizing.reserve:
        return sized._replace(planned=()) if sized.planned else sized
    if sized.planned:
        return sized
    first = _first_quantity(rules, sized.price, budget)
    planned = tuple(
        instrument.round_quantity(multiply_down(first, rules.scaling.factor(number)))
        for number in range(1, rules.scaling.max_entries + 1)
    )
    return sized._replace(planned=planned)
