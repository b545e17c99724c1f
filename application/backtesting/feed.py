"""The bars on which the rules are asked, gathered from the columns as plain values."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from application.backtesting.candidates import (
    Candidates,
    candidates,
    neutral_bars,
    readings,
)
from application.ports.bars import Bars, FloatColumn, IndexColumn
from application.ports.indicator import Indicators
from domain.rules import Rules
from domain.signal import AlertId, Signal


@dataclass(frozen=True, slots=True, eq=False)
class Feed:
    """Candidate bars in columns of their own, as lists: one element is one candidate.

    ``next_long[k]`` is the first candidate from ``k`` on that may say LONG, the number of
    candidates if there is none; ``next_short`` likewise.
    """

    bars: Bars
    rules: Rules
    rsi: FloatColumn
    index: Sequence[int]
    next_long: Sequence[int]
    next_short: Sequence[int]
    neutral: IndexColumn

    def signal(self, bar: int) -> Signal:
        """Return what an alert of this bar would say."""
        bars, rules = self.bars, self.rules
        now = self.rsi[bar].item()
        before = self.rsi[bar - 1].item() if bar else now
        at = datetime.fromtimestamp(bars.times[bar].item(), UTC)
        return Signal(
            alert=AlertId(bar),
            received_at=at,
            rsi=now if now == now else None,  # noqa: PLR0124 - NaN is what differs from itself
            rsi_length=rules.rsi.length,
            previous_rsi=before if bar and before == before else None,  # noqa: PLR0124
            price=bars.price(bars.closes[bar].item()),
            high=bars.price(bars.highs[bar].item()),
            low=bars.price(bars.lows[bar].item()),
            bar_time=at,
            timeframe=bars.timeframe,
        )

    def next_neutral(self, bar: int) -> int:
        """Return the first bar from ``bar`` on that arms; the number of bars if none."""
        place = int(np.searchsorted(self.neutral, bar))
        return int(self.neutral[place]) if place < len(self.neutral) else len(self.bars)

    def from_bar(self, bar: int) -> int:
        """Return the first candidate at or after a bar."""
        return bisect_left(self.index, bar)


def feed(bars: Bars, rules: Rules, indicators: Indicators, *, skip: bool) -> Feed:
    """Return the bars to ask about; all of them without ``skip``."""
    closes = bars.close_values()
    rsi = readings(closes, rules.rsi, indicators).values
    return gathered(bars, rules, rsi, skip=skip)


def gathered(bars: Bars, rules: Rules, rsi: FloatColumn, *, skip: bool) -> Feed:
    """Return the feed for an RSI that is known already, as a sweep has it."""
    if skip:
        found = candidates(rsi, rules.rsi)
        neutral = neutral_bars(rsi, rules.rsi) if rules.rearm else _NONE
        long, short = _next(found, long=True), _next(found, long=False)
    else:
        found = Candidates(np.arange(len(bars)), np.ones(len(bars), np.bool_))
        neutral, long = _NONE, range(len(bars) + 1)
        short = long
    return Feed(bars, rules, rsi, found.bars.tolist(), long, short, neutral)


_NONE: IndexColumn = np.empty(0, np.intp)


def _next(found: Candidates, *, long: bool) -> Sequence[int]:
    count = len(found.bars)
    own = found.is_long if long else ~found.is_long
    places = np.where(own, np.arange(count), count)
    ahead: list[int] = np.minimum.accumulate(places[::-1])[::-1].tolist()
    return [*ahead, count]
