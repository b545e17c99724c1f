"""Trading windows: the days and hours, in UTC, in which a bot may enter."""

import re
from datetime import UTC, datetime, time
from typing import NamedTuple

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TEXT = re.compile(
    r"(?:(?P<days>[a-z,-]+) +)?(?P<from>\d\d:\d\d)-(?P<to>\d\d:\d\d)", re.ASCII
)
_DAY_MINUTES = 24 * 60


class Window(NamedTuple):
    """Days (0 is Monday) and minutes of the day; one that ends earlier ends next day."""

    days: frozenset[int]
    opens: int
    closes: int

    @classmethod
    def parse(cls, text: str) -> "Window":
        """Read ``mon-fri 08:00-16:30``, ``sat,sun 00:00-24:00`` or ``22:00-06:00``.

        Raises:
            ValueError: If it is none.
        """
        found = _TEXT.fullmatch(" ".join(text.lower().split()))
        if found is None:
            message = f"{text!r} is no window such as mon-fri 08:00-16:30"
            raise ValueError(message)
        days = frozenset(range(7)) if found["days"] is None else _days(found["days"])
        opens, closes = _minutes(found["from"]), _minutes(found["to"])
        if opens == closes:
            message = f"{text!r} begins and ends at the same time"
            raise ValueError(message)
        return cls(days, opens, closes)

    def is_open(self, at: datetime) -> bool:
        """Say whether it is open at a moment."""
        moment = at.astimezone(UTC)
        day, minute = moment.weekday(), moment.hour * 60 + moment.minute
        if self.opens < self.closes:
            return day in self.days and self.opens <= minute < self.closes
        late = day in self.days and minute >= self.opens
        return late or ((day - 1) % 7 in self.days and minute < self.closes)

    def __str__(self) -> str:
        """Return it as it is written."""
        days = ",".join(DAYS[day] for day in sorted(self.days))
        hours = f"{_clock(self.opens)}-{_clock(self.closes)}"
        return hours if len(self.days) == len(DAYS) else f"{days} {hours}"


def _days(text: str) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        if first not in DAYS or (last or first) not in DAYS:
            message = f"{part!r} is no day such as mon, or days such as mon-fri"
            raise ValueError(message)
        begin, end = DAYS.index(first), DAYS.index(last or first)
        found |= {day % 7 for day in range(begin, end + 1 if end >= begin else end + 8)}
    return frozenset(found)


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    total = int(hours) * 60 + int(minutes)
    if total > _DAY_MINUTES or int(minutes) >= 60:  # noqa: PLR2004 - an hour has 60
        message = f"{text!r} is no time of day"
        raise ValueError(message)
    return total


def _clock(minutes: int) -> str:
    if minutes == _DAY_MINUTES:
        return "24:00"
    return f"{time(minutes // 60, minutes % 60):%H:%M}"
