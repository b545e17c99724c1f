"""The drawings of a report as geometry; the template turns them into SVG."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from adapters.report.axis import Scale, Tick, time_ticks, value_ticks

WIDTH = 960
RIGHT, BOTTOM, TOP = 64, 22, 10
"""Room for the labels."""

_AIR = 0.04
_COLUMNS = 900
_LETTER = 8
"""How wide a letter of a label is, with its share of the gap to the next label."""


@dataclass(frozen=True, slots=True)
class Path:
    """A line or an area, with the style class that colors it."""

    style: str
    d: str


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, with what is said when it is pointed at."""

    style: str
    x: float
    y: float
    width: float
    height: float
    title: str = ""


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of a scatter."""

    style: str
    x: float
    y: float
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One drawing. ``said`` is what it shows, for those who do not see it."""

    said: str
    width: int = WIDTH
    height: int = 260
    paths: Sequence[Path] = ()
    boxes: Sequence[Box] = ()
    dots: Sequence[Dot] = ()
    x_ticks: Sequence[Tick] = ()
    y_ticks: Sequence[Tick] = ()
    zero: float | None = None
    """Where the line of zero stands, if it is drawn."""

    @property
    def plot_right(self) -> int:
        """Return where the drawing ends and its labels begin."""
        return self.width - RIGHT

    @property
    def plot_bottom(self) -> int:
        """Return where the drawing ends and its dates begin."""
        return self.height - BOTTOM


Points = Sequence[tuple[float, float]]
"""Unix seconds, and a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Lines over time to be drawn together; the first one is the subject."""

    said: str
    lines: Sequence[tuple[str, Points]]
    height: int = 280
    shaded: Sequence[tuple[float, float, str]] = ()
    """Spans of time to be shaded, with what is said of them."""
    logarithmic: bool = False
    filled: bool = False
    """Whether the subject is an area down from zero."""
    suffix: str = ""
    ticks: int = 5


def line_chart(drawn: Lines) -> Chart:
    """Draw values over time. At least one line has at least one point."""
    points = [point for _, line in drawn.lines for point in line]
    right, bottom = WIDTH - RIGHT, drawn.height - BOTTOM
    x = Scale(min(p[0] for p in points), max(p[0] for p in points), 0, right)
    low, high = _room([p[1] for p in points], logarithmic=drawn.logarithmic)
    if drawn.filled:
        high = 0.0
    y = Scale(low, high, bottom, TOP, drawn.logarithmic)
    paths = [Path(style, _path(thinned(line, x), x, y)) for style, line in drawn.lines]
    if drawn.filled:
        paths.insert(0, Path("area", _area(thinned(drawn.lines[0][1], x), x, y)))
    return Chart(
        said=drawn.said,
        height=drawn.height,
        paths=paths[::-1] if not drawn.filled else paths,
        boxes=[
            Box("shade", x(a), TOP, round(max(x(b) - x(a), 1), 2), bottom - TOP, title)
            for a, b, title in drawn.shaded
        ],
        x_ticks=time_ticks(x, 9),
        y_ticks=value_ticks(y, drawn.ticks, drawn.suffix),
    )


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a bar chart; ``title`` is said when it is pointed at."""

    label: str
    value: float
    title: str


def bar_chart(
    said: str,
    bars: Sequence[Bar],
    *,
    width: int = 470,
    height: int = 200,
    styles: Sequence[str] = (),
) -> Chart:
    """Draw one bar for each value, up from zero or down; at least one."""
    right, bottom = width - RIGHT, height - BOTTOM
    low, high = _room([0.0, *(bar.value for bar in bars)], logarithmic=False)
    y = Scale(low, high if high > low else low + 1, bottom, TOP)
    each = right / len(bars)
    longest = max(len(bar.label) for bar in bars)
    skip = max(1, math.ceil((longest + 1) * _LETTER / each))
    boxes = []
    for number, bar in enumerate(bars):
        top, foot = sorted((y(bar.value), y(0)))
        style = styles[number] if styles else ("up" if bar.value >= 0 else "down")
        x = round(number * each + each * 0.12, 2)
        boxes.append(
            Box(style, x, top, round(each * 0.76, 2), round(foot - top, 2), bar.title)
        )
    labels = [
        Tick(round((number + 0.5) * each, 2), bar.label)
        for number, bar in enumerate(bars)
        if number % skip == 0
    ]
    return Chart(
        said=said,
        width=width,
        height=height,
        boxes=boxes,
        x_ticks=labels,
        y_ticks=value_ticks(y, 4),
        zero=y(0),
    )


def scatter(
    said: str, points: Sequence[tuple[float, float, str]], *, width: int = 470
) -> Chart:
    """Draw a dot for each (x, y, title); green above zero, red below. At least one."""
    height = 240
    right, bottom = width - RIGHT, height - BOTTOM
    x = Scale(0, max(p[0] for p in points) * (1 + _AIR) or 1, 6, right - 6)
    low, high = _room([0.0, *(p[1] for p in points)], logarithmic=False)
    y = Scale(low, high, bottom, TOP)
    dots = [
        Dot("up" if value >= 0 else "down", x(across), y(value), title)
        for across, value, title in points
    ]
    return Chart(
        said=said,
        width=width,
        height=height,
        dots=dots,
        x_ticks=value_ticks(x, 5),
        y_ticks=value_ticks(y, 5),
        zero=y(0),
    )


def thinned(line: Points, x: Scale) -> Points:
    """Return the points that can be told apart: of each column first, extremes and last."""
    if len(line) <= 2 * _COLUMNS:
        return line
    columns: dict[int, list[tuple[float, float]]] = {}
    for point in line:
        columns.setdefault(int(x(point[0]) * _COLUMNS / (x.stop or 1)), []).append(point)
    kept: list[tuple[float, float]] = []
    for column in columns.values():
        lowest = min(column, key=lambda point: point[1])
        highest = max(column, key=lambda point: point[1])
        kept += sorted({column[0], lowest, highest, column[-1]})
    return kept


def _path(line: Points, x: Scale, y: Scale) -> str:
    return "M" + "L".join(f"{x(at):g} {y(value):g}" for at, value in line)


def _area(line: Points, x: Scale, y: Scale) -> str:
    first, last = x(line[0][0]), x(line[-1][0])
    return f"{_path(line, x, y)}L{last:g} {y(0):g}L{first:g} {y(0):g}Z"


def _room(values: Sequence[float], *, logarithmic: bool) -> tuple[float, float]:
    """Return the range of the values with a little room around it."""
    low, high = min(values), max(values)
    if logarithmic:
        return low / (1 + _AIR), high * (1 + _AIR)
    room = (high - low) * _AIR or abs(high) * _AIR or 1.0
    return low - room if low else 0.0, high + room if high else 0.0


def histogram(values: Sequence[float], count: int) -> list[tuple[float, float, int]]:
    """Return bins of one width, (from, to, how many), with a border at zero."""
    low, high = min(values), max(values)
    step = (high - low) / count or abs(high) or 1.0
    first = int(low // step)
    edges = [number * step for number in range(first, int(high // step) + 2)]
    found = [0] * (len(edges) - 1)
    for value in values:
        found[min(int(value // step) - first, len(found) - 1)] += 1
    return [(a, b, n) for (a, b), n in zip(pairwise(edges), found, strict=True)]
