"""The lowest and highest price between one candidate and the next."""

from dataclasses import dataclass

import numpy as np

from application.backtesting.feed import Feed


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
