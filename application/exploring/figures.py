"""The few figures of one run that a sweep keeps, computed from columns in little time."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from application.backtesting.result import BacktestResult
from application.ports.bars import Bars, FloatColumn, IndexColumn
from application.results.metric import Better, Value
from application.results.metrics import BY_KEY
from domain import ratios
from domain.measured import recovery_factor
from domain.money import ZERO, divide_down, subtract, total
from domain.performance import profit_factor, win_rate
from domain.signal import LONG

FIGURES = (
    *("total_pnl", "total_return", "max_drawdown_percent", "recovery_factor", "sharpe"),
    *("profit_factor", "win_rate", "trades"),
)
"""Keys of the catalog, in the order in which they are shown."""

RANK_BY = "recovery_factor"
"""Not Sharpe: its mean of returns flatters a run that lost nearly everything."""

_DAY_SECONDS = 86_400


class Days(NamedTuple):
    """The days of some bars: the last bar of each, its place among them, their number."""

    last: IndexColumn
    place: IndexColumn
    number: int


class Ruler(NamedTuple):
    """What all results on the same bars are measured with."""

    closes: FloatColumn
    days: Days


def ruler_of(bars: Bars, closes: FloatColumn) -> Ruler:
    """Return the ruler for bars with these closes. Midnight ends the day before."""
    length = int(bars.timeframe.shortest.total_seconds())
    days = (bars.times + (length - 1)) // _DAY_SECONDS
    if not len(days):
        return Ruler(closes, Days(days, days, 0))
    last = np.append(np.flatnonzero(np.diff(days)), len(days) - 1)
    place = days[last] - days[0]
    return Ruler(closes, Days(last, place, int(place[-1]) + 1))


def figures_of(result: BacktestResult, ruler: Ruler) -> Mapping[str, Value]:
    """Return the figures. Falls and Sharpe are those of equity at each bar's close."""
    capital = result.request.settings.initial_capital
    results = result.log.earned
    wins = [one for one in results if one > ZERO]
    won, lost = total(wins), subtract(ZERO, total(one for one in results if one < ZERO))
    earned = subtract(result.equity, capital)
    column = _equity(result, ruler.closes)
    deepest, share = _falls(column)
    return {
        "total_pnl": earned,
        "total_return": divide_down(earned, capital),
        "sharpe": _sharpe(result, column, ruler.days),
        "profit_factor": profit_factor(won, lost),
        "max_drawdown_percent": share,
        "recovery_factor": recovery_factor(earned, Decimal(deepest)),
        "win_rate": win_rate(len(wins), len(results)),
        "trades": len(results),
    }


def score(figures: Mapping[str, Value], key: str) -> float | None:
    """Return a figure as a number of which more is better; None where there is none."""
    value = figures.get(key)
    if not isinstance(value, int | float) and not hasattr(value, "as_tuple"):
        return None
    number = float(value)  # type: ignore[arg-type]
    return -number if BY_KEY[key].better is Better.LOWER else number


def _equity(result: BacktestResult, closes: FloatColumn) -> FloatColumn:
    """Return equity at every close: cash, and what is held at that price. As floats."""
    start = float(result.request.settings.initial_capital)
    rows = result.log.rows
    if not rows:
        return np.full(len(closes), start)
    executed, sides, numbers, quantities, prices, fees, *_ = zip(*rows, strict=True)
    sizes, levels, charged = (
        np.fromiter(map(float, column), np.float64, len(rows))
        for column in (quantities, prices, fees)
    )
    long = np.array([side is LONG for side in sides])
    sizes = np.where(long == (np.array(numbers) > 0), sizes, -sizes)
    paid = np.cumsum(sizes * levels + charged)
    cash = np.concatenate(([start], start - paid))
    held = np.concatenate(([0.0], np.cumsum(sizes)))
    steps = np.array([0, *executed, len(closes)])
    counts = np.diff(steps)
    return np.repeat(cash, counts) + np.repeat(held, counts) * closes


def _falls(column: FloatColumn) -> tuple[float, float | None]:
    """Return the deepest fall in money and the largest as a fraction; None from zero."""
    if not len(column):
        return 0.0, 0.0
    peaks = np.maximum.accumulate(column)
    falls = peaks - column
    deepest = float(falls.max())
    if peaks[0] <= 0:
        return deepest, None
    np.divide(falls, peaks, out=falls)
    return deepest, float(falls.max())


def _sharpe(result: BacktestResult, column: FloatColumn, days: Days) -> float | None:
    """Return what ``domain.ratios.sharpe`` says of the daily returns."""
    if not len(column):
        return None
    capital = float(result.request.settings.initial_capital)
    ends = np.concatenate(([capital], column[days.last]))
    if ends.min() <= 0:
        return None
    returns = np.zeros(days.number)
    returns[days.place] = np.diff(ends) / ends[:-1]
    return ratios.sharpe(returns.tolist())
