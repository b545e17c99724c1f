"""Chart timeframes as TradingView writes them, and how many bars lie between two opens.

Bars open when their market does, so opens wander: by an hour with daylight saving, from a
Monday to a Tuesday over a holiday, and a currency's week and month begin on the evening
before. ``_DAY_SLACK`` and ``_EVE`` absorb that; a crypto market's bars need neither.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import assert_never

_TEXT = re.compile(r"(?P<count>\d{0,4})(?P<unit>[A-Za-z]{0,3})")


class Unit(Enum):
    """What a timeframe counts in."""

    SECOND = "s"
    MINUTE = "m"
    DAY = "D"
    WEEK = "W"
    MONTH = "M"


_UNITS = {
    "": (Unit.MINUTE, 1),
    "m": (Unit.MINUTE, 1),
    "min": (Unit.MINUTE, 1),
    "s": (Unit.SECOND, 1),
    "S": (Unit.SECOND, 1),
    "h": (Unit.MINUTE, 60),
    "H": (Unit.MINUTE, 60),
    "d": (Unit.DAY, 1),
    "D": (Unit.DAY, 1),
    "w": (Unit.WEEK, 1),
    "W": (Unit.WEEK, 1),
    "M": (Unit.MONTH, 1),
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND, _MINUTE = timedelta(seconds=1), timedelta(minutes=1)
_DAY, _WEEK = timedelta(days=1), timedelta(weeks=1)
_LENGTHS = {
    Unit.SECOND: _SECOND,
    Unit.MINUTE: _MINUTE,
    Unit.DAY: _DAY,
    Unit.WEEK: _WEEK,
}
_HOUR_MINUTES = 60
_DAY_SLACK = timedelta(hours=2)
_EVE = 2 * _DAY
_WEEK_DAYS = 7
_SHORTEST_MONTH = 28 * _DAY


@dataclass(frozen=True, slots=True)
class Timeframe:
    """The length of a chart's bars: 240 minutes, 1 day, 1 week."""

    count: int
    unit: Unit

    def __post_init__(self) -> None:
        """Refuse an empty bar."""
        if self.count < 1:
            message = f"a timeframe must be at least 1, was {self.count}"
            raise ValueError(message)

    @classmethod
    def parse(cls, text: str) -> "Timeframe":
        """Read ``240``, ``4h``, ``4H``, ``D``, ``1D``, ``60``, ``30S``, ``1W``, ``1M``.

        A bare number is minutes; ``M`` is a month and ``m`` a minute.

        Raises:
            ValueError: Saying what a timeframe looks like.

        Source: TradingView, "timeframe.period" and the ``{{interval}}`` placeholder.
        """
        match = _TEXT.fullmatch(text.strip())
        if match is None or not match[0] or match["unit"] not in _UNITS:
            message = f"a timeframe is written like 15, 4h, 1D or 1W, was {text!r}"
            raise ValueError(message)
        unit, factor = _UNITS[match["unit"]]
        return cls(int(match["count"] or 1) * factor, unit)

    def __str__(self) -> str:
        """Return the usual short form: ``15m``, ``4h``, ``1D``."""
        if self.unit is Unit.MINUTE and self.count % _HOUR_MINUTES == 0:
            return f"{self.count // _HOUR_MINUTES}h"
        return f"{self.count}{self.unit.value}"

    @property
    def is_intraday(self) -> bool:
        """Say whether bars are shorter than a day, so that a clock tells their close."""
        return self.unit in (Unit.SECOND, Unit.MINUTE)

    @property
    def shortest(self) -> timedelta:
        """Return how long one bar lasts; the length of the shortest month for months."""
        if self.unit is Unit.MONTH:
            return _SHORTEST_MONTH * self.count
        return _LENGTHS[self.unit] * self.count

    def close_of(self, bar_open: datetime) -> datetime:
        """Return when the bar that opened at ``bar_open`` closes."""
        if self.unit is Unit.MONTH:
            month = _month(bar_open) + self.count
            return bar_open.replace(year=month // 12, month=month % 12 + 1, day=1)
        return bar_open + _LENGTHS[self.unit] * self.count

    def bars_between(self, earlier: datetime, later: datetime) -> int:
        """Return how many whole bars lie between two opens; 0 for the same bar.

        Weeks and months are counted by the calendar.
        """
        match self.unit:
            case Unit.MINUTE:
                return (later - earlier) // _MINUTE // self.count
            case Unit.SECOND:
                return (later - earlier) // _SECOND // self.count
            case Unit.DAY:
                return (later - earlier + _DAY_SLACK) // _DAY // self.count
            case Unit.WEEK:
                return (_week(later) - _week(earlier)) // self.count
            case Unit.MONTH:
                return (_month(later) - _month(earlier)) // self.count
            case _:
                assert_never(self.unit)


def _month(bar_open: datetime) -> int:
    """Return the number of the month that a bar belongs to, counted from the year 0."""
    inside = bar_open + _EVE
    return inside.year * 12 + inside.month - 1


def _week(bar_open: datetime) -> int:
    """Return the number of the week that a bar belongs to; a week begins on a Monday."""
    inside = bar_open + _DAY
    return (inside.toordinal() - 1) // _WEEK_DAYS
