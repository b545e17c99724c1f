"""What a unit of equity earned in a day or a month.

A return is 0.01 when equity grew by one hundredth. Returns are statistics, so they may be
floats; equity itself stays exact.

Every calendar day counts, also those on which the market was closed, and a year has 365 of
them, so that markets with and without weekends are measured alike.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from domain.equity import EquityPoint
from domain.money import ZERO, divide_down, subtract

_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)


def daily_returns(curve: Iterable[EquityPoint]) -> tuple[float, ...] | None:
    """Return what each day of the curve added, the first day against its first point.

    A point at midnight ends the day before. A day without a point earned nothing. None
    where equity was not above zero at the end of a day: nothing can be earned on nothing.
    """
    first, ends = _ends(curve)
    if first is None:
        return None
    known = [first.equity]
    before = first.at.date() - _DAY
    for day, end in ends.items():
        known += known[-1:] * ((day - before).days - 1)
        known.append(end)
        before = day
    return _changes(known)


def monthly_returns(
    curve: Iterable[EquityPoint],
) -> tuple[tuple[date, float], ...] | None:
    """Return the first day of each month of the curve, with what the month added.

    A month without a point is left out, it earned nothing. None as for days.
    """
    first, ends = _ends(curve)
    if first is None:
        return None
    months = {day.replace(day=1): end for day, end in ends.items()}
    changes = _changes([first.equity, *months.values()])
    return None if changes is None else tuple(zip(months, changes, strict=True))


def _ends(curve: Iterable[EquityPoint]) -> tuple[EquityPoint | None, dict[date, Decimal]]:
    """Return the first point, and the last equity of each day after it, in time order."""
    first: EquityPoint | None = None
    ends: dict[date, Decimal] = {}
    for point in curve:
        if first is None:
            first = point
        else:
            ends[(point.at - _INSTANT).date()] = point.equity
    return first, ends


def _changes(equities: Sequence[Decimal]) -> tuple[float, ...] | None:
    if any(equity <= ZERO for equity in equities):
        return None
    return tuple(
        0.0 if later == earlier else float(divide_down(subtract(later, earlier), earlier))
        for earlier, later in pairwise(equities)
    )
