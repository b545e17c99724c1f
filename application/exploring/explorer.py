"""Runs one combination of settings after the other over windows of the same bars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from application.backtesting.candidates import Readings, sharpened
from application.backtesting.feed import gathered
from application.backtesting.preparing import CannotPrepare, Wanted, prepare
from application.backtesting.run import run_feed
from application.configuration.charts import Listings
from application.configuration.tree import Source
from application.exploring.figures import Ruler, figures_of, ruler_of
from application.exploring.grid import Axis, Values, with_values
from application.ports.bars import Bars, FloatColumn
from application.ports.indicator import NEAR, Indicators
from application.results.metric import Value
from domain.rules import RsiRules

Figures = Mapping[str, Value]


class Window(NamedTuple):
    """Bars from ``start`` up to but without ``stop``, by index."""

    start: int
    stop: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one combination came to in each window, or why it cannot be run."""

    number: int
    """Its place among the combinations, from 0."""
    values: Values
    figures: tuple[Figures, ...] = ()
    problem: str = ""


@dataclass(slots=True, kw_only=True)
class Explorer:
    """Everything that a combination needs, to be taken along into other processes.

    RSI is computed once for each length; every combination and window takes it from there,
    so a window begins with an RSI that has warmed up on the bars before it.
    """

    bars: Bars
    source: Source
    bot: str
    wanted: Wanted
    axes: Sequence[Axis]
    windows: Sequence[Window]
    listings: Listings
    indicators: Indicators
    _closes: FloatColumn | None = None
    _rulers: dict[Window, Ruler] = field(default_factory=dict[Window, Ruler])
    _near: dict[tuple[int, float], bool] = field(
        default_factory=dict[tuple[int, float], bool]
    )
    """Whether RSI of a length ever comes near to a level."""
    _readings: dict[int, FloatColumn] = field(default_factory=dict[int, FloatColumn])

    def warm(self) -> None:
        """Compute RSI for every length of the grid beforehand, for all processes."""
        for axis in self.axes:
            if axis.path == "rsi.length":
                for value in axis.values:
                    if value is not None and value.isdecimal() and int(value):
                        self._reading(int(value))

    def __call__(self, given: tuple[int, Values]) -> Outcome:
        """Run a combination, given with its number."""
        number, values = given
        tree = with_values(self.source.tree, self.bot, self.axes, values)
        try:
            request = prepare(
                replace(self.source, tree=tree), self.listings, self.bars, self.wanted
            )
        except CannotPrepare as error:
            return Outcome(number=number, values=values, problem=str(error))
        rules = request.rules
        rsi, found = self._exact(rules.rsi), []
        for start, stop in self.windows:
            bars, seen = self.bars.between(start, stop), rsi[start:stop]
            result = run_feed(
                request, gathered(bars, rules, seen, skip=request.settings.skip)
            )
            found.append(figures_of(result, self._ruler(Window(start, stop))))
        return Outcome(number=number, values=values, figures=tuple(found))

    def _exact(self, rules: RsiRules) -> FloatColumn:
        """Return RSI, exact near the levels; most lengths come near to no level."""
        values = self._reading(rules.length)
        levels = (rules.oversold, rules.overbought)
        if not any(self._comes_near(rules.length, level) for level in levels):
            return values
        return sharpened(Readings(rules.length, values), self._values(), rules).values

    def _comes_near(self, length: int, level: float) -> bool:
        if (length, level) not in self._near:
            apart = np.abs(self._reading(length) - level)
            self._near[length, level] = bool((apart < NEAR).any())
        return self._near[length, level]

    def _ruler(self, window: Window) -> Ruler:
        if window not in self._rulers:
            bars = self.bars.between(*window)
            closes = self._values()[window.start : window.stop]
            self._rulers[window] = ruler_of(bars, closes)
        return self._rulers[window]

    def _values(self) -> FloatColumn:
        if self._closes is None:
            self._closes = self.bars.close_values()
        return self._closes

    def _reading(self, length: int) -> FloatColumn:
        if length not in self._readings:
            self._readings[length] = self.indicators.rsi(self._values(), length)
        return self._readings[length]
