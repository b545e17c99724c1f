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

from domain.exits import ExitDue, levels
from domain.instrument import Instrument
from domain.money import subtract
from domain.position import Position
from domain.reasons import Reason
from domain.rules import ExitRules
from domain.signal import Direction


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
    """What a bar did to a position: the exit rule that fired, or the position afterwards.

    ``due.level`` is the price at which it fills, before slippage.
    """

    position: Position
    due: ExitDue | None


def through(
    position: Position, exits: ExitRules, bar: Ohlc, instrument: Instrument
) -> Inside:
    """Walk the bar's assumed path until an exit rule fires.

    A trailing stop follows the path: it counts from the best price reached so far on it.
    """
    start, *points = bar.path
    passed = _reached(position, exits, instrument, (start, start))
    if passed is not None:
        return Inside(position, ExitDue(passed.reason, start))
    for point in points:
        reached = _reached(position, exits, instrument, (start, point))
        if reached is not None:
            return Inside(position, reached)
        position, start = position.seen(max(start, point), min(start, point)), point
    return Inside(position, None)


def _reached(
    position: Position,
    exits: ExitRules,
    instrument: Instrument,
    leg: tuple[Decimal, Decimal],
) -> ExitDue | None:
    """Return the rule whose level the price meets first on its way along a leg."""
    start, end = leg
    long = position.side is Direction.LONG
    first: ExitDue | None = None
    for reason, level in levels(position, exits, instrument):
        below = long is not (reason is Reason.EXIT_TAKE_PROFIT)
        hit = min(start, end) <= level if below else max(start, end) >= level
        if not hit:
            continue
        if first is None or first.level is None or _is_sooner(level, first.level, below):
            first = ExitDue(reason, level)
    return first


def _is_sooner(level: Decimal, other: Decimal, below: bool) -> bool:  # noqa: FBT001
    """Say which of two levels on the same side of the price is met first."""
    return level > other if below else level < other
