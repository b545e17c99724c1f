"""What only the bars can tell of a trade, and what many trades say taken together."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple, TypeVar

from domain.money import DOWN, ZERO, add, divide_down, total
from domain.performance import Performance, average, performance
from domain.position import Trade
from domain.reasons import Reason

K = TypeVar("K")
_TRADES_MIN = 2


class MeasuredTrade(NamedTuple):
    """A trade with the bars that it lasted, and how far it went for and against us.

    ``favorable`` and ``adverse`` are the most that it was up and down while it was open, in
    money before fees, neither below zero (MFE and MAE); None where no bars were seen.
    ``reason`` is why it was closed.
    """

    trade: Trade
    bars: int
    favorable: Decimal | None = None
    adverse: Decimal | None = None
    reason: Reason | None = None


class Excursions(NamedTuple):
    """How far trades went for and against us, on average, and what was given back.

    ``capture`` is what was kept of the most that the winners were up, as a fraction.
    """

    favorable: Decimal | None
    adverse: Decimal | None
    adverse_of_winners: Decimal | None
    capture: Decimal | None


def payoff_ratio(win: Decimal | None, loss: Decimal | None) -> Decimal | None:
    """Return the average win over the average loss; None where there are not both.

    Source: "Ratio avg win / avg loss" of the Strategy Tester.
    """
    return divide_down(win, loss) if win is not None and loss else None


def expectancy_in_losses(earned: Performance) -> Decimal | None:
    """Return what a trade earned on average, in average losses (R); None without a loss.

    Source: V. K. Tharp, "Trade your way to financial freedom", 2nd edition, 2007: where no
    risk was set beforehand, the average loss stands for it.
    """
    if earned.expectancy is None or not earned.average_loss:
        return None
    return divide_down(earned.expectancy, earned.average_loss)


def system_quality(results: Sequence[Decimal]) -> Decimal | None:
    """Return the system quality number: sqrt(n) * mean / standard deviation of a sample.

    None below two results, and where none differ. It grows with the number of trades, so
    compare runs of about as many.

    Source: V. K. Tharp, "Definitive guide to position sizing", 2008.
    """
    middle = average(results)
    if middle is None or len(results) < _TRADES_MIN:
        return None
    square = ZERO  # a statistic: cut off after 60 digits, where an amount may not be
    for result in results:
        apart = DOWN.subtract(result, middle)
        square = DOWN.add(square, DOWN.multiply(apart, apart))
    if not square:
        return None
    deviation = DOWN.sqrt(divide_down(square, Decimal(len(results) - 1)))
    return DOWN.multiply(DOWN.sqrt(Decimal(len(results))), divide_down(middle, deviation))


def recovery_factor(profit: Decimal, fall: Decimal) -> Decimal | None:
    """Return what was earned over the deepest fall; None where nothing fell.

    Source: STAT_RECOVERY_FACTOR, https://docs.mql4.com/constants/environment_state/
    statistics.
    """
    return divide_down(profit, fall) if fall > ZERO else None


def exposure(
    spans: Iterable[tuple[datetime, datetime]], start: datetime, end: datetime
) -> Decimal | None:
    """Return the share of the time from ``start`` to ``end`` in which something was held.

    ``spans`` are from opening to closing; where they overlap, time counts once. None where
    no time passed.
    """
    if end <= start:
        return None
    inside, seen = timedelta(0), start
    for opened, closed in sorted(spans):
        begin, stop = max(opened, seen), min(closed, end)
        if stop > begin:
            inside += stop - begin
            seen = stop
    microsecond = timedelta(microseconds=1)
    return divide_down(
        Decimal(inside // microsecond), Decimal((end - start) // microsecond)
    )


def excursions(trades: Sequence[MeasuredTrade]) -> Excursions:
    """Return the averages over ``trades`` of what the bars showed; None of nothing.

    Source: J. Sweeney, "Maximum adverse excursion", 1997.
    """
    seen = [one for one in trades if one.favorable is not None and one.adverse is not None]
    winners = [one for one in seen if one.trade.pnl > ZERO]
    most = total(one.favorable or ZERO for one in winners)
    kept = total(add(one.trade.pnl, one.trade.fees) for one in winners)
    return Excursions(
        favorable=average([one.favorable or ZERO for one in seen]),
        adverse=average([one.adverse or ZERO for one in seen]),
        adverse_of_winners=average([one.adverse or ZERO for one in winners]),
        capture=divide_down(kept, most) if most > ZERO else None,
    )


def average_bars(trades: Sequence[MeasuredTrade]) -> Decimal | None:
    """Return how many bars a trade lasted on average; None of no trades.

    Source: "Avg # bars in trades" of the Strategy Tester.
    """
    return average([Decimal(one.bars) for one in trades])


def return_fraction(trade: Trade) -> Decimal | None:
    """Return what a trade earned after fees, as a fraction of what its entries cost."""
    return divide_down(trade.pnl, trade.entry_cost) if trade.entry_cost > ZERO else None


def grouped(
    trades: Iterable[MeasuredTrade], key: Callable[[MeasuredTrade], K]
) -> dict[K, Performance]:
    """Return the performance of each group of trades, in the order of first sight."""
    groups: dict[K, list[Trade]] = {}
    for one in trades:
        groups.setdefault(key(one), []).append(one.trade)
    return {name: performance(group) for name, group in groups.items()}
