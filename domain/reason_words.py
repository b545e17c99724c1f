"""How a reason is put into words: the catalogue's entries, and values for people."""

import re
from datetime import UTC, datetime
from decimal import Context, Decimal
from enum import Enum
from typing import NamedTuple

from domain.reasons import Finding, ReasonClass

_EYES = Context(prec=10)
_DIGITS_MAX = 20
"""Only what a division left has more digits than this; it is rounded for eyes."""
_OPTIONAL = re.compile(r"\[([^\]]*)\]")


class CatalogueEntry(NamedTuple):
    """What there is to say about a reason.

    ``sentence`` says what happened and ``passed`` how a rule lets pass, where it can. Both
    know ``{value}``, ``{limit}`` and ``{further}`` ("or lower", "or higher"). What stands
    in square brackets is left out when a value in it is not known.
    """

    reason_class: ReasonClass
    sentence: str
    explanation: str
    fix: str
    passed: str = ""


def in_words(template: str, finding: Finding) -> str:
    """Return ``template`` with the values of ``finding`` in it."""

    def kept(optional: re.Match[str]) -> str:
        text = optional[1]
        unknown = ("{value}" in text and finding.value is None) or (
            "{limit}" in text and finding.limit is None
        )
        return "" if unknown else text

    words = {
        "value": plain(finding.value),
        "limit": plain(finding.limit),
        "further": _further(finding.value, finding.limit),
    }
    return _OPTIONAL.sub(kept, template).format(**words)


def plain(value: object) -> str:
    """Return a value as a trader reads it: no exponent, no needless zero, times in UTC."""
    number = Decimal(repr(value)) if isinstance(value, float) else value
    match number:
        case None:
            return "unknown"
        case Enum():
            return str(number.value)
        case Decimal() if number.is_finite():
            return _number(number)
        case datetime():
            return _moment(number)
        case tuple():
            return _listed([plain(one) for one in number])
        case _:
            return str(number)


def _number(value: Decimal) -> str:
    if len(value.as_tuple().digits) > _DIGITS_MAX:
        value = _EYES.plus(value)
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _moment(value: datetime) -> str:
    at = value.astimezone(UTC)
    precise = "%Y-%m-%d %H:%M:%S UTC" if at.second else "%Y-%m-%d %H:%M UTC"
    return at.strftime(precise)


def _listed(texts: list[str]) -> str:
    if not texts:
        return "nothing"
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if texts[1:] else texts)


def _further(value: object, limit: object) -> str:
    numbers = (int, float, Decimal)
    if not isinstance(value, numbers) or not isinstance(limit, numbers):
        return ""
    return " or lower" if value > limit else " or higher"
