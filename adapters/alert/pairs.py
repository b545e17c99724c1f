"""Text of name=value pairs, on lines of their own or between commas or semicolons."""

import re

from adapters.alert.body import Json, JsonObject
from adapters.alert.malformed import MalformedAlert, shown
from adapters.alert.message import BLANK
from domain.reasons import Reason

EQUALS = "="
_NAME = re.compile(r"[A-Za-z_][\w .-]{0,60}")
_EXAMPLE = "ticker=BTCUSDT.P; interval=240; market_position=long"


def read_pairs(text: str) -> JsonObject:
    """Return the fields of ``text``; names are in lower case, empty values are None.

    A value in double quotes may hold separators.

    Raises:
        MalformedAlert: If a part is no pair, or a name stands twice.
    """
    fields: JsonObject = {}
    for part in _parts(text):
        name, value = _pair(part)
        if name in fields:
            raise MalformedAlert(
                Reason.BODY_DUPLICATE_KEY,
                f"The name {shown(name)} stands twice; keep the pair that is meant.",
            )
        fields[name] = value
    return fields


def _parts(text: str) -> list[str]:
    """Return what stands between separators that are outside of double quotes."""
    parts: list[str] = []
    start, quoted = 0, False
    for index, character in enumerate(text):
        quoted ^= character == '"'
        if character in "\n;," and not quoted:
            parts.append(text[start:index])
            start = index + 1
    parts.append(text[start:])
    return [part.strip(BLANK) for part in parts if part.strip(BLANK)]


def _pair(part: str) -> tuple[str, Json]:
    name, equals, value = (side.strip(BLANK) for side in part.partition(EQUALS))
    if not equals or not _NAME.fullmatch(name):
        raise _no_pair(part, "a pair is a name, = and a value")
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1]
    elif EQUALS in value or "|" in value:
        raise _no_pair(part, "one pair stands on a line, or ends with a comma or semicolon")
    return name.lower(), value or None


def _no_pair(part: str, rule: str) -> MalformedAlert:
    return MalformedAlert(
        Reason.BODY_NOT_PAIRS,
        f"{shown(part)} is no name=value pair: {rule}, as in {_EXAMPLE}; numbers have a"
        " decimal point and no separators.",
    )
