"""Exact arithmetic for money, prices and quantities.

Book keeping never rounds: a result that would need more than 60 digits is an error.
Only sizing divides, and it rounds down.
"""

from collections.abc import Iterable
from decimal import (
    ROUND_DOWN,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
)

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)

EXACT = Context(prec=60, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])
DOWN = Context(
    prec=60, rounding=ROUND_DOWN, traps=[InvalidOperation, DivisionByZero, Overflow]
)

add = EXACT.add
subtract = EXACT.subtract
multiply = EXACT.multiply
multiply_down = DOWN.multiply
divide_down = DOWN.divide
quantize_down = DOWN.quantize
divide_whole = DOWN.divide_int

_PERCENT = Decimal("0.01")


def fraction(percent: Decimal) -> Decimal:
    """Return what a percent is as a fraction: 0.02 for 2."""
    return multiply(percent, _PERCENT)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Return the exact sum; 0 of nothing."""
    whole = ZERO
    for amount in amounts:
        whole = add(whole, amount)
    return whole


def round_down(value: Decimal, step: Decimal) -> Decimal:
    """Return the largest multiple of ``step`` that is not above ``value`` (value >= 0)."""
    return multiply(divide_whole(value, step), step)


def round_up(value: Decimal, step: Decimal) -> Decimal:
    """Return the smallest multiple of ``step`` that is not below ``value`` (value >= 0)."""
    below = round_down(value, step)
    return below if below == value else add(below, step)


def positive(name: str, value: Decimal) -> Decimal:
    """Return ``value`` when it is finite and above zero.

    Raises:
        ValueError: Naming what was wrong.
    """
    if not value.is_finite() or value <= ZERO:
        message = f"{name} must be positive, was {value}"
        raise ValueError(message)
    return value
