"""Times as alerts write them: ISO-8601 with an offset, or unix seconds or milliseconds."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from adapters.alert.malformed import out_of_range, wrong_type
from adapters.alert.number import decimal_of
from domain.money import multiply

_ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}(?P<clock>[T ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?"
    r"(?P<offset>(Z|[+-]\d{2}(:?\d{2})?))?)?",
    re.ASCII | re.IGNORECASE,
)
_UNIX = re.compile(r"[+-]?[0-9.]+([eE][+-]?[0-9]+)?")
_EXPECTED = (
    "a time such as 2024-01-31T16:00:00Z, as {{time}} and {{timenow}} give it, or unix"
    " seconds or milliseconds"
)
_RANGE = "a time in the years 2000 to 2100"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_SECOND = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp())
_BEYOND_SECOND = int(datetime(2101, 1, 1, tzinfo=UTC).timestamp())
_MILLION = 1_000_000
_REMEMBERED_MAX = 40
"""Longer texts are not remembered: whoever makes them up could fill the memory."""


def moment_of(name: str, text: str) -> datetime:
    """Return the moment that ``text`` writes, in UTC and to the microsecond.

    Seconds and milliseconds are told apart by their size: the years 2000 to 2100 in one are
    never the same numbers as in the other.

    Raises:
        MalformedAlert: Naming the field and what was wrong.
    """
    if len(text) <= _REMEMBERED_MAX:
        return _remembered(name, text)
    return _moment_of(name, text)


def _moment_of(name: str, text: str) -> datetime:
    if _UNIX.fullmatch(text):
        return _from_unix(name, text)
    return _from_iso(name, text)


# The alerts of one bar's close say the same moment.
_remembered = lru_cache(maxsize=1024)(_moment_of)


def _from_unix(name: str, text: str) -> datetime:
    number = decimal_of(name, text)
    for parts_per_second in (1, 1_000):
        if _FIRST_SECOND <= number / parts_per_second < _BEYOND_SECOND:
            microseconds = multiply(number, Decimal(_MILLION // parts_per_second))
            return _EPOCH + timedelta(microseconds=int(microseconds))
    raise out_of_range(name, _RANGE, text)


def _from_iso(name: str, text: str) -> datetime:
    match = _ISO.fullmatch(text)
    if match is None:
        raise wrong_type(name, _EXPECTED, text)
    if not match["offset"]:
        raise wrong_type(name, "a time with its offset, such as Z at its end for UTC", text)
    try:
        moment = datetime.fromisoformat(text.upper().replace(" ", "T", 1))
        moment = moment.astimezone(UTC)
    except ValueError:
        raise wrong_type(name, _EXPECTED, text) from None
    except OverflowError:
        raise out_of_range(name, _RANGE, text) from None
    if not _FIRST_SECOND <= moment.timestamp() < _BEYOND_SECOND:
        raise out_of_range(name, _RANGE, text)
    return moment
