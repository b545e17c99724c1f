"""When a position is left without a signal: stop loss, take profit, trailing stop, bars.

Percentages refer to the average price of the open lots. Without market data the alert's
price is the market, and its high and low where it carries them and the bar began after the
newest entry.
"""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Protocol

from domain.instrument import Instrument
from domain.money import ONE, add, divide_down, fraction, multiply, subtract
from domain.reasons import Reason
from domain.rules import ExitRules
from domain.signal import LONG, Direction, Signal
from domain.timeframe import Timeframe


class Held(Protocol):
    """What exit rules look at: a position, or the sums of one."""

    @property
    def side(self) -> Direction | None:
        """The side that is held, or was last."""

    @property
    def quantity(self) -> Decimal:
        """The base quantity held; 0 when flat."""

    @property
    def cost(self) -> Decimal:
        """Quantity times entry price, summed over the open lots."""

    @property
    def best(self) -> Decimal | None:
        """The most favorable price so far; None where nobody counts."""


class Prices(NamedTuple):
    """What is known of the market at one moment: a price, and the range that led to it."""

    price: Decimal
    high: Decimal
    low: Decimal


class ExitDue(NamedTuple):
    """An exit rule that fired, at the price ``level``; None means at the market."""

    reason: Reason
    level: Decimal | None


def exit_due(
    position: Held, exits: ExitRules, prices: Prices, instrument: Instrument
) -> ExitDue | None:
    """Return the price rule that fires, the protective ones first: assume the worst."""
    if not position.quantity:
        return None
    for reason, level in ExitLevels(exits, instrument).of(position):
        if reason is _TARGET:
            hit = _gained(position, prices, level)
        else:
            hit = _lost(position, prices, level)
        if hit:
            return ExitDue(reason, level)
    return None


def prices_of(
    signal: Signal, entry_bar: datetime | None, timeframe: Timeframe | None
) -> Prices | None:
    """Return a signal's prices as they bear on a position; None without a price.

    The range of a bar counts only if the bar began after that of the newest entry closed.
    """
    price = signal.price
    if price is None:
        return None
    if signal.bar_time is None or entry_bar is None or timeframe is None:
        return Prices(price, price, price)
    if signal.bar_time < timeframe.close_of(entry_bar):
        return Prices(price, price, price)
    high, low = signal.high or price, signal.low or price
    return Prices(price, max(high, price), min(low, price))


def bars_are_up(
    exits: ExitRules, first_bar: datetime | None, bar: datetime | None, timeframe: Timeframe
) -> bool:
    """Say whether the position has been held for its maximum number of bars."""
    if exits.max_bars is None or first_bar is None or bar is None:
        return False
    return timeframe.bars_between(first_bar, bar) >= exits.max_bars


def bars_end(
    exits: ExitRules, first_bar: datetime, timeframe: Timeframe
) -> datetime | None:
    """Return when the last allowed bar closes; None without a maximum."""
    if exits.max_bars is None:
        return None
    moment = first_bar
    for _ in range(exits.max_bars + 1):
        moment = timeframe.close_of(moment)
    return moment


def stop_level(position: Held, exits: ExitRules, instrument: Instrument) -> Decimal | None:
    """Return the price of the stop loss; None without one or when flat."""
    for reason, level in ExitLevels(exits, instrument).of(position):
        if reason is Reason.EXIT_STOP_LOSS:
            return level
    return None


class ExitLevels:
    """The prices at which one bot's exit rules fire; what its rules fix is kept."""

    __slots__ = ("instrument", "stop", "target", "trailing")

    def __init__(self, exits: ExitRules, instrument: Instrument) -> None:
        """Work out what an average price is multiplied with, for levels below and above."""
        self.instrument = instrument
        self.stop = _factors(exits.stop_loss_percent)
        self.trailing = _factors(exits.trailing_percent)
        self.target = _factors(exits.take_profit_percent)

    def of(self, position: Held) -> list[tuple[Reason, Decimal]]:
        """Return the rules that are set, with their levels; the protective ones first."""
        found: list[tuple[Reason, Decimal]] = []
        quantity = position.quantity
        if not quantity:
            return found
        above = position.side is not LONG
        if self.stop:
            cost = multiply(position.cost, self.stop[above])
            level = self._rounded(divide_down(cost, quantity), above)
            found.append((_STOP_LOSS, level))
        if self.trailing and position.best is not None:
            level = self._rounded(multiply(position.best, self.trailing[above]), above)
            found.append((_TRAILING, level))
        if self.target:
            cost = multiply(position.cost, self.target[not above])
            level = self._rounded(divide_down(cost, quantity), not above)
            found.append((_TARGET, level))
        return found

    def _rounded(self, price: Decimal, above: bool) -> Decimal:  # noqa: FBT001
        """Round away from the average."""
        return self.instrument.round_price(price, up=above)


def _factors(percent: Decimal | None) -> tuple[Decimal, Decimal] | None:
    if percent is None:
        return None
    move = fraction(percent)
    return subtract(ONE, move), add(ONE, move)


_STOP_LOSS, _TRAILING = Reason.EXIT_STOP_LOSS, Reason.EXIT_TRAILING_STOP
_TARGET = Reason.EXIT_TAKE_PROFIT


def better(position: Held, high: Decimal, low: Decimal) -> Decimal | None:
    """Return the most favorable price once the market was at ``high`` and at ``low``."""
    if position.best is None:
        return None
    long = position.side is LONG
    return max(position.best, high) if long else min(position.best, low)


def _lost(position: Held, prices: Prices, level: Decimal) -> bool:
    return prices.low <= level if position.side is LONG else prices.high >= level


def _gained(position: Held, prices: Prices, level: Decimal) -> bool:
    return prices.high >= level if position.side is LONG else prices.low <= level
