"""What is said about an alert that can never work, without repeating its secrets."""

import json
import re

from adapters.alert.masking import mask
from domain.reasons import Reason

_SHOWN_MAX = 60
# Control characters, invisible ones that travel with copied text, and half surrogates.
# PostgreSQL stores neither NUL nor a half surrogate. Joiners are letters to some scripts.
_UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


class MalformedAlert(Exception):
    """The body can never become a signal; sending the same again changes nothing.

    ``reason`` is the stable code. ``detail`` is a full sentence for the trader: what is
    wrong, where, and what would be right. It can be stored and shown as it is.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def wrong_type(name: str, expected: str, value: object) -> MalformedAlert:
    """Return what to say about a field that is not ``expected``, as in "a whole number"."""
    return MalformedAlert(
        Reason.FIELD_WRONG_TYPE, f"{name} must be {expected}, was {described(value)}."
    )


def out_of_range(name: str, expected: str, value: object) -> MalformedAlert:
    """Return what to say about a field that is not ``expected``, as in "above 0"."""
    return MalformedAlert(
        Reason.FIELD_OUT_OF_RANGE, f"{name} must be {expected}, was {described(value)}."
    )


def shown(text: str) -> str:
    """Return ``text`` in quotes for a sentence: short, visible, without named secrets."""
    text = mask(text)
    short = text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}…"
    return f'"{_INVISIBLE.sub(_as_escape, short)}"'


def storable(text: str) -> str:
    """Return ``text`` with every character that a database refuses as U+FFFD.

    Line breaks and tabs stay.
    """
    return _UNSTORABLE.sub("\ufffd", text)


def invisible_in(text: str) -> str | None:
    """Return the first invisible character as U+XXXX, or None if each can be seen."""
    match = _INVISIBLE.search(text)
    return f"U+{ord(match[0]):04X}" if match else None


def place(text: str, position: int) -> str:
    """Return ``line 2, column 7`` for an index into ``text``, both counted from 1."""
    before = text[:position]
    return f"line {before.count(chr(10)) + 1}, column {position - before.rfind(chr(10))}"


def described(value: object) -> str:
    """Return a value for a sentence, as JSON calls it; a text is quoted."""
    if isinstance(value, str):
        return shown(value) if value else "empty"
    if isinstance(value, list | dict):
        return "an array" if isinstance(value, list) else "an object"
    return json.dumps(value) if isinstance(value, bool | None) else str(value)


def _as_escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
