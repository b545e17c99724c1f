"""How far each trade went for and against us while it was open, by the bars."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from application.backtesting.log import Execution, Moment
from application.backtesting.result import BacktestResult
from application.ports.bars import Bars, IntColumn
from domain.measured import MeasuredTrade
from domain.money import ZERO, add, multiply, subtract
from domain.signal import Direction


class _Stretch(NamedTuple):
    """Bars between two executions of one trade, and what is held meanwhile."""

    side: Direction
    quantity: Decimal
    cost: Decimal
    start: int
    stop: int
    edges: tuple[Decimal, Decimal]
    """The prices of the two executions, which were seen as well."""


def measured_trades(result: BacktestResult) -> tuple[MeasuredTrade, ...]:
    """Return the trades with their bars, their excursions, and why they were closed.

    A bar counts from the moment of the entry and up to that of the exit: of a bar that is
    left at its open, or inside, only the price of leaving counts.
    """
    groups = list(_by_trade(result.executions))
    stretches = [one for group in groups for one in _stretches(group)]
    highs, lows = _extremes(result.bars, stretches)
    found, place = [], 0
    for trade, group in zip(result.trades, groups, strict=True):
        count = len(group) - 1
        seen = [
            _excursion(result.bars, stretches[at], highs[at], lows[at])
            for at in range(place, place + count)
        ]
        place += count
        up = max((up for up, _ in seen), default=ZERO)
        down = max((down for _, down in seen), default=ZERO)
        bars = group[-1].bar - group[0].bar
        found.append(MeasuredTrade(trade, bars, up, down, group[-1].reason))
    return tuple(found)


def _by_trade(executions: Sequence[Execution]) -> Iterator[Sequence[Execution]]:
    """Yield the executions of each completed trade; an exit closes everything."""
    group: list[Execution] = []
    for one in executions:
        group.append(one)
        if not one.fill.number:
            yield group
            group = []


def _stretches(group: Sequence[Execution]) -> Iterator[_Stretch]:
    quantity = cost = ZERO
    for one, then in pairwise(group):
        fill = one.fill
        quantity = add(quantity, fill.quantity)
        cost = add(cost, multiply(fill.quantity, fill.price))
        start = one.bar + (one.moment is Moment.CLOSE)
        stop = then.bar + (then.moment is Moment.CLOSE)
        yield _Stretch(
            fill.side, quantity, cost, start, stop, (fill.price, then.fill.price)
        )


def _extremes(
    bars: Bars, stretches: Sequence[_Stretch]
) -> tuple[Sequence[int], Sequence[int]]:
    """Return the highest and lowest price of each stretch; of an empty one, any."""
    if not stretches:
        return [], []
    last = len(bars) - 1
    edges = np.array([(one.start, one.stop) for one in stretches], np.intp).ravel()
    edges = np.minimum(edges, last)
    return _reduced(np.maximum, bars.highs, edges), _reduced(np.minimum, bars.lows, edges)


def _reduced(how: np.ufunc, column: IntColumn, edges: IntColumn) -> Sequence[int]:
    values: list[int] = how.reduceat(column, edges)[::2].tolist()
    return values


def _excursion(bars: Bars, one: _Stretch, high: int, low: int) -> tuple[Decimal, Decimal]:
    prices = list(one.edges)
    if one.start < one.stop:
        prices += [bars.price(high), bars.price(low)]
    up = subtract(multiply(one.quantity, max(prices)), one.cost)
    down = subtract(one.cost, multiply(one.quantity, min(prices)))
    if one.side is Direction.SHORT:
        up, down = down, up
    return max(up, ZERO), max(down, ZERO)
