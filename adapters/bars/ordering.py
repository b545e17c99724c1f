"""Bars put in order, each once, and what a reader should know about their times."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from application.ports.bars import (
    BadHistory,
    BarIssue,
    BarIssueKind,
    Bars,
    IndexColumn,
    IntColumn,
)
from domain.timeframe import Timeframe, Unit

_DAY, _WEEK, _MONTH = 86_400, 7 * 86_400, 28 * 86_400
_MINUTE = 60
_DAYS_IN_A_ROW = 2


def ordered(
    bars: Bars, lines: IntColumn, told: Timeframe | None, issues: list[BarIssue]
) -> Bars:
    """Return the bars in order of time, each once, with their timeframe and all issues.

    ``lines`` are where each came from; ``told`` is the timeframe that the file's name or
    its reader says, if any.

    Raises:
        BadHistory: If a bar's high is below its low.
    """
    _check_ranges(bars, lines)
    found = [*issues, *_disorder(bars.times, lines)]
    order = np.argsort(bars.times, kind="stable")
    times, lines = bars.times[order], lines[order]
    repeated = np.flatnonzero(times[1:] == times[:-1])
    found += [_duplicate(lines[place], lines[place + 1]) for place in repeated]
    order = np.delete(order, repeated)
    lines = np.delete(lines, repeated)
    bars = taken(bars, order)
    timeframe, doubts = _timeframe(bars.times, told)
    bars = replace(bars, timeframe=timeframe)
    found += [*doubts, *_gaps(bars, lines), *_strange_ranges(bars, lines)]
    return replace(bars, issues=tuple(sorted(found, key=lambda issue: issue.line)))


def taken(bars: Bars, order: IndexColumn) -> Bars:
    """Return the bars at these indices, in their order."""
    return replace(
        bars,
        times=bars.times[order],
        opens=bars.opens[order],
        highs=bars.highs[order],
        lows=bars.lows[order],
        closes=bars.closes[order],
        plots={title: column[order] for title, column in bars.plots.items()},
    )


def _check_ranges(bars: Bars, lines: IntColumn) -> None:
    wrong = np.flatnonzero(bars.highs < bars.lows)
    if len(wrong):
        place = int(wrong[0])
        high, low = (
            bars.price(bars.highs[place].item()),
            bars.price(bars.lows[place].item()),
        )
        message = f"line {lines[place]}: the high {high:f} is below the low {low:f}"
        raise BadHistory(message)


def _disorder(times: IntColumn, lines: IntColumn) -> Iterator[BarIssue]:
    for place in np.flatnonzero(times[1:] < times[:-1]):
        line = int(lines[place + 1])
        text = (
            f"line {line} ({_at(times[place + 1])}) is older than line {lines[place]} "
            f"({_at(times[place])}); the bars are put in order"
        )
        yield BarIssue(BarIssueKind.DISORDER, line, text)


def _duplicate(kept: int, repeated: int) -> BarIssue:
    text = f"line {repeated} repeats the bar of line {kept}; the later line counts"
    return BarIssue(BarIssueKind.DUPLICATE, int(repeated), text)


def _timeframe(
    times: IntColumn, told: Timeframe | None
) -> tuple[Timeframe, tuple[BarIssue, ...]]:
    """Return how long the bars last; the bars themselves know better than a name."""
    seen = _usual(times)
    if seen is None and told is None:
        raise BadHistory("how long its bars last cannot be told: it has fewer than two")
    if told is None or (seen is not None and _differs(seen, told)):
        timeframe = seen or told
        if told is None or timeframe is None:
            return timeframe or told or Timeframe.parse("1"), ()
        text = f"the name says {told}, but the bars are {seen} apart: {seen} counts"
        return timeframe, (BarIssue(BarIssueKind.TIMEFRAME, 1, text),)
    return told, ()


def _usual(times: IntColumn) -> Timeframe | None:
    """Return the timeframe that most neighbors are apart; None for fewer than two bars."""
    if len(times) < _DAYS_IN_A_ROW:
        return None
    steps, counts = np.unique(np.diff(times), return_counts=True)
    step = int(steps[counts.argmax()])
    if step >= _MONTH:
        return Timeframe(max(1, round(step / (30.4 * _DAY))), Unit.MONTH)
    for unit, length in ((Unit.WEEK, _WEEK), (Unit.DAY, _DAY), (Unit.MINUTE, _MINUTE)):
        if step >= length and step % length == 0:
            return Timeframe(step // length, unit)
    return Timeframe(step, Unit.SECOND)


def _differs(seen: Timeframe, told: Timeframe) -> bool:
    """Say whether two timeframes disagree, where both are told by a clock."""
    return (seen.is_intraday or told.is_intraday) and seen.shortest != told.shortest


def _gaps(bars: Bars, lines: IntColumn) -> Iterator[BarIssue]:
    """Yield where bars are missing: nights, weekends and holidays as well."""
    longest = bars.timeframe.shortest.total_seconds()
    for place in np.flatnonzero(np.diff(bars.times) > longest).tolist():
        before, after = bars.opened_at(place), bars.opened_at(place + 1)
        missing = bars.timeframe.bars_between(before, after) - 1
        if missing < 1:
            continue
        line = int(lines[place + 1])
        plural = "bar is" if missing == 1 else "bars are"
        text = f"line {line} ({after:%Y-%m-%d %H:%M}): {missing} {plural} missing before it"
        yield BarIssue(BarIssueKind.GAP, line, text)


def _strange_ranges(bars: Bars, lines: IntColumn) -> Iterator[BarIssue]:
    above = bars.highs < np.maximum(bars.opens, bars.closes)
    below = bars.lows > np.minimum(bars.opens, bars.closes)
    for place in np.flatnonzero(above | below):
        line = int(lines[place])
        text = f"line {line}: open or close lies outside of high and low"
        yield BarIssue(BarIssueKind.RANGE, line, text)


def _at(seconds: int) -> str:
    return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%d %H:%M}"
