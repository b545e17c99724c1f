"""Keep a run where the web and other terminals find it."""

from collections.abc import Mapping
from dataclasses import dataclass

from application.ports.backtests import BacktestId, Backtests
from application.ports.configuration import Author
from application.results.metric import Value
from application.results.summary import summarize
from application.runs import Run

LISTED = (
    *("total_pnl", "total_return", "max_drawdown", "max_drawdown_percent", "trades"),
    *("win_rate", "profit_factor", "sharpe"),
)
"""The figures that a list shows without measuring every run again."""


@dataclass(frozen=True, slots=True)
class KeepBacktest:
    """The use case behind ``backtest run --save``."""

    backtests: Backtests

    async def __call__(self, name: str, run: Run, author: Author) -> BacktestId:
        """Measure and keep a run; return its number."""
        return await self.backtests.keep(name, run, listed_figures(run), author)


def listed_figures(run: Run) -> Mapping[str, str | None]:
    """Return the figures of the list as text."""
    figures = summarize(run).figures
    return {key: _text(figures[key]) for key in LISTED}


def _text(value: Value) -> str | None:
    return None if value is None else str(value)
