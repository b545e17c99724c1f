"""Months as a table of colored cells, with the whole of each year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from application import wording

MONTHS_A_YEAR = 12
_SHADES = ((0.10, 5), (0.05, 4), (0.02, 3), (0.005, 2), (0.0, 1))


@dataclass(frozen=True, slots=True)
class Cell:
    """A month's or a year's return as it is written, and its shade."""

    text: str
    style: str


@dataclass(frozen=True, slots=True)
class Year:
    """One row: twelve months, and what they made together."""

    year: int
    months: Sequence[Cell]
    whole: Cell


NOTHING = Cell("", "none")


def years(months: Sequence[tuple[date, float]]) -> list[Year]:
    """Return a row for each year from the first month to the last."""
    known: Mapping[date, float] = dict(months)
    if not known:
        return []
    return [_year(number, known) for number in range(min(known).year, max(known).year + 1)]


def cell(change: float | None) -> Cell:
    """Return a return as it is shown: the deeper the color, the larger it is."""
    if change is None:
        return NOTHING
    text = wording.fixed(Decimal(change) * 100, 1, sign=True)
    if not change:
        return Cell(text, "zero")
    shade = next(number for limit, number in _SHADES if abs(change) >= limit)
    return Cell(text, f"{'gain' if change > 0 else 'loss'}{shade}")


def _year(number: int, known: Mapping[date, float]) -> Year:
    changes = [known.get(date(number, month, 1)) for month in range(1, MONTHS_A_YEAR + 1)]
    whole = 1.0
    for change in changes:
        whole *= 1 + (change or 0.0)
    return Year(number, [cell(change) for change in changes], cell(whole - 1))
