"""Every figure of a run, and what it looked like by month, weekday, hour, side and exit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from application.results.metric import Value
from application.runs import Run
from domain import ratios
from domain.cautions import Caution, Evidence, cautions
from domain.equity import Drawdown, deepest, drawdowns, max_run_up, worst_fraction
from domain.measured import (
    MeasuredTrade,
    average_bars,
    excursions,
    expectancy_in_losses,
    exposure,
    grouped,
    payoff_ratio,
    recovery_factor,
    system_quality,
)
from domain.money import ZERO, divide_down, subtract
from domain.performance import Performance, performance
from domain.reasons import Reason
from domain.returns import daily_returns, monthly_returns
from domain.signal import Direction

WORST = 5
_THREE_MONTHS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Figures by key of the catalog. Hours and weekdays are those of the entry."""

    figures: Mapping[str, Value]
    by_side: Mapping[Direction, Mapping[str, Value]]
    """Figures about trades only."""
    worst: tuple[Drawdown, ...]
    """The deepest falls, the deepest first."""
    months: tuple[tuple[date, float], ...]
    by_month: Mapping[date, Performance]
    by_weekday: Mapping[int, Performance]
    """Monday is 0."""
    by_hour: Mapping[int, Performance]
    by_reason: Mapping[Reason | None, Performance]
    cautions: tuple[Caution, ...]


def summarize(run: Run) -> Summary:
    """Measure a run."""
    falls = drawdowns(run.curve)
    figures = {
        **_of_equity(run, falls),
        **of_trades(run.trades),
        **_of_returns(run, falls),
        "entries": run.entries,
        "exposure": _exposure(run),
    }
    return Summary(
        figures=figures,
        by_side={
            side: of_trades([one for one in run.trades if one.trade.side is side])
            for side in Direction
        },
        worst=tuple(sorted(falls, key=lambda fall: fall.amount, reverse=True)[:WORST]),
        months=monthly_returns(run.curve) or (),
        by_month=grouped(run.trades, _month),
        by_weekday=grouped(run.trades, lambda one: one.trade.opened_at.weekday()),
        by_hour=grouped(run.trades, lambda one: one.trade.opened_at.hour),
        by_reason=grouped(run.trades, lambda one: one.reason),
        cautions=cautions(_evidence(run, figures)),
    )


def of_trades(trades: Sequence[MeasuredTrade]) -> dict[str, Value]:
    """Return the figures that need nothing but trades."""
    earned = performance([one.trade for one in trades])
    winners = [one for one in trades if one.trade.pnl > ZERO]
    losers = [one for one in trades if one.trade.pnl < ZERO]
    seen = excursions(trades)
    return {
        "trades": earned.trades,
        "win_rate": earned.win_rate,
        "profit_factor": earned.profit_factor,
        "net_profit": earned.net_profit,
        "gross_profit": earned.gross_profit,
        "gross_loss": earned.gross_loss,
        "fees": earned.fees,
        "wins": earned.wins,
        "losses": earned.losses,
        "entries": sum(one.trade.entries for one in trades),
        "expectancy": earned.expectancy,
        "average_win": earned.average_win,
        "average_loss": earned.average_loss,
        "payoff_ratio": payoff_ratio(earned.average_win, earned.average_loss),
        "expectancy_r": expectancy_in_losses(earned),
        "largest_win": earned.largest_win,
        "largest_loss": earned.largest_loss,
        "wins_in_row": earned.wins_in_row,
        "losses_in_row": earned.losses_in_row,
        "average_bars": average_bars(trades),
        "average_bars_winning": average_bars(winners),
        "average_bars_losing": average_bars(losers),
        "system_quality": system_quality([one.trade.pnl for one in trades]),
        "average_favorable": seen.favorable,
        "average_adverse": seen.adverse,
        "adverse_of_winners": seen.adverse_of_winners,
        "capture": seen.capture,
    }


def _of_equity(run: Run, falls: Sequence[Drawdown]) -> dict[str, Value]:
    last = run.curve[-1].equity if run.curve else run.balance
    earned = subtract(last, run.balance)
    fall = deepest(falls)
    return {
        "total_pnl": earned,
        "total_return": divide_down(earned, run.balance),
        "open_pnl": run.open_profit,
        "buy_and_hold": subtract(run.hold[-1].equity, run.balance) if run.hold else None,
        "max_run_up": max_run_up(run.curve),
        "max_drawdown": fall.amount,
        "max_drawdown_percent": worst_fraction(falls),
        "longest_drawdown": _longest(falls, run.data.end),
        "recovery_factor": recovery_factor(earned, fall.amount),
    }


def _of_returns(run: Run, falls: Sequence[Drawdown]) -> dict[str, Value]:
    days = daily_returns(run.curve) or ()
    months = [change for _, change in monthly_returns(run.curve) or ()]
    last = run.curve[-1].equity if run.curve else run.balance
    growth = ratios.yearly_growth(run.balance, last, run.span)
    periods, a_year = (months, ratios.MONTHS_A_YEAR)
    if len(months) < _THREE_MONTHS:
        periods, a_year = list(days), ratios.DAYS_A_YEAR
    return {
        "growth": growth,
        "sharpe": ratios.sharpe(days),
        "sortino": ratios.sortino(days),
        "omega": ratios.omega(days),
        "volatility": ratios.volatility(days),
        "calmar": ratios.calmar(growth, worst_fraction(falls)),
        "tradingview_sharpe": ratios.tradingview_sharpe(periods, a_year),
        "tradingview_sortino": ratios.tradingview_sortino(periods, a_year),
    }


def _exposure(run: Run) -> Decimal | None:
    spans = [(one.trade.opened_at, one.trade.closed_at) for one in run.trades]
    if run.open_since is not None:
        spans.append((run.open_since, run.data.end))
    return exposure(spans, run.data.start, run.data.end)


def _longest(falls: Sequence[Drawdown], end: datetime) -> timedelta | None:
    spans = [(fall.recovered or end) - fall.start for fall in falls if fall.start]
    return max(spans, default=None)


def _evidence(run: Run, figures: Mapping[str, Value]) -> Evidence:
    rate, factor = figures["win_rate"], figures["profit_factor"]
    sharpe = figures["sharpe"]
    return Evidence(
        trades=len(run.trades),
        span=run.span,
        win_rate=rate if isinstance(rate, Decimal) else None,
        profit_factor=factor if isinstance(factor, Decimal) else None,
        sharpe=sharpe if isinstance(sharpe, float) else None,
        lowest_equity=min((point.equity for point in run.curve), default=None),
        fees=performance([one.trade for one in run.trades]).fees,
        open_at_end=run.open_profit is not None,
        gaps=run.data.gaps,
        missing_bars=run.data.missing_bars,
        unfinished_bar=run.data.unfinished_bar,
        rsi_length=run.rsi_length,
        bars_before_first_signal=run.data.bars_before_first_signal,
    )


def _month(one: MeasuredTrade) -> date:
    return one.trade.closed_at.date().replace(day=1)
