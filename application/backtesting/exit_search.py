"""Where in the columns an exit rule may fire next: found by comparing, not by walking.

A bar that is found is one that the domain must look at; a bar that is passed over cannot
have touched a level. For stop loss and take profit that is exact, for a trailing stop the
search is a little generous.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

import numpy as np

from application.backtesting.gaps import Trail
from application.ports.bars import Bars, IntColumn
from domain.exits import ExitLevels, Held, bars_are_up, better
from domain.instrument import Instrument
from domain.money import ZERO, divide_whole, fraction, multiply
from domain.reasons import Reason
from domain.rules import ExitRules
from domain.signal import LONG
from domain.timeframe import Timeframe

_FIRST_CHUNK, _LARGEST_CHUNK = 64, 65_536
_FEW = 64
_GENEROUS = 1e-9
_TRAILING, _TARGET = Reason.EXIT_TRAILING_STOP, Reason.EXIT_TAKE_PROFIT


_Limits: TypeAlias = tuple[int | None, int | None]


@dataclass(slots=True)
class ExitSearch:
    """Looks for the next bar on which one bot's exit rules may fire."""

    bars: Bars
    exits: ExitRules
    instrument: Instrument
    timeframe: Timeframe
    levels: ExitLevels = field(init=False)
    move: float = field(init=False)
    """The trailing stop's distance as a fraction; nothing is decided by it."""

    def __post_init__(self) -> None:
        """Work out the levels as far as the rules fix them."""
        self.levels = ExitLevels(self.exits, self.instrument)
        self.move = float(fraction(self.exits.trailing_percent or ZERO))

    @property
    def is_idle(self) -> bool:
        """Say whether there is no rule to look for."""
        return self.exits == _NO_EXITS

    def touched(self, position: Held, start: int, stop: int) -> int:
        """Return the first of start..stop that may touch a price rule, else ``stop``."""
        below, above = self.thresholds(position)
        trailing = self.exits.trailing_percent
        if below is None and above is None and trailing is None:
            return stop
        if stop - start <= _FEW:
            trail = None if trailing is None else self.trail(position)
            return self._among_few(start, stop, (below, above), trail)
        best = self._scaled_best(position)
        for first, last in _chunks(start, stop):
            lows, highs = self.bars.lows[first:last], self.bars.highs[first:last]
            hit = np.zeros(last - first, np.bool_)
            if below is not None:
                hit |= lows <= below
            if above is not None:
                hit |= highs >= above
            if trailing is not None:
                hit |= self._trailed(position, (lows, highs), best)
                best = self._better(position, (lows, highs), best)
            place = int(hit.argmax())
            if hit[place]:
                return first + place
        return stop

    def _among_few(
        self,
        start: int,
        stop: int,
        limits: tuple[int | None, int | None],
        trail: Trail | None,
    ) -> int:
        """Return the same for few bars, over which plain integers are faster."""
        below, above = limits
        lows = self.bars.lows[start:stop].tolist()
        highs = self.bars.highs[start:stop].tolist()
        for place, (low, high) in enumerate(zip(lows, highs, strict=True), start):
            if below is not None and low <= below:
                return place
            if above is not None and high >= above:
                return place
            if trail is not None:
                trail = trail.after(low, high)
                if trail.may_fire(low, high):
                    return place
        return stop

    def bars_up(self, first_bar: datetime | None, start: int, stop: int) -> int:
        """Return the first bar of start..stop by which the most bars are up."""
        if self.exits.max_bars is None or first_bar is None:
            return stop
        earliest = first_bar.timestamp() + self.longest()
        place = start + int(np.searchsorted(self.bars.times[start:stop], earliest))
        while place < stop and not bars_are_up(
            self.exits, first_bar, self.bars.opened_at(place), self.timeframe
        ):
            place += 1
        return place

    def longest(self) -> float:
        """Return after how many seconds the most bars may be up; endless without any."""
        if self.exits.max_bars is None:
            return float("inf")
        longest = self.timeframe.shortest.total_seconds() * self.exits.max_bars
        return longest - _SLACK * (longest >= _DAY)

    def best(self, position: Held, start: int, stop: int) -> Decimal | None:
        """Return the best price once the market passed through start..stop."""
        if start >= stop:
            return position.best
        bars, few = self.bars, stop - start <= _FEW
        highs, lows = bars.highs[start:stop], bars.lows[start:stop]
        high = max(highs.tolist()) if few else highs.max().item()
        low = min(lows.tolist()) if few else lows.min().item()
        return better(position, bars.price(high), bars.price(low))

    def thresholds(self, position: Held) -> _Limits:
        """Return the price at or below, and at or above, which a fixed rule fires."""
        below: int | None = None
        above: int | None = None
        long = position.side is LONG
        for reason, level in self.levels.of(position):
            if reason is _TRAILING:
                continue
            if long is (reason is _TARGET):
                above = self._scaled(level, up=True)
            else:
                below = self._scaled(level, up=False)
        return below, above

    def _scaled(self, level: Decimal, *, up: bool) -> int:
        """Return a level in the columns' units; prices are above zero."""
        unit = self.bars.unit
        whole = divide_whole(level, unit)
        return int(whole) + (up and multiply(whole, unit) != level)

    def trail(self, position: Held) -> Trail:
        """Return the trailing stop as it stands, a little generous."""
        long, move = position.side is LONG, self.move
        factor = (1 - move) * (1 + _GENEROUS) if long else (1 + move) * (1 - _GENEROUS)
        best = 0 if position.best is None else self._scaled(position.best, up=not long)
        return Trail(best, long, factor)

    def _scaled_best(self, position: Held) -> int:
        if position.best is None:
            return 0
        return self._scaled(position.best, up=False)

    def _trailed(
        self, position: Held, ranges: tuple[IntColumn, IntColumn], best: int
    ) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        lows, highs = ranges
        move = self.move
        if position.side is LONG:
            peaks = np.maximum(np.maximum.accumulate(highs), best)
            return np.asarray(lows <= peaks * ((1 - move) * (1 + _GENEROUS)) + 1)
        troughs = np.minimum(np.minimum.accumulate(lows), best)
        return np.asarray(highs >= troughs * ((1 + move) * (1 - _GENEROUS)) - 1)

    @staticmethod
    def _better(position: Held, ranges: tuple[IntColumn, IntColumn], best: int) -> int:
        lows, highs = ranges
        if position.side is LONG:
            return max(best, int(highs.max()))
        return min(best, int(lows.min()))


_NO_EXITS = ExitRules()
_DAY, _SLACK = 86_400, 4 * 86_400
"""Days and longer wander by their market's hours; a generous start is only slower."""


def _chunks(start: int, stop: int) -> Iterator[tuple[int, int]]:
    size = _FIRST_CHUNK
    while start < stop:
        yield start, min(start + size, stop)
        start += size
        size = min(size * 2, _LARGEST_CHUNK)
