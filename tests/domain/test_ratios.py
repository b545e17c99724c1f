"""The ratios by hand, by law, and against another implementation of each."""

import math
import warnings
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import ratios
from domain.equity import drawdowns, worst_fraction
from tests.domain.runs import days

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import empyrical

RETURNS = st.lists(st.floats(-0.2, 0.2), min_size=2, max_size=80)


def example() -> list[float]:
    return [0.01, -0.02, 0.03, 0.0, -0.005, 0.012]


def test_ratios_of_an_example_are_those_of_empyrical() -> None:
    given_returns = np.array(example())

    assert ratios.sharpe(example()) == pytest.approx(
        empyrical.sharpe_ratio(given_returns, annualization=365)
    )
    assert ratios.sortino(example()) == pytest.approx(
        empyrical.sortino_ratio(given_returns, annualization=365)
    )
    assert ratios.volatility(example()) == pytest.approx(
        empyrical.annual_volatility(given_returns, annualization=365)
    )


@given(RETURNS)
def test_ratios_are_those_of_empyrical_wherever_they_are_defined(
    returns: list[float],
) -> None:
    many = np.array(returns)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        theirs = (
            empyrical.sharpe_ratio(many, annualization=365),
            empyrical.sortino_ratio(many, annualization=365),
            empyrical.omega_ratio(many, annualization=365),
        )

    for ours, their in zip(
        (ratios.sharpe(returns), ratios.sortino(returns), ratios.omega(returns)),
        theirs,
        strict=True,
    ):
        assert ours is None or ours == pytest.approx(float(their), rel=1e-6, abs=1e-9)


@given(RETURNS)
def test_growth_and_calmar_are_those_of_empyrical(returns: list[float]) -> None:
    equities = [Decimal(1)]
    for change in returns:
        equities.append(equities[-1] * (1 + Decimal(change)))
    span = timedelta(days=len(returns))
    many = np.array(returns)

    growth = ratios.yearly_growth(equities[0], equities[-1], span)
    calmar = ratios.calmar(growth, worst_fraction(drawdowns(days(*equities))))

    if growth is not None:
        their = float(empyrical.cagr(many, annualization=365))
        assert growth == pytest.approx(their, rel=1e-6, abs=1e-9)
    if calmar is not None:
        their = float(empyrical.calmar_ratio(many, annualization=365))
        assert calmar == pytest.approx(their, rel=1e-6, abs=1e-9)


@given(RETURNS)
def test_sharpe_does_not_care_how_large_a_unit_of_risk_is(returns: list[float]) -> None:
    once, thrice = ratios.sharpe(returns), ratios.sharpe([3 * one for one in returns])

    if once is not None and thrice is not None:
        assert once == pytest.approx(thrice, rel=1e-6)


@given(RETURNS)
def test_omega_is_above_one_exactly_where_the_mean_is_above_zero(
    returns: list[float],
) -> None:
    omega = ratios.omega(returns)

    if omega is not None and abs(math.fsum(returns)) > 1e-9:
        assert (omega > 1) is (math.fsum(returns) > 0)


def test_a_ratio_without_a_divisor_is_none_and_not_infinite() -> None:
    assert ratios.sharpe([0.01, 0.01, 0.01]) is None
    assert ratios.sharpe([0.01]) is None
    assert ratios.sortino([0.01, 0.02]) is None
    assert ratios.sortino([]) is None
    assert ratios.omega([0.01]) is None
    assert ratios.volatility([0.01]) is None
    assert ratios.calmar(0.5, Decimal(0)) is None
    assert ratios.calmar(None, Decimal("0.5")) is None


def test_doubling_in_a_year_is_growth_of_one() -> None:
    year, two = timedelta(days=365), timedelta(days=730)

    assert ratios.yearly_growth(Decimal(100), Decimal(200), year) == pytest.approx(1.0)
    assert ratios.yearly_growth(Decimal(100), Decimal(400), two) == pytest.approx(1.0)


def test_less_than_a_month_says_nothing_of_a_year() -> None:
    days_29 = timedelta(days=29)

    assert ratios.yearly_growth(Decimal(100), Decimal(200), days_29) is None


def test_nothing_grows_from_nothing_or_to_nothing() -> None:
    year = timedelta(days=365)

    assert ratios.yearly_growth(Decimal(0), Decimal(100), year) is None
    assert ratios.yearly_growth(Decimal(100), Decimal(0), year) is None


def test_tradingviews_ratios_are_of_months_with_two_percent_risk_free() -> None:
    months = [0.03, -0.01, 0.02]
    rate = 0.02 / 12

    assert ratios.tradingview_sharpe(months, 12) == pytest.approx(
        (np.mean(months) - rate) / np.std(months, ddof=1)
    )
    assert ratios.tradingview_sortino(months, 12) == pytest.approx(
        (np.mean(months) - rate) / math.sqrt(0.0001 / 3)
    )


def test_tradingview_shows_no_ratio_below_three_periods() -> None:
    assert ratios.tradingview_sharpe([0.1, 0.2], 12) is None
    assert ratios.tradingview_sortino([0.1, -0.2], 12) is None
