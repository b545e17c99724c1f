"""Whether decisions know the future, and how long RSI depends on where a history begins.

A run is repeated on histories that end earlier. Whatever it did until then must be what the
whole run did until then: if a later bar could change an earlier decision, some of these
runs would differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from application.backtesting.candidates import readings
from application.backtesting.request import BacktestRequest
from application.backtesting.run import run
from application.ports.bars import Bars, FloatColumn
from application.ports.indicator import Indicators

CUTS = 100
STARTS = (50, 100, 150, 250, 500)
_SAME = 0.01
"""RSI that differs by less than this is the same for a chart that shows two decimals."""


class Contradiction(NamedTuple):
    """A run that ends at ``cut`` did something else by then: the bar of the difference."""

    cut: int
    bar: int


class WarmUp(NamedTuple):
    """What RSI of a history that begins ``skipped`` bars later is like.

    ``settled`` is after how many of its bars it stays within 0.01 of the longer history's,
    ``decided`` after how many it says LONG or SHORT on the same bars; None if never.
    """

    skipped: int
    settled: int | None
    decided: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookahead:
    """The outcome of a check."""

    cuts: tuple[int, ...]
    executions: int
    contradictions: tuple[Contradiction, ...]
    warm_up: tuple[WarmUp, ...]

    @property
    def is_clean(self) -> bool:
        """Say whether no cut changed anything before it."""
        return not self.contradictions

    @property
    def bars_to_settle(self) -> int | None:
        """Return after how many bars RSI no longer depends on the beginning; None if so."""
        needed = [one.settled for one in self.warm_up]
        known = [one for one in needed if one is not None]
        return max(known) if known and len(known) == len(needed) else None


def check_lookahead(
    request: BacktestRequest, bars: Bars, indicators: Indicators, cuts: int = CUTS
) -> Lookahead:
    """Cut the future off at many places, and begin later at some; compare."""
    whole = run(request, bars, indicators)
    places = _places(len(bars), [one.bar for one in whole.executions], cuts)
    contradictions: list[Contradiction] = []
    for cut in places:
        short = run(request, bars.first(cut), indicators)
        known = [one for one in whole.executions if one.bar < cut]
        if list(short.executions) != known:
            differing = next(
                (
                    min(mine.bar, other.bar)
                    for mine, other in zip(short.executions, known, strict=False)
                    if mine != other
                ),
                cut,
            )
            contradictions.append(Contradiction(cut, differing))
    return Lookahead(
        cuts=tuple(places),
        executions=len(whole.executions),
        contradictions=tuple(contradictions),
        warm_up=warm_up(request, bars, indicators),
    )


def warm_up(
    request: BacktestRequest, bars: Bars, indicators: Indicators
) -> tuple[WarmUp, ...]:
    """Return how RSI settles when a history begins later."""
    closes, rules = bars.close_values(), request.rules.rsi
    longer = readings(closes, rules, indicators).values
    found: list[WarmUp] = []
    for skipped in STARTS:
        if skipped + 2 * rules.length >= len(bars):
            break
        shorter = readings(closes[skipped:], rules, indicators).values
        levels = (rules.oversold, rules.overbought)
        same = np.abs(shorter - longer[skipped:]) < _SAME
        zones = _zones(shorter, levels) == _zones(longer[skipped:], levels)
        found.append(WarmUp(skipped, _since(same), _since(zones)))
    return tuple(found)


def _places(count: int, executed: Sequence[int], cuts: int) -> list[int]:
    """Return where to cut: evenly, and right at and after what was executed."""
    even = np.linspace(1, count, min(cuts, count), dtype=int).tolist()
    step = max(1, 2 * len(executed) // cuts)
    near = [bar + after for bar in executed[::step] for after in (0, 1)]
    return sorted({cut for cut in (*even, *near) if 0 < cut <= count})


def _zones(values: FloatColumn, levels: tuple[float, float]) -> FloatColumn:
    low, high = levels
    return np.where(values <= low, -1.0, np.where(values >= high, 1.0, 0.0))


def _since(same: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> int | None:
    """Return from which place on everything is the same; None if the last is not."""
    wrong = np.flatnonzero(~same)
    if not len(wrong):
        return 0
    last = int(wrong[-1]) + 1
    return last if last < len(same) else None
