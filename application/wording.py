"""Numbers, times and prices as people read them; nothing is computed from the text."""

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal

MINUS = "\u2212"
"""The real minus sign, as wide as a plus."""

NOTHING = "\u2013"
"""An en dash, where there is no value."""

_EYES = Context(prec=60, rounding=ROUND_HALF_EVEN)
_CENT = Decimal("0.01")
_HUNDRED = Decimal(100)
_SMALL_DIGITS = 4
_PRICE_DECIMALS_MAX = 8
_BASIS_POINTS = Decimal(10_000)


def number(value: Decimal) -> str:
    """Return every digit, with thousands separators and no needless zeros: ``1,000.5``."""
    return _signed_right(_trimmed(f"{value:,f}"))


def price(value: Decimal, like: Decimal | None = None) -> str:
    """Return a price with the decimals it was given: ``43,254.40``.

    An average that has more of them than the prices it is made of is rounded to two more
    than ``like``, and to no more than eight without one.
    """
    most = _PRICE_DECIMALS_MAX if like is None else _decimals(like) + 2
    if _decimals(value) > most:
        return number(value.quantize(Decimal(1).scaleb(-most), context=_EYES))
    return _signed_right(f"{value:,f}")


def average(value: Decimal) -> str:
    """Return an average price to six digits, or to the cent where that is finer."""
    decimals = max(2, 5 - value.adjusted())
    return number(value.quantize(Decimal(1).scaleb(-decimals), context=_EYES))


def money(value: Decimal) -> str:
    """Return an amount to the cent, or to four digits where it is less than one."""
    if value.copy_abs() >= 1 or not value:
        return number(value.quantize(_CENT, context=_EYES))
    digits = _SMALL_DIGITS - 1 - value.adjusted()
    return number(value.quantize(Decimal(1).scaleb(-digits), context=_EYES))


def gain(value: Decimal) -> str:
    """Return what was earned, always with its sign: ``+12.34``."""
    return f"+{money(value)}" if value > 0 else money(value)


def fixed(value: Decimal, decimals: int, *, sign: bool = False) -> str:
    """Return a number with as many decimals as asked for, so that points stand in line."""
    seen = value.quantize(Decimal(1).scaleb(-decimals), context=_EYES)
    if not seen:
        return f"{seen.copy_abs():,f}"
    return _signed_right(f"{seen:+,f}" if sign else f"{seen:,f}")


def percent(value: Decimal | float, *, sign: bool = False) -> str:
    """Return a fraction as a percentage to two decimals, without the sign of percent."""
    return fixed(_EYES.multiply(Decimal(value), _HUNDRED), 2, sign=sign)


def basis_points(value: Decimal, base: Decimal) -> Decimal:
    """Return how far ``value`` is above ``base``, in basis points to one decimal."""
    share = _EYES.divide(_EYES.subtract(value, base), base)
    return _EYES.multiply(share, _BASIS_POINTS).quantize(Decimal("0.1"), context=_EYES)


def change(value: Decimal, base: Decimal) -> str:
    """Return how far ``value`` is above ``base``: ``+1.25 %``, with its sign unless 0."""
    share = _EYES.multiply(_EYES.divide(_EYES.subtract(value, base), base), Decimal(100))
    return f"{fixed(share, 2, sign=True)} %"


def moment(at: datetime) -> str:
    """Return a time in UTC with milliseconds: ``2026-11-23 08:00:00.041``."""
    return at.astimezone(UTC).isoformat(sep=" ", timespec="milliseconds")[:23]


def duration(span: timedelta) -> str:
    """Return a length of time in its two largest units: ``41 ms``, ``3 h 5 min``."""
    seconds = span.total_seconds()
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    units = ((days, "d"), (hours, "h"), (minutes, "min"), (rest, "s"))
    first = next(index for index, (count, _) in enumerate(units) if count)
    return " ".join(f"{count} {unit}" for count, unit in units[first : first + 2] if count)


def plural(count: int, word: str) -> str:
    """Return ``1 alert``, ``2 alerts``, ``3 entries``, ``1,200 alerts``."""
    if count == 1:
        return f"1 {word}"
    return f"{count:,} {word[:-1]}ies" if word.endswith("y") else f"{count:,} {word}s"


def listed(names: list[str]) -> str:
    """Return ``a``, ``a and b``, ``a, b and c``."""
    return (
        " and ".join((", ".join(names[:-1]), names[-1]))
        if len(names) > 1
        else "".join(names)
    )


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _signed_right(text: str) -> str:
    return MINUS + text[1:] if text.startswith("-") else text
