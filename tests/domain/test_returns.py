from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.equity import EquityPoint
from domain.returns import daily_returns, monthly_returns
from tests.domain.runs import DAY, FIRST_DAY, days

EQUITIES = st.lists(st.integers(1, 10_000), min_size=1, max_size=60)


def test_a_day_earns_what_its_end_is_above_the_end_of_the_day_before() -> None:
    assert daily_returns(days(100, 110, 99)) == pytest.approx((0.0, 0.1, -0.1))


def test_the_first_day_is_measured_against_the_first_point() -> None:
    morning = EquityPoint(FIRST_DAY - DAY / 4, Decimal(100))

    assert daily_returns([morning, *days(110)]) == pytest.approx((0.1,))


def test_a_day_without_a_point_earned_nothing() -> None:
    friday, _, _, monday = days(100, 0, 0, 120)

    assert daily_returns([friday, monday]) == pytest.approx((0.0, 0.0, 0.0, 0.2))


def test_midnight_ends_the_day_and_the_month_before() -> None:
    start = EquityPoint(datetime(2024, 1, 31, tzinfo=UTC), Decimal(100))
    midnight = EquityPoint(datetime(2024, 2, 1, tzinfo=UTC), Decimal(110))

    assert daily_returns([start, midnight]) == pytest.approx((0.1,))
    assert monthly_returns([start, midnight]) == ((date(2024, 1, 1), 0.1),)


def test_months_are_named_by_their_first_day() -> None:
    curve = [EquityPoint(FIRST_DAY, Decimal(100)), *days(*range(101, 141))]

    months = monthly_returns(curve)

    assert months is not None
    assert [month for month, _ in months] == [date(2024, 1, 1), date(2024, 2, 1)]
    assert [change for _, change in months] == pytest.approx([0.31, 140 / 131 - 1])


def test_nothing_is_earned_on_nothing() -> None:
    assert daily_returns(days(100, 0)) is None
    assert monthly_returns(days(100, -5)) is None
    assert daily_returns([]) is None


@given(EQUITIES)
def test_returns_compound_to_what_the_whole_curve_earned(equities: list[int]) -> None:
    returns = daily_returns(days(*equities))
    assert returns is not None
    grown = 1.0
    for change in returns:
        grown *= 1 + change

    assert grown == pytest.approx(equities[-1] / equities[0], rel=1e-9)
