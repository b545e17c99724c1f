from datetime import UTC, datetime, timedelta

import pytest

from domain.timeframe import Timeframe, Unit


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", Timeframe(1, Unit.MINUTE)),
        ("15", Timeframe(15, Unit.MINUTE)),
        ("15m", Timeframe(15, Unit.MINUTE)),
        ("15min", Timeframe(15, Unit.MINUTE)),
        ("60", Timeframe(60, Unit.MINUTE)),
        ("1h", Timeframe(60, Unit.MINUTE)),
        ("240", Timeframe(240, Unit.MINUTE)),
        ("4h", Timeframe(240, Unit.MINUTE)),
        (" 4H ", Timeframe(240, Unit.MINUTE)),
        ("30S", Timeframe(30, Unit.SECOND)),
        ("5s", Timeframe(5, Unit.SECOND)),
        ("D", Timeframe(1, Unit.DAY)),
        ("1D", Timeframe(1, Unit.DAY)),
        ("3d", Timeframe(3, Unit.DAY)),
        ("W", Timeframe(1, Unit.WEEK)),
        ("2w", Timeframe(2, Unit.WEEK)),
        ("1M", Timeframe(1, Unit.MONTH)),
        ("M", Timeframe(1, Unit.MONTH)),
        ("1m", Timeframe(1, Unit.MINUTE)),
    ],
)
def test_tradingviews_spellings_are_understood(text: str, expected: Timeframe) -> None:
    assert Timeframe.parse(text) == expected


@pytest.mark.parametrize("text", ["", "4x", "h4", "-5", "1.5h", "hourly", "99999"])
def test_what_is_no_timeframe_is_answered_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="a timeframe is written like 15, 4h, 1D or 1W"):
        Timeframe.parse(text)


def test_a_bar_of_no_length_is_refused() -> None:
    with pytest.raises(ValueError, match="a timeframe must be at least 1, was 0"):
        Timeframe.parse("0")


@pytest.mark.parametrize("text", ["30s", "15m", "1h", "4h", "1D", "1W", "3M"])
def test_the_short_form_is_read_back_as_the_same(text: str) -> None:
    assert str(Timeframe.parse(text)) == text


def test_a_day_is_not_intraday_and_an_hour_is() -> None:
    assert Timeframe.parse("4h").is_intraday
    assert Timeframe.parse("30S").is_intraday
    assert not Timeframe.parse("1D").is_intraday


@pytest.mark.parametrize(
    ("timeframe", "opened", "closes"),
    [
        ("30s", "2024-01-01T00:00:00", "2024-01-01T00:00:30"),
        ("4h", "2024-01-01T20:00", "2024-01-02T00:00"),
        ("1D", "2024-02-28T00:00", "2024-02-29T00:00"),
        ("1W", "2024-01-01T00:00", "2024-01-08T00:00"),
        ("1M", "2024-01-01T00:00", "2024-02-01T00:00"),
        ("3M", "2024-11-01T00:00", "2025-02-01T00:00"),
        ("12M", "2024-01-01T00:00", "2025-01-01T00:00"),
        ("1M", "2024-01-31T22:00", "2024-03-01T22:00"),
    ],
)
def test_a_bar_closes_after_its_length_or_with_its_month(
    timeframe: str, opened: str, closes: str
) -> None:
    assert Timeframe.parse(timeframe).close_of(moment(opened)) == moment(closes)


@pytest.mark.parametrize(
    ("timeframe", "earlier", "later", "bars"),
    [
        ("30s", "2024-01-01T00:00:00", "2024-01-01T00:01:30", 3),
        ("4h", "2024-01-01T00:00", "2024-01-01T00:00", 0),
        ("4h", "2024-01-01T00:00", "2024-01-01T03:59", 0),
        ("4h", "2024-01-01T00:00", "2024-01-02T00:00", 6),
        ("4h", "2024-01-01T04:00", "2024-01-01T00:00", -1),
        ("1D", "2024-02-28T00:00", "2024-03-01T00:00", 2),
        ("1W", "2024-01-01T00:00", "2024-01-22T00:00", 3),
        ("1M", "2024-01-01T00:00", "2024-03-01T00:00", 2),
        ("3M", "2024-01-01T00:00", "2024-10-01T00:00", 3),
        ("1M", "2023-12-01T00:00", "2024-01-01T00:00", 1),
    ],
)
def test_bars_are_counted_between_their_opens(
    timeframe: str, earlier: str, later: str, bars: int
) -> None:
    assert Timeframe.parse(timeframe).bars_between(moment(earlier), moment(later)) == bars


def test_a_week_has_seven_days_all_year() -> None:
    monday = moment("2024-01-01T00:00")
    mondays = [monday + timedelta(weeks=number) for number in range(60)]

    counted = [Timeframe.parse("1W").bars_between(monday, later) for later in mondays]

    assert counted == list(range(60))


@pytest.mark.parametrize(
    ("timeframe", "earlier", "later"),
    [
        ("1D", "2024-03-09T14:30", "2024-03-10T13:30"),  # daylight saving begins
        ("1D", "2024-11-02T13:30", "2024-11-03T14:30"),  # and ends
        ("1W", "2024-01-02T14:30", "2024-01-08T14:30"),  # a Monday off before
        ("1W", "2024-01-08T14:30", "2024-01-16T14:30"),  # and after
        ("1W", "2024-03-03T22:00", "2024-03-10T21:00"),  # a currency's Sundays
        ("1W", "2022-12-18T22:00", "2022-12-26T22:00"),  # and its Christmas
        ("1M", "2024-01-31T22:00", "2024-02-29T22:00"),  # a currency's months
        ("1M", "2024-02-29T22:00", "2024-04-01T21:00"),
    ],
)
def test_the_next_bar_is_one_bar_later_however_its_market_opens(
    timeframe: str, earlier: str, later: str
) -> None:
    assert Timeframe.parse(timeframe).bars_between(moment(earlier), moment(later)) == 1
