"""A chart's history in columns: what a backtest reads.

A column is a numpy array, so that a million bars are 40 MB and one pass over them is a
matter of milliseconds. Prices are exact: whole numbers of ``10 ** -digits``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from domain.intrabar import Ohlc
from domain.money import EXACT, ONE, multiply
from domain.timeframe import Timeframe

IntColumn: TypeAlias = npt.NDArray[np.int64]
FloatColumn: TypeAlias = npt.NDArray[np.float64]
IndexColumn: TypeAlias = npt.NDArray[np.intp]


class BarIssueKind(Enum):
    """What may be wrong with a history without making it useless."""

    GAP = "gap"
    DUPLICATE = "duplicate"
    DISORDER = "disorder"
    EMPTY = "empty"
    UNFINISHED = "unfinished"
    RANGE = "range"
    TIMEFRAME = "timeframe"


class BarIssue(NamedTuple):
    """Something a reader should know: what, in which line of the file, in words."""

    kind: BarIssueKind
    line: int
    text: str


class BadHistory(Exception):
    """A history that cannot be used, in words that say where and what would be right."""


class HistoryUnavailable(Exception):
    """The source of a history did not answer; nothing is known of the history."""


class BadCell(Exception):
    """One cell that cannot be read: its line and column, counted from 1."""

    def __init__(self, line: int, column: int, text: str, message: str) -> None:
        """Say what stands there and what should."""
        shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
        super().__init__(f"line {line}, column {column}: {shown!r} {message}")


_SHOWN = 40


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bars:
    """The bars of one chart, oldest first, each open time once.

    ``times`` are the bars' opens in unix seconds. ``opens``, ``highs``, ``lows`` and
    ``closes`` are prices times ``10 ** digits``; all five columns have the same length.
    """

    exchange: str
    ticker: str
    timeframe: Timeframe
    digits: int
    times: IntColumn
    opens: IntColumn
    highs: IntColumn
    lows: IntColumn
    closes: IntColumn
    plots: Mapping[str, FloatColumn] = field(default_factory=dict[str, FloatColumn])
    """What else the chart showed, by title; NaN where it had no value."""
    issues: tuple[BarIssue, ...] = ()
    unit: Decimal = field(init=False)
    """What one in a column is worth: ``10 ** -digits``."""

    def __post_init__(self) -> None:
        """Work out the unit, with which every price is made."""
        object.__setattr__(self, "unit", EXACT.scaleb(ONE, -self.digits))

    def __len__(self) -> int:
        """Return how many bars there are."""
        return len(self.times)

    def price(self, scaled: int) -> Decimal:
        """Return a price of one of the columns as the file had it."""
        return multiply(scaled, self.unit)

    def ohlc(self, index: int) -> Ohlc:
        """Return a bar's four prices."""
        return Ohlc(
            self.price(self.opens[index].item()),
            self.price(self.highs[index].item()),
            self.price(self.lows[index].item()),
            self.price(self.closes[index].item()),
        )

    def opened_at(self, index: int) -> datetime:
        """Return when a bar opened."""
        return datetime.fromtimestamp(int(self.times[index]), UTC)

    def closed_at(self, index: int) -> datetime:
        """Return when a bar closed, by its chart's timeframe."""
        return self.timeframe.close_of(self.opened_at(index))

    def close_values(self) -> FloatColumn:
        """Return the closes for an indicator: each the float nearest to the exact price."""
        return self.closes / 10.0**self.digits

    def first(self, count: int) -> "Bars":
        """Return the oldest ``count`` bars by themselves: the past, without its future."""
        return self.between(0, count)

    def between(self, start: int, stop: int) -> "Bars":
        """Return the bars from index ``start`` up to but without ``stop``."""
        return replace(
            self,
            times=self.times[start:stop],
            opens=self.opens[start:stop],
            highs=self.highs[start:stop],
            lows=self.lows[start:stop],
            closes=self.closes[start:stop],
            plots={title: column[start:stop] for title, column in self.plots.items()},
        )
