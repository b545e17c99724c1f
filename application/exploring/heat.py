"""Scores over two axes: of all combinations that share a cell, the middle one."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from application.exploring.grid import Axis, Grid
from application.exploring.ranking import Ranked


@dataclass(frozen=True, slots=True)
class Heat:
    """Rows of cells; None where no combination has a score."""

    across: Axis
    down: Axis
    cells: tuple[tuple[float | None, ...], ...]


def heat(grid: Grid, found: Sequence[Ranked], across: int = 1, down: int = 0) -> Heat:
    """Return the scores over two axes, by their index. A single axis is one row."""
    if len(grid.axes) == 1:
        grid = Grid(axes=(Axis("", ("",)), *grid.axes))
        found_values = {("", *one.outcome.values): one.score for one in found}
    else:
        found_values = {one.outcome.values: one.score for one in found}
    groups: dict[tuple[str | None, str | None], list[float]] = {}
    for values, value in found_values.items():
        if value is not None:
            groups.setdefault((values[down], values[across]), []).append(value)
    rows, columns = grid.axes[down], grid.axes[across]
    cells = tuple(
        tuple(_middle(groups.get((row, column))) for column in columns.values)
        for row in rows.values
    )
    return Heat(columns, rows, cells)


def _middle(values: Sequence[float] | None) -> float | None:
    return median(values) if values else None
