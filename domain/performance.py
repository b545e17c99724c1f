"""What closed trades earned: totals and averages, the equity curve and its deepest fall.

A result is a trade's P&L net of fees, so fees make a small gain a loss. Losses are stated
as positive amounts. Money is exact; ratios and averages are cut off after 60 digits.

Source: the words are those of TradingView's Strategy Tester,
https://www.tradingview.com/support/folders/43000587044, and of TradeStation's and
MetaTrader's reports where a function names them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.equity import Drawdown, EquityPoint, equity_curve, max_drawdown
from domain.money import ZERO, divide_down, subtract, total
from domain.position import Trade


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """The summary of closed trades. What nothing is known of is None.

    Gross profit is the sum of all wins, gross loss that of all losses, and net profit the
    one minus the other.

    Source: STAT_GROSS_PROFIT, STAT_GROSS_LOSS (negative there) and STAT_PROFIT,
    https://docs.mql4.com/constants/environment_state/statistics.
    """

    trades: int
    wins: int
    losses: int
    """``trades`` minus ``wins`` and ``losses`` came out even."""
    win_rate: Decimal | None
    gross_profit: Decimal
    gross_loss: Decimal
    net_profit: Decimal
    fees: Decimal
    """Already taken off in every other figure."""
    profit_factor: Decimal | None
    expectancy: Decimal | None
    average_win: Decimal | None
    average_loss: Decimal | None
    largest_win: Decimal | None
    largest_loss: Decimal | None
    losses_in_row: int
    wins_in_row: int
    equity: tuple[EquityPoint, ...]
    drawdown: Drawdown


def performance(trades: Sequence[Trade], balance: Decimal | None = None) -> Performance:
    """Sum up ``trades`` in the order of their closing, from ``balance`` (0 without one)."""
    closed = sorted(trades, key=lambda trade: trade.closed_at)
    results = [trade.pnl for trade in closed]
    wins = [result for result in results if result > ZERO]
    losses = [subtract(ZERO, result) for result in results if result < ZERO]
    profit, loss = total(wins), total(losses)
    curve = equity_curve(closed, balance or ZERO)
    return Performance(
        trades=len(results),
        wins=len(wins),
        losses=len(losses),
        win_rate=win_rate(len(wins), len(results)),
        gross_profit=profit,
        gross_loss=loss,
        net_profit=subtract(profit, loss),
        fees=total([trade.fees for trade in closed]),
        profit_factor=profit_factor(profit, loss),
        expectancy=average(results),
        average_win=average(wins),
        average_loss=average(losses),
        largest_win=max(wins, default=None),
        largest_loss=max(losses, default=None),
        losses_in_row=longest_losing_streak(results),
        wins_in_row=longest_winning_streak(results),
        equity=curve,
        drawdown=max_drawdown(curve, relative=balance is not None),
    )


def average(amounts: Sequence[Decimal]) -> Decimal | None:
    """Return the sum divided by the number; None of nothing.

    Of all results it is the expectancy: what a trade earned on average. Of the wins it is
    the average win, of the losses the average loss.

    Source: "Avg trade", "Avg winning trade" and "Avg losing trade" of the Strategy Tester.
    """
    return divide_down(total(amounts), Decimal(len(amounts))) if amounts else None


def win_rate(wins: int, trades: int) -> Decimal | None:
    """Return winning trades divided by all trades, as a fraction; None of no trades.

    A trade that came out even counts among all trades and is no win.

    Source: "Percent profitable" of the Strategy Tester.
    """
    return divide_down(Decimal(wins), Decimal(trades)) if trades else None


def profit_factor(gross_profit: Decimal, gross_loss: Decimal) -> Decimal | None:
    """Return gross profit divided by gross loss; None when nothing was lost.

    Source: https://help.tradestation.com/10_00/eng/tradestationhelp/subsystems/spr_topics/
    report/profit_factor__strategy_performance_report_.htm; net of commissions, as here.
    """
    return divide_down(gross_profit, gross_loss) if gross_loss > ZERO else None


def longest_losing_streak(results: Sequence[Decimal]) -> int:
    """Return how many trades in a row lost at most; one that came out even ends the row.

    Source: "Max. Consecutive Losing Trades" of TradeStation's performance report.
    """
    return _longest(result < ZERO for result in results)


def longest_winning_streak(results: Sequence[Decimal]) -> int:
    """Return how many trades in a row won at most; one that came out even ends the row.

    Source: "Max. Consecutive Winning Trades" of TradeStation's performance report.
    """
    return _longest(result > ZERO for result in results)


def _longest(row: Iterable[bool]) -> int:
    longest = current = 0
    for goes_on in row:
        current = current + 1 if goes_on else 0
        longest = max(longest, current)
    return longest
