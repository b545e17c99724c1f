"""Why a body is not JSON, for someone who wrote it into TradingView's dialog."""

import re

from adapters.alert.malformed import MalformedAlert, place, shown
from adapters.alert.message import BLANK
from domain.reasons import Reason

_NOT_FINITE = re.compile(r"[+-]?(nan|na|inf|infinity)\b", re.IGNORECASE)
_LINE_BREAK = (
    "a line break or control character stands inside a text, as comes from an order comment"
    " or plot title; write it as \\n or remove it"
)
_UNQUOTED = (
    "a text, as {{ticker}}, {{interval}} and {{time}} are, stands in double quotes, and a"
    " number has neither separators nor leading zeros"
)
_HINTS = (
    (r"\Z", "it ends too early, a closing quote or } is missing"),
    (r"//|/\*|#", "JSON has no comments, remove them"),
    (r"[\u2018-\u201f\u00ab\u00bb]", 'it has curly quotes, JSON needs straight ones (")'),
    (r"'", "it has single quotes, JSON needs double quotes"),
    (r"True\b|False\b|None\b", "JSON writes true, false and null"),
    (r"[}\]]", "a comma before it is too many, or a value is missing"),
    (r",", "this comma is too many, or a value before it is missing"),
    (r"[\x00-\x1f]", _LINE_BREAK),
    (r'"', "a comma, a colon or a closing quote is missing before or after it"),
    (r"\\", "a backslash inside a text is written twice"),
    (r"[\w.:+-]", _UNQUOTED),
)
_COMPILED = tuple((re.compile(pattern), hint) for pattern, hint in _HINTS)


def not_json(text: str, position: int) -> MalformedAlert:
    """Return what to say about ``text``, which stops being JSON at ``position``."""
    where = place(text, position)
    if _NOT_FINITE.match(text, position):
        return not_finite(where)
    return MalformedAlert(
        Reason.BODY_NOT_JSON, f"The body is not JSON at {where}: {_hint(text, position)}."
    )


def not_finite(where: str) -> MalformedAlert:
    """Return what to say about a NaN or an infinity at ``where``."""
    return MalformedAlert(
        Reason.NUMBER_NOT_FINITE,
        f"The number at {where} is not finite: a plot has no value on this bar, as in an"
        " indicator's first bars; send the alert only when it has one, or send null.",
    )


def _hint(text: str, position: int) -> str:
    if not text[:position].strip(BLANK) and text[position : position + 1] not in '"[{':
        return (
            "an alert is one JSON object, as the bot's page shows it, and begins with {,"
            f" not with {shown(text[position])}"
        )
    for pattern, hint in _COMPILED:
        if pattern.match(text, position):
            return hint
    return f"{shown(text[position])} does not belong here"
