"""How much an entry buys: the only place where money is divided, and it rounds down."""

from decimal import Decimal
from typing import NamedTuple, assert_never

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
from domain.reason_words import plain
from domain.reasons import Finding, Reason, refusal
from domain.rules import Rules, Sizing, SizingMode
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
    price, mode = budget.price, rules.sizing.mode
    if price is None or price <= ZERO:
        return refusal(Reason.PRICE_UNKNOWN)
    if mode in _NEEDS_EQUITY and budget.equity is None:
        return refusal(Reason.EQUITY_UNKNOWN)
    if mode is SizingMode.RISK_PERCENT and not rules.exits.stop_loss_percent:
        return refusal(Reason.SIZE_NO_STOP, None, "exits.stop_loss_percent")
    factor = rules.scaling.factor(number)
    planned = budget.planned if number > 1 and rules.sizing.reserve else ()
    if len(planned) >= number:
        raw = planned[number - 1]
    else:
        first = _first_quantity(rules, price, budget)
        raw = first if factor == ONE else _cut(multiply_down(first, factor))
    if rules.sizing.reserve and not planned:
        planned = _all_entries(rules, price, instrument, budget)
    quantity = instrument.round_quantity(raw)
    sized = Sized(side, number, quantity, price, raw, factor, budget.equity, planned)
    return _below_minimum(sized, instrument) or sized


def needs_equity(sizing: Sizing) -> bool:
    """Say whether an entry cannot be sized without knowing the account's equity."""
    return sizing.mode in _NEEDS_EQUITY


_NEEDS_EQUITY = (SizingMode.EQUITY_PERCENT, SizingMode.RISK_PERCENT)
_DIGITS = Decimal("1E-18")
"""More decimals than any venue's step has."""


def _first_quantity(rules: Rules, price: Decimal, budget: Budget) -> Decimal:
    amount, equity = rules.sizing.amount, budget.equity or ZERO
    match rules.sizing.mode:
        case SizingMode.QUOTE:
            return _cut(divide_down(amount, price))
        case SizingMode.BASE:
            return amount
        case SizingMode.EQUITY_PERCENT:
            share = multiply(equity, fraction(amount))
            paid = multiply(price, add(ONE, budget.fee_rate))
            return _cut(divide_down(share, paid))
        case SizingMode.RISK_PERCENT:
            stop = rules.exits.stop_loss_percent or HUNDRED
            risk, lost = multiply(equity, fraction(amount)), multiply(price, fraction(stop))
            return _cut(divide_down(risk, lost))
        case _:
            assert_never(rules.sizing.mode)


def _cut(quantity: Decimal) -> Decimal:
    return quantize_down(quantity, _DIGITS)


def _below_minimum(sized: Sized, instrument: Instrument) -> Finding | None:
    if sized.quantity < instrument.quantity_min or sized.quantity <= ZERO:
        value = f"{plain(sized.quantity)} {instrument.base}"
        limit = f"{plain(instrument.quantity_min)} {instrument.base}"
        return refusal(Reason.SIZE_BELOW_MINIMUM, value, limit)
    if sized.notional < instrument.notional_min:
        value = f"{plain(sized.notional)} {instrument.quote}"
        limit = f"{plain(instrument.notional_min)} {instrument.quote}"
        return refusal(Reason.SIZE_BELOW_MINIMUM, value, limit)
    return None


def _all_entries(
    rules: Rules, price: Decimal, instrument: Instrument, budget: Budget
) -> tuple[Decimal, ...]:
    """Return the quantities of all entries, as a reserving bot fixes them at its first."""
    first = _first_quantity(rules, price, budget)
    return tuple(
        instrument.round_quantity(multiply_down(first, rules.scaling.factor(number)))
        for number in range(1, rules.scaling.max_entries + 1)
    )
