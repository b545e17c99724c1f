"""Equity over time, its falls, and what holding instead would have made.

A curve is in time order and begins with the money that the run began with.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from domain.money import ZERO, add, divide_down, multiply, subtract
from domain.position import Trade


class EquityPoint(NamedTuple):
    """Equity at one moment."""

    at: datetime
    equity: Decimal


class Drawdown(NamedTuple):
    """A fall of equity from its highest point so far, ``start``, to its lowest, ``end``.

    ``fraction`` is of that highest point: 0.25 when a quarter of it was lost, None where it
    was not above zero, as in results without a balance to count from. ``recovered`` is when
    equity reached the highest point again; None while it has not.
    """

    amount: Decimal = ZERO
    fraction: Decimal | None = None
    start: datetime | None = None
    end: datetime | None = None
    recovered: datetime | None = None

    @property
    def duration(self) -> timedelta | None:
        """Return how long it took from the highest point back to it; None before that."""
        if self.start is None or self.recovered is None:
            return None
        return self.recovered - self.start


def equity_curve(closed: Sequence[Trade], balance: Decimal) -> tuple[EquityPoint, ...]:
    """Return equity after each of the ``closed`` trades, which are in order of closing.

    It begins with ``balance`` when the earliest of them was opened; no trades, no points.
    """
    if not closed:
        return ()
    equity = balance
    points = [EquityPoint(min(trade.opened_at for trade in closed), equity)]
    for trade in closed:
        equity = add(equity, trade.pnl)
        points.append(EquityPoint(trade.closed_at, equity))
    return tuple(points)


def drawdowns(
    curve: Iterable[EquityPoint], *, relative: bool = True
) -> tuple[Drawdown, ...]:
    """Return every fall from a highest point, in time order; the last may still last.

    A fall ends when equity is back at the point that it fell from. ``relative`` says that
    the curve begins with real money, so that a fall is a fraction of something.
    """
    falls: list[Drawdown] = []
    peak: EquityPoint | None = None
    lowest: EquityPoint | None = None
    for point in curve:
        if peak is None:
            peak = point
        elif point.equity >= peak.equity:
            if lowest is not None:
                falls.append(_fall(peak, lowest, point.at, relative=relative))
                peak, lowest = point, None
            elif point.equity > peak.equity:
                peak = point
        elif lowest is None or point.equity < lowest.equity:
            lowest = point
    if peak is not None and lowest is not None:
        falls.append(_fall(peak, lowest, None, relative=relative))
    return tuple(falls)


def max_drawdown(curve: Iterable[EquityPoint], *, relative: bool = True) -> Drawdown:
    """Return the deepest fall in money; 0 for a curve that never fell, the first of equals.

    max over t of (max over s <= t of equity(s)) - equity(t).

    Source: "Max. Equity Drawdown (Close to Close)", closed trade to closed trade, net of
    commissions, https://help.tradestation.com/10_00/eng/tradestationhelp/subsystems/
    spr_topics/report/return_on_max__equity_drawdown_cc__strategy_performance_report_.htm.
    """
    return deepest(drawdowns(curve, relative=relative), relative=relative)


def deepest(falls: Iterable[Drawdown], *, relative: bool = True) -> Drawdown:
    """Return the fall of the largest amount; one of 0 where nothing fell."""
    nothing = Drawdown(fraction=ZERO if relative else None)
    return max(falls, key=lambda fall: fall.amount, default=nothing)


def worst_fraction(falls: Iterable[Drawdown]) -> Decimal | None:
    """Return the largest fraction that a fall took; 0 of no falls, None where unknown.

    It may belong to another fall than the largest amount does.
    """
    fractions = [fall.fraction for fall in falls]
    known = [fraction for fraction in fractions if fraction is not None]
    return max(known, default=ZERO) if len(known) == len(fractions) else None


def max_run_up(curve: Iterable[EquityPoint]) -> Decimal:
    """Return the largest rise of equity from its lowest point so far; 0 if it never rose.

    Source: "Max. equity run-up" of the Strategy Tester.
    """
    lowest: Decimal | None = None
    largest = ZERO
    for _, equity in curve:
        lowest = equity if lowest is None else min(lowest, equity)
        largest = max(largest, subtract(equity, lowest))
    return largest


def held(balance: Decimal, bought: Decimal, price: Decimal) -> Decimal:
    """Return what ``balance`` is worth at ``price`` if all of it bought at ``bought``.

    Without fees and steps. ``bought`` is above zero.

    Source: "Buy & hold return": all of the initial capital, bought when the first trade is
    entered, https://www.tradingview.com/support/solutions/43000681736.
    """
    return divide_down(multiply(balance, price), bought)


def _fall(
    peak: EquityPoint, lowest: EquityPoint, recovered: datetime | None, *, relative: bool
) -> Drawdown:
    amount = subtract(peak.equity, lowest.equity)
    known = relative and peak.equity > ZERO
    fraction = divide_down(amount, peak.equity) if known else None
    return Drawdown(amount, fraction, peak.at, lowest.at, recovered)
