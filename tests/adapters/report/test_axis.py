from datetime import UTC, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from adapters.report.axis import Scale, time_ticks, value_ticks
from adapters.report.charts import TOP, Lines, histogram, line_chart

VALUES = st.floats(-1e9, 1e9)


def labels(low: float, high: float, count: int = 5) -> list[str]:
    return [tick.label for tick in value_ticks(Scale(low, high, 100, 0), count)]


def dates(start: datetime, end: datetime) -> list[str]:
    scale = Scale(start.timestamp(), end.timestamp(), 0, 900)
    return [tick.label for tick in time_ticks(scale, 9)]


def test_ticks_are_round_numbers() -> None:
    assert labels(0, 10) == ["0", "2", "4", "6", "8", "10"]
    assert labels(-3.2, 4.1) == ["\u22122", "0", "2", "4"]
    assert labels(9_600, 13_200) == ["10k", "11k", "12k", "13k"]
    assert labels(0.1, 0.31) == ["0.10", "0.15", "0.20", "0.25", "0.30"]


@given(VALUES, VALUES, st.integers(2, 9))
def test_ticks_lie_within_the_scale_and_are_few(
    low: float, high: float, count: int
) -> None:
    assume(high - low > 1e-6 * max(abs(low), abs(high), 1))

    ticks = value_ticks(Scale(low, high, 0, 1000), count)

    assert len(ticks) <= count + 1
    assert all(-0.01 <= tick.at <= 1000.01 for tick in ticks)


@pytest.mark.parametrize(
    ("days", "first", "count"),
    [(5, "2 Mar", 5), (60, "2 Mar", 9), (400, "May", 6), (3_000, "2023", 8)],
)
def test_dates_are_days_months_or_years(days: int, first: str, count: int) -> None:
    start = datetime(2022, 3, 1, 6, tzinfo=UTC)
    shown = dates(start, datetime.fromtimestamp(start.timestamp() + days * 86_400, UTC))

    assert shown[0] == first
    assert len(shown) == count


@given(st.lists(st.floats(-1_000, 1_000), min_size=1, max_size=60), st.integers(1, 30))
def test_a_histogram_counts_every_value_once_and_parts_gain_from_loss(
    values: list[float], count: int
) -> None:
    bins = histogram(values, count)

    assert sum(number for _, _, number in bins) == len(values)
    assert all(low >= 0 or high <= 1e-6 for low, high, _ in bins)


def test_an_area_hangs_from_zero() -> None:
    falls = Lines(said="", lines=[("under", [(0, -1.0), (86_400, -4.0)])], filled=True)

    tops = {tick.label: tick.at for tick in line_chart(falls).y_ticks}

    assert tops["0"] == TOP
