"""Named values out of one JSON object: each absent, right, or refused with a sentence."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import TypeVar

from adapters.alert.body import JsonObject
from adapters.alert.malformed import (
    MalformedAlert,
    invisible_in,
    out_of_range,
    wrong_type,
)
from adapters.alert.moment import moment_of
from adapters.alert.number import decimal_of, float_of
from domain.reasons import Reason
from domain.timeframe import Timeframe

LABEL_MAX = 100
"""The longest name of a chart, bot, exchange or ticker, in characters."""

ID_MAX = 300
_TOKEN_MAX = 300
_TIMEFRAME_MAX = 10
_REMEMBERED_MAX = 20
"""Longer texts are not remembered: whoever makes them up could fill the memory."""

_TEXT = "a text"
_TIMEFRAME = "a timeframe such as 240, 4h or 1D"
_NUMBER = "a number such as 60000.5"

OneOf = TypeVar("OneOf", bound=Enum)


def amount(fields: JsonObject, name: str) -> Decimal | None:
    """Return an exact number above 0, such as a price."""
    text = _plain(fields, name, _NUMBER)
    if text is None:
        return None
    value = decimal_of(name, text)
    if value <= 0:
        raise out_of_range(name, "above 0", text)
    return value


def indicator(fields: JsonObject, name: str) -> float | None:
    """Return any finite number; what it may be is decided later."""
    text = _plain(fields, name, _NUMBER)
    return None if text is None else float_of(name, text)


def whole(fields: JsonObject, name: str, *, at_most: int) -> int | None:
    """Return a whole number from 1 to ``at_most``; ``14.0`` is one."""
    text = _plain(fields, name, "a whole number")
    if text is None:
        return None
    if len(text) <= _REMEMBERED_MAX:
        return _remembered_whole(name, text, at_most)
    return _whole(name, text, at_most)


def _whole(name: str, text: str, at_most: int) -> int:
    value = decimal_of(name, text)
    if value != int(value):
        raise wrong_type(name, "a whole number", text)
    if not 1 <= value <= at_most:
        raise out_of_range(name, f"from 1 to {at_most}", text)
    return int(value)


# The alerts of a chart say the same length.
_remembered_whole = lru_cache(maxsize=1024)(_whole)


def choice(fields: JsonObject, name: str, options: Iterable[OneOf]) -> OneOf | None:
    """Return the option of that value in any case; an empty text is none."""
    if fields.get(name) is None:
        return None
    by_text, expected = _choices(tuple(options))
    text = _plain(fields, name, expected)
    if not text:
        return None
    option: OneOf | None = by_text.get(text.upper())
    if option is None:
        raise wrong_type(name, expected, text)
    return option


@lru_cache(maxsize=16)
def _choices(options: tuple[OneOf, ...]) -> tuple[dict[str, OneOf], str]:
    by_text = {str(option.value): option for option in options}
    return by_text, f"one of {', '.join(by_text)}"


def moment(fields: JsonObject, name: str) -> datetime | None:
    """Return a time in UTC."""
    text = _plain(fields, name, "a time")
    return None if text is None else moment_of(name, text)


def timeframe(fields: JsonObject, name: str) -> Timeframe | None:
    """Return the length of the chart's bars; an empty text is none."""
    text = _plain(fields, name, _TIMEFRAME)
    if not text:
        return None
    if len(text) > _TIMEFRAME_MAX:
        raise wrong_type(name, _TIMEFRAME, text)
    try:
        return _parsed(text)
    except ValueError as error:
        raise MalformedAlert(
            Reason.FIELD_WRONG_TYPE, f"{name} is wrong: {error}."
        ) from None


def label(fields: JsonObject, name: str, *, at_most: int = LABEL_MAX) -> str | None:
    """Return a trimmed name without invisible characters; an empty text is none."""
    text = _plain(fields, name, _TEXT)
    if not text:
        return None
    plain = text.isascii() and text.isprintable()
    if not plain and (invisible := invisible_in(text)):
        raise wrong_type(name, f"a text without the invisible character {invisible}", text)
    if len(text) > at_most:
        raise out_of_range(name, f"at most {at_most} characters long", text)
    return text


def identifier(fields: JsonObject, name: str) -> str | None:
    """Return a name that must not be empty, such as the id of an alert."""
    text = label(fields, name, at_most=ID_MAX)
    if text is None and fields.get(name) is not None:
        raise out_of_range(name, f"1 to {ID_MAX} characters long", "")
    return text


def token(fields: JsonObject, name: str) -> str | None:
    """Return the secret in printable ASCII; no refusal repeats it."""
    text = _plain(fields, name, _TEXT)
    if text and not (text.isascii() and text.isprintable() and len(text) <= _TOKEN_MAX):
        raise MalformedAlert(
            Reason.FIELD_WRONG_TYPE,
            f"{name} must be the feed's token as it was shown: at most {_TOKEN_MAX}"
            " letters, digits and signs of ASCII.",
        )
    return text or None


def _plain(fields: JsonObject, name: str, expected: str) -> str | None:
    """Return the trimmed text of a string or number; None if it is null or absent."""
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise wrong_type(name, expected, value)
    return value.strip()


_parsed = lru_cache(maxsize=1024)(Timeframe.parse)
