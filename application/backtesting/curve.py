"""Equity over a run, and how far each lot went for and against us.

``equity_at`` is exact and asked for chosen bars; ``equity_column`` is for drawing and for
ratios: a float for every bar.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from application.backtesting.log import Moment
from application.backtesting.result import BacktestResult, ClosedLot
from application.ports.bars import FloatColumn
from domain.money import ZERO, add, multiply, subtract
from domain.signal import Direction


class Worth(NamedTuple):
    """Cash and what is held after an execution: signed quantity, and its signed cost.

    Equity at a price is ``cash + quantity * price - cost``; fees are in the cash already.
    """

    bar: int
    cash: Decimal
    quantity: Decimal
    cost: Decimal

    def equity(self, price: Decimal) -> Decimal:
        """Return what everything is worth when the market is at ``price``."""
        return add(self.cash, subtract(multiply(self.quantity, price), self.cost))


def equity_at(
    result: BacktestResult, bars: Iterable[int]
) -> tuple[tuple[datetime, Decimal], ...]:
    """Return equity at the close of each of these bars, by index, ascending. Exact."""
    steps = worths(result)
    found: list[tuple[datetime, Decimal]] = []
    place = 0
    for bar in bars:
        while place + 1 < len(steps) and steps[place + 1].bar <= bar:
            place += 1
        price = result.bars.price(result.bars.closes[bar].item())
        found.append((result.bars.closed_at(bar), steps[place].equity(price)))
    return tuple(found)


def equity_column(result: BacktestResult) -> FloatColumn:
    """Return equity at every bar's close, as floats."""
    steps = worths(result)
    starts = np.array([step[0] for step in steps])
    counts = np.diff(np.append(starts, len(result.bars)))
    base, held, paid = (
        np.repeat(np.fromiter(map(float, column), np.float64, len(steps)), counts)
        for column in list(zip(*steps, strict=True))[1:]
    )
    return np.asarray(base + held * result.bars.close_values() - paid)


def worths(result: BacktestResult) -> tuple[Worth, ...]:
    """Return cash and holdings from the bar on that changed them, first before any did.

    Of several executions in one bar the last is what its close sees.
    """
    step = Worth(0, result.request.settings.initial_capital, ZERO, ZERO)
    steps = [step]
    for execution in result.executions:
        fill = execution.fill
        buys = (fill.side is Direction.LONG) is (fill.number > 0)
        size = fill.quantity if buys else subtract(ZERO, fill.quantity)
        worth = multiply(size, fill.price)
        cash, held, cost = subtract(step.cash, fill.fee), step.quantity, step.cost
        if fill.number:
            step = Worth(execution.bar, cash, add(held, size), add(cost, worth))
        else:
            earned = subtract(subtract(ZERO, worth), cost)
            step = Worth(execution.bar, add(cash, earned), ZERO, ZERO)
        if steps[-1].bar == execution.bar:
            steps.pop()
        steps.append(step)
    return tuple(steps)


class Excursion(NamedTuple):
    """The most that a lot was up, and down, while open, before fees; never below 0."""

    favorable: Decimal
    adverse: Decimal


def excursion(result: BacktestResult, lot: ClosedLot) -> Excursion:
    """Return how far the market went for and against ``lot``, its own fills included.

    A bar counts from the moment of the entry and up to that of the exit, so of a bar that
    is left at its open only the open counts, and of one that is left inside only the price
    of leaving.
    """
    entered, left = lot.moments
    bars, prices = result.bars, [lot.entry_price, lot.exit_price]
    start = lot.entry_bar + (entered is Moment.CLOSE)
    stop = lot.exit_bar + (left is Moment.CLOSE)
    if start < stop:
        prices.append(bars.price(bars.highs[start:stop].max().item()))
        prices.append(bars.price(bars.lows[start:stop].min().item()))
    up = multiply(lot.quantity, subtract(max(prices), lot.entry_price))
    down = multiply(lot.quantity, subtract(lot.entry_price, min(prices)))
    return Excursion(up, down) if lot.side is Direction.LONG else Excursion(down, up)
