"""Stops and targets inside a bar of which only open, high, low and close are known.

The price is assumed to have gone from the open to the nearer of high and low first, then
to the other, then to the close; on equal distance to the low first. Within the bar there
are no gaps: a rule fills at its level. At the open there may be one: a rule that the open
has passed already fills at the open.

Source: TradingView, "Broker emulator",
https://www.tradingview.com/pine-script-docs/concepts/strategies/#broker-emulator.
"""

from decimal import Decimal
from typing import NamedTuple

from domain.exits import ExitDue, ExitLevels, Held, better
from domain.money import subtract
from domain.reasons import Reason
from domain.signal import LONG, Direction

_TARGET = Reason.EXIT_TAKE_PROFIT


class Ohlc(NamedTuple):
    """A bar's four prices."""

    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal

    @property
    def path(self) -> tuple[Decimal, ...]:
        """Return the turning points that the price is assumed to have passed, in order."""
        up = subtract(self.high, self.open) < subtract(self.open, self.low)
        extremes = (self.high, self.low) if up else (self.low, self.high)
        return (self.open, *extremes, self.close)


class Inside(NamedTuple):
    """What a bar did to a position: the exit rule that fired, if any did.

    ``due.level`` is the price at which it fills, before slippage. ``best`` is the most
    favorable price by then, None where nobody counts.
    """

    best: Decimal | None
    due: ExitDue | None


def through(position: Held, levels: ExitLevels, bar: Ohlc) -> Inside:
    """Walk the bar's assumed path until an exit rule fires.

    A trailing stop follows the path: it counts from the best price reached so far on it.
    """
    start, *points = bar.path
    long, known = position.side is LONG, levels.of(position)
    passed = _reached(known, long, start, start)
    if passed is not None:
        return Inside(position.best, ExitDue(passed.reason, start))
    for point in points:
        reached = _reached(known, long, start, point)
        if reached is not None:
            return Inside(position.best, reached)
        if position.best is not None:
            best = better(position, max(start, point), min(start, point))
            position = _Moved(position.side, position.quantity, position.cost, best)
            if levels.trailing:
                known = levels.of(position)
        start = point
    return Inside(position.best, None)


class _Moved(NamedTuple):
    """What is held, on the way through a bar."""

    side: Direction | None
    quantity: Decimal
    cost: Decimal
    best: Decimal | None


def _reached(
    known: list[tuple[Reason, Decimal]],
    long: bool,  # noqa: FBT001 - called four times a bar
    start: Decimal,
    end: Decimal,
) -> ExitDue | None:
    """Return the rule whose level the price meets first on its way along a leg."""
    first: ExitDue | None = None
    for reason, level in known:
        below = long is not (reason is _TARGET)
        hit = min(start, end) <= level if below else max(start, end) >= level
        if not hit:
            continue
        if first is None or first.level is None or _is_sooner(level, first.level, below):
            first = ExitDue(reason, level)
    return first


def _is_sooner(level: Decimal, other: Decimal, below: bool) -> bool:  # noqa: FBT001
    """Say which of two levels on the same side of the price is met first."""
    return level > other if below else level < other
