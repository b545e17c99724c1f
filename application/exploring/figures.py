"""The few figures of one run that a sweep keeps, computed from columns in little time."""

from collections.abc import Mapping
from decimal import Decimal

import numpy as np

from application.backtesting.curve import equity_column
from application.backtesting.result import BacktestResult
from application.ports.bars import FloatColumn
from application.results.metric import Better, Value
from application.results.metrics import BY_KEY
from domain import ratios
from domain.measured import recovery_factor
from domain.money import ZERO, divide_down, subtract, total
from domain.performance import profit_factor, win_rate

FIGURES = (
    *("total_pnl", "total_return", "max_drawdown_percent", "recovery_factor", "sharpe"),
    *("profit_factor", "win_rate", "trades"),
)
"""Keys of the catalog, in the order in which they are shown."""

RANK_BY = "recovery_factor"
"""Not Sharpe: its mean of returns flatters a run that lost nearly everything."""

_DAY_SECONDS = 86_400


def figures_of(result: BacktestResult) -> Mapping[str, Value]:
    """Return the figures. Falls and Sharpe are those of equity at each bar's close."""
    capital = result.request.settings.initial_capital
    results = [trade.pnl for trade in result.trades]
    wins = [one for one in results if one > ZERO]
    won, lost = total(wins), subtract(ZERO, total(one for one in results if one < ZERO))
    earned = subtract(result.equity, capital)
    column = equity_column(result) if len(result.bars) else np.zeros(0)
    deepest, share = _falls(column)
    return {
        "total_pnl": earned,
        "total_return": divide_down(earned, capital),
        "sharpe": _sharpe(result, column),
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


def _falls(column: FloatColumn) -> tuple[float, float | None]:
    """Return the deepest fall in money and the largest as a fraction; None from zero."""
    if not len(column):
        return 0.0, 0.0
    peaks = np.maximum.accumulate(column)
    falls = peaks - column
    if peaks[0] <= 0:
        return float(falls.max()), None
    return float(falls.max()), float((falls / peaks).max())


def _sharpe(result: BacktestResult, column: FloatColumn) -> float | None:
    """Return what ``domain.ratios.sharpe`` says of the daily returns."""
    bars = result.bars
    if not len(bars):
        return None
    length = int(bars.timeframe.shortest.total_seconds())
    days = (bars.times + (length - 1)) // _DAY_SECONDS
    last = np.append(np.flatnonzero(np.diff(days)), len(days) - 1)
    capital = float(result.request.settings.initial_capital)
    ends = np.concatenate(([capital], column[last]))
    if ends.min() <= 0:
        return None
    returns = np.zeros(int(days[-1] - days[0]) + 1)
    returns[days[last] - days[0]] = np.diff(ends) / ends[:-1]
    return ratios.sharpe(returns.tolist())
