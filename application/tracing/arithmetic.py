"""A sized entry's sum with its numbers filled in, for a trader to do again by hand."""

from dataclasses import dataclass
from decimal import Decimal

from application import wording
from domain.money import (
    HUNDRED,
    ONE,
    ZERO,
    add,
    divide_down,
    fraction,
    multiply,
    quantize_down,
    subtract,
)
from domain.rules import Sizing, SizingMode
from domain.sizing import Sized

_CLOSE_ENOUGH = Decimal("1E-12")
_DIGITS = 8
_KEPT = Decimal("1E-18")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the sum was made with, as far as it is known: rules, the step, the fee."""

    sizing: Sizing
    stop_loss_percent: Decimal | None = None
    quantity_step: Decimal | None = None
    fee_rate: Decimal = ZERO


def sum_of(sized: Sized, base: str, quote: str, terms: Terms | None) -> str:
    """Return ``1,000 USDT / 43,250.10 = 0.0231213..., rounded down to 0.001 -> 0.023 BTC``.

    The rules may have changed since; a formula that does not lead to the kept result is not
    shown, the result is.
    """
    formula = None if terms is None else _formula(sized, base, quote, terms)
    raw = _cut(sized.raw)
    start = f"{formula} = {raw}" if formula else f"{raw} {base}"
    if formula == raw:
        start = f"{raw} {base}"
    quantity = f"{wording.number(sized.quantity)} {base}"
    if sized.raw != sized.quantity:
        step = terms.quantity_step if terms else None
        down = f"rounded down to {wording.number(step)}" if step else "rounded down"
        start = f"{start}, {down} -> {quantity}"
    elif formula and formula != raw:
        start = f"{start} {base}"
    return f"{start}, notional {wording.number(sized.notional)} {quote}"


def _formula(sized: Sized, base: str, quote: str, terms: Terms) -> str | None:
    """Return the left side of the sum; None if it would not give what was kept."""
    if sized.planned and sized.number > 1:
        return None
    first, text = _first(sized, base, quote, terms)
    if (
        text is None
        or subtract(multiply(first, sized.factor), sized.raw).copy_abs() > _CLOSE_ENOUGH
    ):
        return None
    if sized.factor == ONE:
        return text
    return f"{text} x {wording.number(sized.factor)} (entry {sized.number})"


def _first(sized: Sized, base: str, quote: str, terms: Terms) -> tuple[Decimal, str | None]:
    amount, price = terms.sizing.amount, sized.price
    shown = wording.price(price)
    percent = f"{wording.number(amount)} %"
    equity = sized.equity
    match terms.sizing.mode:
        case SizingMode.BASE:
            unit = f" {base}" if sized.factor != ONE else ""
            return amount, f"{wording.number(amount)}{unit}"
        case SizingMode.QUOTE:
            first = divide_down(amount, price)
            return _kept(first), f"{wording.number(amount)} {quote} / {shown}"
        case SizingMode.EQUITY_PERCENT if equity is not None:
            paid = multiply(price, add(ONE, terms.fee_rate))
            share = multiply(equity, fraction(amount))
            fee = wording.number(multiply(terms.fee_rate, HUNDRED))
            with_fee = f"({shown} + fee {fee} %)"
            text = f"{wording.number(equity)} {quote} x {percent} / {with_fee}"
            return _kept(divide_down(share, paid)), text
        case SizingMode.RISK_PERCENT if equity is not None and terms.stop_loss_percent:
            stop = terms.stop_loss_percent
            risk = multiply(equity, fraction(amount))
            away = multiply(price, fraction(stop))
            lost = f"({wording.number(stop)} % of {shown})"
            text = f"{wording.number(equity)} {quote} x {percent} / {lost}"
            return _kept(divide_down(risk, away)), text
        case _:
            return ZERO, None


def _kept(quantity: Decimal) -> Decimal:
    """Return the digits that sizing keeps of a division."""
    return quantize_down(quantity, _KEPT)


def _cut(raw: Decimal) -> str:
    """Return the first digits of a quantity, with dots where more follow."""
    text = wording.number(raw)
    whole, _, decimals = text.partition(".")
    zeros = len(decimals) - len(decimals.lstrip("0")) if whole == "0" else 0
    keep = zeros + _DIGITS
    return text if len(decimals) <= keep else f"{whole}.{decimals[:keep]}..."
