"""Numbers as alerts write them, kept exact or refused."""

import math
import re
from decimal import Decimal

from adapters.alert.malformed import MalformedAlert, out_of_range, wrong_type
from domain.reasons import Reason

_NUMBER = re.compile(
    r"[+-]?(?=\.?[0-9])(?P<whole>[0-9]*)(?:\.(?P<fraction>[0-9]*))?"
    r"(?:[eE](?P<exponent>[+-]?[0-9]+))?"
)
_PLAIN = re.compile(r"[1-9][0-9]{0,11}(?:\.[0-9]{0,11}[1-9])?")
"""What nearly every price looks like; within every bound, and without idle zeros."""

_NOT_FINITE = re.compile(r"[+-]?(nan|na|n/a|inf|infinity|∞)", re.IGNORECASE)
_EXPECTED = "a number such as 60000.5, with a decimal point and no separators"
_DIGITS_MAX = 30
_EXPONENT_MAX = 18
_EXPONENT_TEXT_MAX = 6
_RANGE = (
    f"a number of at most {_DIGITS_MAX} significant digits and {_EXPONENT_MAX} decimals,"
    f" below 10^{_EXPONENT_MAX + 1}"
)


def decimal_of(name: str, text: str) -> Decimal:
    """Return the number that ``text`` writes, exactly.

    It has at most 30 significant digits, none below 10^-18 and none above 10^18, so that a
    price times a quantity fits the 60 digits of ``domain.money``.

    Raises:
        MalformedAlert: Naming the field and what was wrong.
    """
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    match = _matched(name, text)
    digits = f"{match['whole']}{match['fraction'] or ''}".lstrip("0")
    if not digits:
        return Decimal(0)
    exponent_text = match["exponent"] or "0"
    significant = digits.rstrip("0")
    if len(significant) > _DIGITS_MAX or len(exponent_text) > _EXPONENT_TEXT_MAX:
        raise out_of_range(name, _RANGE, text)
    lowest = int(exponent_text) - len(match["fraction"] or "")
    lowest += len(digits) - len(significant)
    highest = lowest + len(significant) - 1
    if lowest < -_EXPONENT_MAX or highest > _EXPONENT_MAX:
        raise out_of_range(name, _RANGE, text)
    sign = "-" if text.startswith("-") else ""
    zeros = "0" * max(lowest, 0)
    return Decimal(f"{sign}{significant}{zeros}E{min(lowest, 0)}")


def float_of(name: str, text: str) -> float:
    """Return an indicator's value, which may be any finite number.

    Raises:
        MalformedAlert: Naming the field and what was wrong.
    """
    _matched(name, text)
    value = float(text)
    if math.isinf(value):
        raise out_of_range(name, "from -10^308 to 10^308", text)
    return value


def _matched(name: str, text: str) -> re.Match[str]:
    match = _NUMBER.fullmatch(text)
    if match is not None:
        return match
    if _NOT_FINITE.fullmatch(text):
        raise MalformedAlert(
            Reason.NUMBER_NOT_FINITE,
            f"{name} must be a finite number, was {text}: the plot has no value on this"
            " bar, as in an indicator's first bars; leave the field out or send null.",
        )
    raise wrong_type(name, _EXPECTED, text)
