"""TradingView's "Export chart data" as it really comes.

The first five columns are the bar's open time and its four prices, whatever they are
called; every further column is a plot. Columns are told by their place, since titles
repeat, are translated, and may hold commas; a repeated title gets a number.

Source: exports of twelve public repositories; the columns and the forms of time are not
documented by TradingView.
"""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from adapters.bars.cells import Rows, is_nothing, read_numbers, read_prices, read_times
from adapters.bars.chart_name import ChartName, chart_name
from adapters.bars.ordering import ordered
from application.ports.bars import (
    BadCell,
    BadHistory,
    BarIssue,
    BarIssueKind,
    Bars,
    FloatColumn,
)
from domain.timeframe import Timeframe

NAMES = ("time", "open", "high", "low", "close")
_FIRST_LINE = 1
_LAST_ROWS = 20


def read_chart_export(path: Path, timeframe: Timeframe | None = None) -> Bars:
    """Read a file; ``timeframe`` is what its bars last where its name does not say.

    Raises:
        BadHistory: Saying what is wrong, in which line and column.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BadHistory(f"{path.name} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        message = f"{path.name} is not UTF-8: byte {error.start + 1} is no text"
        raise BadHistory(message) from None
    try:
        return parse_chart_export(text, chart_name(path), timeframe)
    except BadCell as error:
        raise BadHistory(f"{path.name}, {error}") from None
    except BadHistory as error:
        raise BadHistory(f"{path.name}: {error}") from None


def parse_chart_export(text: str, name: ChartName, timeframe: Timeframe | None) -> Bars:
    """Read a file's text; see ``read_chart_export``."""
    header, rows = _rows(text)
    places = _places(header, rows)
    kept, issues = _with_prices(rows, places)
    if not kept.cells:
        raise BadHistory("it has no bar with all four prices")
    bars = _bars(kept, name, places)
    bars = replace(bars, plots=_plots(header, kept, places))
    told = timeframe or name.timeframe
    return ordered(bars, np.array(kept.lines), told, issues)


def of_rows(rows: Rows, name: ChartName) -> Bars:
    """Return bars of rows that have time, open, high, low and close and nothing else.

    Raises:
        BadCell: For the first cell that cannot be read.
        BadHistory: If a bar's high is below its low.
    """
    bars = _bars(rows, name, range(len(NAMES)))
    return ordered(bars, np.array(rows.lines), name.timeframe, [])


def _bars(rows: Rows, name: ChartName, places: Sequence[int]) -> Bars:
    times = read_times(rows, places[0])
    prices = read_prices(rows, places[1:])
    return Bars(
        exchange=name.exchange or "",
        ticker=name.ticker or "",
        timeframe=name.timeframe or _UNKNOWN,
        digits=prices.digits,
        times=times,
        opens=prices.columns[0],
        highs=prices.columns[1],
        lows=prices.columns[2],
        closes=prices.columns[3],
    )


_UNKNOWN = Timeframe.parse("1")


def _rows(text: str) -> tuple[Sequence[str], Rows]:
    reader = csv.reader(io.StringIO(text, newline=""))
    lines: list[int] = []
    cells: list[list[str]] = []
    try:
        header = next(reader, None)
        for row in reader:
            if row:
                lines.append(reader.line_num)
                cells.append(row)
    except csv.Error as error:
        raise BadHistory(f"line {reader.line_num}: {error}") from None
    if header is None:
        raise BadHistory("it is empty")
    if not cells:
        raise BadHistory("it has a header and no bars")
    return header, Rows(lines, cells)


def _places(header: Sequence[str], rows: Rows) -> tuple[int, ...]:
    """Return where time, open, high, low and close stand: by their names, else first."""
    named = [title.strip().casefold() for title in header]
    places = tuple(named.index(name) if name in named else -1 for name in NAMES)
    if -1 in places:
        places = tuple(range(len(NAMES)))
    for line, row in zip(rows.lines, rows.cells, strict=True):
        if len(row) <= max(places):
            message = (
                f"has {len(row)} columns; a bar needs time, open, high, low and close, "
                "separated by commas"
            )
            raise BadCell(line, len(row), row[-1], message)
    return places


def _with_prices(rows: Rows, places: Sequence[int]) -> tuple[Rows, list[BarIssue]]:
    """Leave out bars without prices, and a last bar whose plots are not there yet."""
    lines: list[int] = []
    cells: list[Sequence[str]] = []
    issues: list[BarIssue] = []
    for line, row in zip(rows.lines, rows.cells, strict=True):
        empty = [place for place in places[1:] if is_nothing(row[place])]
        if empty:
            names = ", ".join(NAMES[places.index(place)] for place in empty)
            text = f"line {line} has no {names}; the bar is left out"
            issues.append(BarIssue(BarIssueKind.EMPTY, line, text))
            continue
        lines.append(line)
        cells.append(row)
    if _is_unfinished(cells, places):
        line = lines.pop()
        cells.pop()
        text = f"line {line} is a bar that had not closed: its plots are missing"
        issues.append(BarIssue(BarIssueKind.UNFINISHED, line, text))
    return Rows(lines, cells), issues


def _is_unfinished(cells: Sequence[Sequence[str]], places: Sequence[int]) -> bool:
    """Say whether the last bar lacks a plot that every bar just before it has."""
    if len(cells) <= _LAST_ROWS:
        return False
    last, before = cells[-1], cells[-1 - _LAST_ROWS : -1]
    plots = [place for place in range(len(last)) if place not in places]
    return any(
        is_nothing(last[place])
        and all(place < len(row) and not is_nothing(row[place]) for row in before)
        for place in plots
    )


def _plots(
    header: Sequence[str], rows: Rows, places: Sequence[int]
) -> Mapping[str, FloatColumn]:
    width = max(len(row) for row in rows.cells)
    titles = [*header, *(f"column {place + 1}" for place in range(len(header), width))]
    seen: Counter[str] = Counter()
    plots: dict[str, FloatColumn] = {}
    for place, given in enumerate(titles):
        if place in places:
            continue
        title = given.strip() or f"column {place + 1}"
        seen[title] += 1
        name = title if seen[title] == 1 else f"{title} {seen[title]}"
        plots[name] = read_numbers(rows, place)
    return plots
