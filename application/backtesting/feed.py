"""The bars on which the rules are asked, gathered from the columns as plain values."""

import re
from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np

from application.backtesting.candidates import (
    Candidates,
    candidates,
    neutral_bars,
    readings,
)
from application.ports.bars import Bars, FloatColumn, IndexColumn, IntColumn
from application.ports.indicator import Indicators
from domain.rules import Rules
from domain.signal import AlertId, Signal


@dataclass(frozen=True, slots=True, eq=False)
class Feed:
    """Candidate bars in columns of their own: one element is one candidate.

    ``index`` ends with the number of bars, one element more than there are candidates.
    ``before`` is RSI on the bar before, ``opens_after`` the open of the bar after.

    ``next_long[k]`` is the first candidate from ``k`` on that may say LONG, the number of
    candidates if there is none; ``next_short`` likewise.
    """

    bars: Bars
    rules: Rules
    rsi: FloatColumn
    index: Sequence[int]
    is_long: Sequence[int]
    values: Sequence[float]
    before: Sequence[float]
    times: Sequence[int]
    closes: Sequence[int]
    opens_after: Sequence[int]
    next_long: Sequence[int]
    next_short: Sequence[int]
    neutral: IndexColumn

    @property
    def count(self) -> int:
        """Return how many candidates there are."""
        return len(self.values)

    def candidate(self, place: int) -> Signal:
        """Return what an alert of a candidate's bar would say of close and RSI."""
        now, before = self.values[place], self.before[place]
        return Signal.of_bar(
            self.index[place],
            datetime.fromtimestamp(self.times[place], UTC),
            self.bars.timeframe,
            self.bars.price(self.closes[place]),
            (
                self.rules.rsi.length,
                now if now == now else None,  # noqa: PLR0124 - NaN differs from itself
                before if before == before else None,  # noqa: PLR0124
            ),
        )

    def signal(self, bar: int) -> Signal:
        """Return what an alert of this bar would say, fired when the bar closed."""
        bars, rules = self.bars, self.rules
        now = self.rsi[bar].item()
        before = self.rsi[bar - 1].item() if bar else now
        at = datetime.fromtimestamp(bars.times[bar].item(), UTC)
        return Signal(
            alert=AlertId(bar),
            received_at=bars.timeframe.close_of(at),
            rsi=now if now == now else None,  # noqa: PLR0124 - NaN is what differs from itself
            rsi_length=rules.rsi.length,
            previous_rsi=before if bar and before == before else None,  # noqa: PLR0124
            price=bars.price(bars.closes[bar].item()),
            high=bars.price(bars.highs[bar].item()),
            low=bars.price(bars.lows[bar].item()),
            bar_time=at,
            timeframe=bars.timeframe,
            extra=self._plotted(bar),
        )

    def _plotted(self, bar: int) -> Mapping[str, str]:
        """Return the chart's plots of a bar, as an alert carries further fields.

        A column ``EMA 200`` is ``EMA 200`` and, as conditions write it, ``plots.ema_200``.
        """
        values = ((title, plot[bar].item()) for title, plot in self.bars.plots.items())
        known = [(title, repr(value)) for title, value in values if value == value]  # noqa: PLR0124
        return dict(known) | {f"plots.{_plain(title)}": value for title, value in known}

    def close_and_open_after(self, bar: int) -> tuple[int, int]:
        """Return a bar's close and the open of the bar after; of the last bar its own."""
        bars, last = self.bars, min(bar + 1, len(self.bars) - 1)
        return bars.closes[bar].item(), bars.opens[last].item()

    def next_neutral(self, bar: int) -> int:
        """Return the first bar from ``bar`` on that arms; the number of bars if none."""
        place = int(np.searchsorted(self.neutral, bar))
        return int(self.neutral[place]) if place < len(self.neutral) else len(self.bars)

    def bars_are_apart(self) -> bool:
        """Say whether no two bars are closer than the chart's timeframe."""
        shortest = self.bars.timeframe.shortest.total_seconds()
        return len(self.bars) < 2 or bool(np.diff(self.bars.times).min() >= shortest)  # noqa: PLR2004

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
    at = found.bars
    return Feed(
        bars=bars,
        rules=rules,
        rsi=rsi,
        index=_whole(np.append(at, len(bars)).astype(np.int64)),
        is_long=found.is_long.tobytes(),
        values=_real(rsi[at]),
        before=_real(_before(rsi, at)),
        times=_whole(bars.times[at]),
        closes=_whole(bars.closes[at]),
        opens_after=_after(bars.opens, at),
        next_long=long,
        next_short=short,
        neutral=neutral,
    )


def _after(column: IntColumn, at: IndexColumn) -> Sequence[int]:
    """Return the column's value on the bar after each; of the last bar its own."""
    return _whole(column[np.minimum(at + 1, len(column) - 1)])


def _whole(column: IntColumn) -> "array[int]":
    """Return a column as an array of plain integers, which answers faster one by one."""
    return array("q", column.tobytes())


def _real(column: FloatColumn) -> "array[float]":
    return array("d", column.tobytes())


def _before(values: FloatColumn, at: IndexColumn) -> FloatColumn:
    """Return the value of the bar before each; NaN before the first."""
    if not len(at):
        return values[:0]
    before = values[at - 1]
    if at[0] == 0:
        before[0] = np.nan
    return before


_NONE: IndexColumn = np.empty(0, np.intp)


def _next(found: Candidates, *, long: bool) -> Sequence[int]:
    count = len(found.bars)
    own = found.is_long if long else ~found.is_long
    places = np.where(own, np.arange(count), count)
    ahead = np.minimum.accumulate(places[::-1])[::-1]
    return _whole(np.append(ahead, count).astype(np.int64))


@lru_cache(maxsize=256)
def _plain(title: str) -> str:
    """Return a column's title as the name of a field: small letters, digits and ``_``."""
    return _NOT_NAME.sub("_", title.strip().lower()).strip("_")


_NOT_NAME = re.compile(r"[^a-z0-9]+")
