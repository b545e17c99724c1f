"""Trading windows: days and hours in UTC."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from domain.hours import Window

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)


def at(day: int, clock: str) -> datetime:
    hours, minutes = clock.split(":")
    return MONDAY + timedelta(days=day, hours=int(hours), minutes=int(minutes))


@pytest.mark.parametrize(
    ("text", "day", "clock", "is_open"),
    [
        ("08:00-16:30", 0, "08:00", True),
        ("08:00-16:30", 0, "16:30", False),
        ("mon-fri 08:00-16:30", 4, "16:29", True),
        ("mon-fri 08:00-16:30", 5, "12:00", False),
        ("sat,sun 00:00-24:00", 6, "23:59", True),
        ("fri-mon 10:00-11:00", 0, "10:30", True),
        ("fri-mon 10:00-11:00", 2, "10:30", False),
        ("22:00-06:00", 0, "23:00", True),
        ("22:00-06:00", 0, "05:59", True),
        ("fri 22:00-06:00", 5, "05:00", True),
        ("fri 22:00-06:00", 4, "05:00", False),
        ("fri 22:00-06:00", 6, "05:00", False),
    ],
)
def test_a_window_is_open_or_shut(
    text: str, day: int, clock: str, *, is_open: bool
) -> None:
    assert Window.parse(text).is_open(at(day, clock)) is is_open


def test_windows_count_in_utc_whatever_the_moment_is_told_in() -> None:
    tokyo = at(0, "08:00").astimezone(timezone(timedelta(hours=9)))

    assert Window.parse("08:00-09:00").is_open(tokyo)


@pytest.mark.parametrize(
    "text",
    ["", "8-16", "08:00-08:00", "25:00-26:00", "08:60-09:00", "mo 08:00-09:00", "mon"],
)
def test_what_is_no_window_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no|begins"):
        Window.parse(text)


@pytest.mark.parametrize(
    "text", ["08:00-16:30", "mon,tue 22:00-24:00", "fri,sat,sun,mon 00:00-06:00"]
)
def test_a_window_is_written_as_it_is_read(text: str) -> None:
    assert Window.parse(str(Window.parse(text))) == Window.parse(text)
