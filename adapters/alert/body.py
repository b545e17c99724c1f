"""Bytes into one JSON object with nothing ambiguous in it."""

import json
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from adapters.alert.malformed import MalformedAlert, shown, storable
from adapters.alert.masking import is_secret
from adapters.alert.message import BLANK, MAX_BODY_BYTES
from adapters.alert.placeholder import OPENING, refuse_placeholder
from adapters.alert.syntax import not_finite, not_json
from domain.reasons import Reason

_DEPTH_MAX = 32
_NAME_MAX = 100
_NOT_FINITE = ("NaN", "Infinity", "-Infinity")

Json: TypeAlias = "str | bool | list[Json] | dict[str, Json] | None"
JsonObject: TypeAlias = dict[str, Json]
Scalar: TypeAlias = str | bool | None


class Number(str):
    """A JSON number as it was written, so that no digit is lost before it is understood."""

    __slots__ = ()


class Leaf(NamedTuple):
    """A value that holds no others.

    ``path`` is its dotted name, ``bar.volume`` or ``targets.0``, fit to be stored.
    """

    path: str
    value: Scalar
    is_secret: bool


class _Place(NamedTuple):
    path: str = ""
    depth: int = 0
    is_secret: bool = False


def read_text(body: bytes) -> str:
    """Return the text of ``body``: UTF-8, not empty, and with every placeholder filled in.

    Raises:
        MalformedAlert: With the first thing that is wrong, and where.
    """
    text = _decoded(body)
    refuse_placeholder(text)
    return text


def read_object(text: str) -> JsonObject:
    """Return the fields of the one JSON object that ``text`` is.

    Strings are as they were sent, numbers are ``Number``, and nothing is nested deeper than
    32 levels.

    Raises:
        MalformedAlert: With the first thing that is wrong, and where.
    """
    value = _decoded_json(text)
    if isinstance(value, list):
        raise MalformedAlert(
            Reason.BODY_NOT_OBJECT,
            "The body is a JSON array, a batch of commands for another receiver; send one"
            " alert per message, an object in braces.",
        )
    if not isinstance(value, dict):
        raise MalformedAlert(
            Reason.BODY_NOT_OBJECT,
            "The body is a single JSON value; an alert is one object in braces,"
            ' such as {"signal": "LONG", "price": 60000.5}.',
        )
    return value


def leaves(fields: JsonObject, *, but: frozenset[str] = frozenset()) -> Iterator[Leaf]:
    """Yield every value at any depth, in the order of the body.

    Fields of the first level that ``but`` names are left out where nothing is wrong with
    them: most alerts have no others.

    Raises:
        MalformedAlert: If a number is not finite, a text hides a placeholder behind
            escapes, or objects are nested too deeply.
    """
    rest = {
        name: value
        for name, value in fields.items()
        if name not in but or not _is_plain(value)
    }
    return _leaves(rest, _Place())


def _is_plain(value: Json) -> bool:
    """Say whether a value holds no others, no placeholder, and no number without end."""
    if type(value) is Number:
        return value not in _NOT_FINITE
    return value is None or (type(value) is str and OPENING not in value)


def _leaves(value: JsonObject | list[Json], here: _Place) -> Iterator[Leaf]:
    named = value.items() if isinstance(value, dict) else enumerate(value)
    if here.depth == _DEPTH_MAX and value:
        raise _too_deep()
    for name, child in named:
        inside = _inside(here, str(name))
        if isinstance(child, (dict, list)):
            yield from _leaves(child, inside)
        else:
            yield _leaf(inside, child)


def _inside(here: _Place, name: str) -> _Place:
    """Return the place of a field; those of the first level are remembered."""
    if here.depth or len(name) > _NAME_MAX:
        return _made_inside(here, name)
    return _top(name)


@lru_cache(maxsize=1024)
def _top(name: str) -> _Place:
    return _made_inside(_Place(), name)


def _made_inside(here: _Place, name: str) -> _Place:
    short = storable(name if len(name) <= _NAME_MAX else f"{name[:_NAME_MAX]}…")
    path = f"{here.path}.{short}" if here.depth else short
    return _Place(path, here.depth + 1, here.is_secret or is_secret(name))


def _leaf(here: _Place, value: Scalar) -> Leaf:
    if type(value) is Number:
        if value in _NOT_FINITE:
            raise not_finite(f"field {shown(here.path)}")
    elif isinstance(value, str) and OPENING in value:
        refuse_placeholder(value, f"field {shown(here.path)}")
    return Leaf(here.path, value, here.is_secret)


def _decoded(body: bytes) -> str:
    if len(body) > MAX_BODY_BYTES:
        raise MalformedAlert(
            Reason.BODY_TOO_LARGE,
            f"The body must be at most {MAX_BODY_BYTES} bytes, was {len(body)}.",
        )
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise MalformedAlert(
            Reason.BODY_NOT_UTF8,
            f"The body is not UTF-8: byte 0x{body[error.start]:02X} at position"
            f" {error.start + 1} begins no character; send the message as UTF-8.",
        ) from None
    if not text.strip(BLANK):
        raise MalformedAlert(
            Reason.BODY_EMPTY,
            "The body is empty; paste the message from the bot's page into the alert's"
            " Message field in TradingView.",
        )
    return text


def _decoded_json(text: str) -> Json:
    leading = len(text) - len(text.lstrip(BLANK))
    try:
        value: Json = _DECODER.decode(text.strip(BLANK))
    except json.JSONDecodeError as error:
        raise not_json(text, error.pos + leading) from None
    except RecursionError:
        raise _too_deep() from None
    return value


def _object(pairs: list[tuple[str, Json]]) -> JsonObject:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice = next(name for name, count in counts.items() if count > 1)
        raise MalformedAlert(
            Reason.BODY_DUPLICATE_KEY,
            f"The field {shown(twice)} stands more than once in the same object;"
            " keep the one that is meant.",
        )
    return fields


def _too_deep() -> MalformedAlert:
    return MalformedAlert(
        Reason.BODY_NOT_JSON,
        f"The body is nested too deeply; objects and arrays may be {_DEPTH_MAX} deep.",
    )


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=Number, parse_int=Number, parse_constant=Number
)
