"""The lowest and highest price between one candidate and the next."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from application.backtesting.feed import Feed

_SLACK = 2
"""Units by which a price may lie off the columns' grid, and once more when multiplied."""


class Trail(NamedTuple):
    """A trailing stop: the best price so far, in the columns' units, and its factor."""

    best: int
    long: bool
    factor: float

    def after(self, low: int, high: int) -> "Trail":
        """Return it once the market was at ``low`` and at ``high``."""
        best = max(self.best, high) if self.long else min(self.best, low)
        return self if best == self.best else self._replace(best=best)

    def may_fire(self, low: int, high: int) -> bool:
        """Say whether a price between ``low`` and ``high`` may have met it."""
        if self.long:
            return low <= self.best * self.factor + _SLACK
        return high >= self.best * self.factor - _SLACK


@dataclass(frozen=True, slots=True)
class Gaps:
    """Gap ``k`` is every bar after candidate ``k``, up to and with candidate ``k + 1``.

    Prices are in the columns' units. A position is entered on a candidate and looked at
    again on another, so whole gaps are all that a search must compare.
    """

    lows: list[int]
    highs: list[int]

    def first(self, below: int | None, above: int | None, start: int, stop: int) -> int:
        """Return the first gap of start..stop that reaches a limit, else ``stop``."""
        lows, highs = self.lows, self.highs
        end = min(stop, len(lows))
        if start >= end:
            return stop
        falls = below is not None and min(lows[start:end]) <= below
        if not falls and (above is None or max(highs[start:end]) < above):
            return stop
        for gap in range(start, end):
            if below is not None and lows[gap] <= below:
                return gap
            if above is not None and highs[gap] >= above:
                return gap
        return stop

    def trailed(self, trail: Trail, start: int, stop: int) -> tuple[int, int]:
        """Return the first gap that may fire the stop, else ``stop``, and the best price.

        A gap is looked at generously: its best price counts although it may have come after
        its worst. The price is the best before the gap.
        """
        end = min(stop, len(self.lows))
        if start >= end:
            return stop, trail.best
        low, high = min(self.lows[start:end]), max(self.highs[start:end])
        ahead = trail.after(low, high)
        if not ahead.may_fire(low, high):
            return stop, ahead.best
        if end - start == 1:
            return start, trail.best
        middle = (start + end) // 2
        gap, best = self.trailed(trail, start, middle)
        if gap < middle:
            return gap, best
        gap, best = self.trailed(trail._replace(best=best), middle, end)
        return (stop if gap == end else gap), best


def gaps_of(known: Feed) -> Gaps:
    """Return the gaps between a feed's candidates; the last one ends with the history."""
    bars = known.bars
    starts = np.asarray(known.index[:-1], np.intp) + 1
    starts = starts[starts < len(bars)]  # nothing comes after a candidate on the last bar
    if not len(starts):
        return Gaps([], [])
    return Gaps(
        np.minimum.reduceat(bars.lows, starts).tolist(),
        np.maximum.reduceat(bars.highs, starts).tolist(),
    )
