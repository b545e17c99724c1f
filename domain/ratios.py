"""Ratios made of returns, as floats: they are statistics, and no money.

A ratio whose divisor is zero is None: a run that never lost has no Sortino ratio, not an
infinite one. The ratios of the field assume no risk-free rate; TradingView's own do.
"""

import math
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from domain.money import ZERO, divide_down

DAYS_A_YEAR = 365
MONTHS_A_YEAR = 12
RISK_FREE = 0.02
"""A year, as TradingView assumes it."""

SHORTEST_GROWTH = timedelta(days=30)
"""Growth of less than this is not extrapolated to a year."""

_PERIODS_MIN = 2
_PERIODS_TRADINGVIEW = 3
_NOISE = 1e-12
"""A deviation below this is a sum's rounding, not risk."""


def sharpe(returns: Sequence[float], periods_a_year: int = DAYS_A_YEAR) -> float | None:
    """Return the mean over the standard deviation of the sample, for a year, risk free 0.

    mean(r) / sd(r) * sqrt(periods). None below two returns, and where none differ.

    Source: W. F. Sharpe, "The Sharpe ratio", Journal of Portfolio Management, 1994.
    """
    deviation = standard_deviation(returns)
    if not deviation:
        return None
    return mean(returns) / deviation * math.sqrt(periods_a_year)


def sortino(returns: Sequence[float], periods_a_year: int = DAYS_A_YEAR) -> float | None:
    """Return the mean over the downside deviation, for a year, against a target of 0.

    mean(r) / sqrt(mean(min(r, 0)^2)) * sqrt(periods). None where nothing was lost.

    Source: F. A. Sortino and R. van der Meer, "Downside risk", Journal of Portfolio
    Management, 1991: the mean square is over all returns, not over the losing ones.
    """
    deviation = downside_deviation(returns, 0.0)
    if not deviation:
        return None
    return mean(returns) / deviation * math.sqrt(periods_a_year)


def omega(returns: Sequence[float]) -> float | None:
    """Return the sum of the gains over the sum of the losses; None where none was lost.

    Source: C. Keating and W. F. Shadwick, "A universal performance measure", 2002, with a
    threshold of 0.
    """
    lost = math.fsum(-change for change in returns if change < 0)
    won = math.fsum(change for change in returns if change > 0)
    return won / lost if lost > _NOISE else None


def volatility(returns: Sequence[float], periods_a_year: int = DAYS_A_YEAR) -> float | None:
    """Return the standard deviation of the sample for a year; None below two returns."""
    deviation = standard_deviation(returns)
    return None if deviation is None else deviation * math.sqrt(periods_a_year)


def yearly_growth(first: Decimal, last: Decimal, span: timedelta) -> float | None:
    """Return the rate that, compounded every year, leads from ``first`` to ``last`` (CAGR).

    (last / first)^(365 days / span) - 1. None for less than 30 days, which say nothing of
    a year, and where there is nothing to grow from or nothing left.
    """
    if span < SHORTEST_GROWTH or first <= ZERO or last <= ZERO:
        return None
    growth = float(divide_down(last, first))
    return math.expm1(math.log(growth) * (timedelta(days=DAYS_A_YEAR) / span))


def calmar(growth: float | None, drawdown: Decimal | None) -> float | None:
    """Return yearly growth over the worst fraction that a fall took; None without a fall.

    Source: T. W. Young, "Calmar ratio: a smoother tool", Futures, 1991; over the whole run,
    as runs of three years are rare here.
    """
    if growth is None or not drawdown:
        return None
    return growth / float(drawdown)


def tradingview_sharpe(returns: Sequence[float], periods_a_year: int) -> float | None:
    """Return the Sharpe ratio as TradingView shows it: of months, not made a year's.

    (mean(r) - risk free) / sd(r), with 2 % risk free a year. None below three returns.

    Source: "Sharpe ratio" in TradingView's help on the strategy report: (MR - RFR) / SD.
    """
    deviation = standard_deviation(returns)
    if len(returns) < _PERIODS_TRADINGVIEW or not deviation:
        return None
    return (mean(returns) - RISK_FREE / periods_a_year) / deviation


def tradingview_sortino(returns: Sequence[float], periods_a_year: int) -> float | None:
    """Return the Sortino ratio as TradingView shows it: of months, not made a year's.

    (mean(r) - risk free) / sqrt(mean(min(r, 0)^2)). None below three returns.

    Source: "Sortino ratio" in TradingView's help on the strategy report: (MR - RFR) / DD.
    """
    deviation = downside_deviation(returns, 0.0)
    if len(returns) < _PERIODS_TRADINGVIEW or not deviation:
        return None
    return (mean(returns) - RISK_FREE / periods_a_year) / deviation


def mean(values: Sequence[float]) -> float:
    """Return the arithmetic mean of at least one value."""
    return math.fsum(values) / len(values)


def standard_deviation(values: Sequence[float]) -> float | None:
    """Return the standard deviation of a sample (n - 1); None below two values."""
    if len(values) < _PERIODS_MIN:
        return None
    middle = mean(values)
    square = math.fsum((value - middle) ** 2 for value in values)
    deviation = math.sqrt(square / (len(values) - 1))
    return deviation if deviation > _NOISE else 0.0


def downside_deviation(values: Sequence[float], target: float) -> float | None:
    """Return the root of the mean square of what fell short of ``target``; None of none."""
    if not values:
        return None
    square = math.fsum(min(value - target, 0.0) ** 2 for value in values)
    deviation = math.sqrt(square / len(values))
    return deviation if deviation > _NOISE else 0.0
