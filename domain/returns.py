"""What a unit of equity earned in a day or a month.

A return is 0.01 when equity grew by one hundredth. Returns are statistics, so they may be
floats; equity itself stays exact.

Every calendar day counts, also those on which the market was closed, and a year has 365 of
them, so that markets with and without weekends are measured alike.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

from domain.equity import EquityPoint
from domain.money import ZERO, divide_down, subtract


def daily_returns(curve: Iterable[EquityPoint]) -> tuple[float, ...] | None:
    """Return what each day of the curve added, the first day against its first point.

    A day without a point earned nothing. None where equity was not above zero at the end
    of a day: nothing can be earned on nothing.
    """
    last = _last_of_each(curve, lambda point: point.at.date())
    if last is None:
        return None
    first, ends = last
    days = sorted(ends)
    equities = [first]
    for earlier, later in zip(days, [*days[1:], None], strict=True):
        equities.append(ends[earlier])
        if later is not None:
            equities += [ends[earlier]] * ((later - earlier).days - 1)
    return _changes(equities)


def monthly_returns(
    curve: Iterable[EquityPoint],
) -> tuple[tuple[date, float], ...] | None:
    """Return the first day of each month of the curve, with what the month added.

    A month without a point is left out, it earned nothing. None as for days.
    """
    last = _last_of_each(curve, lambda point: point.at.date().replace(day=1))
    if last is None:
        return None
    first, ends = last
    months = sorted(ends)
    changes = _changes([first, *(ends[month] for month in months)])
    return None if changes is None else tuple(zip(months, changes, strict=True))


def _last_of_each(
    curve: Iterable[EquityPoint], period: Callable[[EquityPoint], date]
) -> tuple[Decimal, dict[date, Decimal]] | None:
    """Return the first equity and the last one of each period; None of an empty curve."""
    first: Decimal | None = None
    ends: dict[date, Decimal] = {}
    for point in curve:
        if first is None:
            first = point.equity
        ends[period(point)] = point.equity
    return None if first is None else (first, ends)


def _changes(equities: Sequence[Decimal]) -> tuple[float, ...] | None:
    if any(equity <= ZERO for equity in equities):
        return None
    return tuple(
        0.0 if later == earlier else float(divide_down(subtract(later, earlier), earlier))
        for earlier, later in pairwise(equities)
    )
