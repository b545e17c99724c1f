"""Lots out of executions: each entry with the exit that closed it, first in, first out."""

from collections import deque
from decimal import Decimal

from application.backtesting.log import Execution
from application.backtesting.result import BacktestResult, ClosedLot, OpenLot
from domain.money import add, divide_down, multiply, subtract
from domain.signal import Direction


def closed_lots(result: BacktestResult) -> tuple[ClosedLot, ...]:
    """Return every closed lot, in the order of closing; the lines of a list of trades."""
    return _walked(result)[0]


def open_lots(result: BacktestResult) -> tuple[OpenLot, ...]:
    """Return what is still open when the history ends, oldest first."""
    mark = result.last_close
    return tuple(
        OpenLot(
            entry.fill.side,
            entry.fill.number,
            quantity,
            entry.bar,
            entry.fill.at,
            entry.fill.price,
            fee,
            entry.reason,
            subtract(_gain(entry.fill.side, quantity, entry.fill.price, mark), fee),
        )
        for entry, quantity, fee in _walked(result)[1]
    )


_Standing = tuple[Execution, Decimal, Decimal]


def _walked(
    result: BacktestResult,
) -> tuple[tuple[ClosedLot, ...], tuple[_Standing, ...]]:
    closed: list[ClosedLot] = []
    standing: deque[_Standing] = deque()
    for execution in result.executions:
        fill = execution.fill
        if fill.number:
            standing.append((execution, fill.quantity, fill.fee))
            continue
        left, fee = fill.quantity, fill.fee
        while left:
            entry, quantity, paid = standing.popleft()
            taken = min(quantity, left)
            own = paid if taken == quantity else _share(paid, taken, quantity)
            exit_fee = fee if taken == left else _share(fee, taken, left)
            closed.append(_closed(entry, execution, (taken, own, exit_fee)))
            left, fee = subtract(left, taken), subtract(fee, exit_fee)
            if taken < quantity:
                rest = (entry, subtract(quantity, taken), subtract(paid, own))
                standing.appendleft(rest)
    return tuple(closed), tuple(standing)


def _closed(
    entry: Execution, exit_: Execution, part: tuple[Decimal, Decimal, Decimal]
) -> ClosedLot:
    quantity, entry_fee, exit_fee = part
    side, price = entry.fill.side, entry.fill.price
    gross = _gain(side, quantity, price, exit_.fill.price)
    return ClosedLot(
        side,
        entry.fill.number,
        quantity,
        entry.bar,
        entry.fill.at,
        price,
        entry_fee,
        entry.reason,
        exit_.bar,
        exit_.fill.at,
        exit_.fill.price,
        exit_fee,
        exit_.reason,
        subtract(gross, add(entry_fee, exit_fee)),
        (entry.moment, exit_.moment),
    )


def _share(fee: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """Return a part's fee: exact where notional is, else cut off after 60 digits."""
    return divide_down(multiply(fee, part), whole)


def _gain(side: Direction, quantity: Decimal, price: Decimal, now: Decimal) -> Decimal:
    cost, worth = multiply(quantity, price), multiply(quantity, now)
    return subtract(cost, worth) if side is Direction.SHORT else subtract(worth, cost)
