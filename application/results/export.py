"""A result as plain values with stable names, for JSON: exact amounts, no rounding."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from application.results.metric import Value
from application.results.summary import Summary
from application.runs import Run
from domain.measured import MeasuredTrade, return_fraction
from domain.performance import Performance


def exported(run: Run, summary: Summary) -> dict[str, Any]:
    """Return everything that is known of a run. Spans of time are in seconds."""
    data = run.data
    return {
        "bot": run.bot,
        "symbol": run.symbol,
        "currency": run.currency,
        "balance": run.balance,
        "data": {
            "chart": data.chart,
            "timeframe": data.timeframe,
            "source": data.source,
            "sha256": data.digest,
            "bars": data.bars,
            "start": data.start,
            "end": data.end,
            "gaps": data.gaps,
            "missing_bars": data.missing_bars,
            "unfinished_bar": data.unfinished_bar,
        },
        "settings": dict(run.settings),
        "figures": plain(summary.figures),
        "by_side": {side.value: plain(of) for side, of in summary.by_side.items()},
        "months": [{"month": month, "return": change} for month, change in summary.months],
        "by_month": {str(month): _group(of) for month, of in summary.by_month.items()},
        "by_weekday": {str(day): _group(of) for day, of in summary.by_weekday.items()},
        "by_hour": {str(hour): _group(of) for hour, of in summary.by_hour.items()},
        "by_exit": {
            reason.value if reason else "": _group(of)
            for reason, of in summary.by_reason.items()
        },
        "drawdowns": [fall._asdict() for fall in summary.worst],
        "decisions": {reason.value: count for reason, count in run.decisions.items()},
        "cautions": [one._asdict() for one in summary.cautions],
        "trades": [_trade(number, one) for number, one in enumerate(run.trades, 1)],
    }


def plain(figures: Mapping[str, Value]) -> dict[str, Decimal | float | int | None]:
    """Return figures with spans of time in seconds."""
    return {
        key: value.total_seconds() if isinstance(value, timedelta) else value
        for key, value in figures.items()
    }


def _group(earned: Performance) -> dict[str, Any]:
    return {
        "trades": earned.trades,
        "wins": earned.wins,
        "pnl": earned.net_profit,
        "profit_factor": earned.profit_factor,
    }


def _trade(number: int, one: MeasuredTrade) -> dict[str, Any]:
    trade = one.trade
    return {
        "number": number,
        "side": trade.side.value,
        "opened_at": trade.opened_at,
        "closed_at": trade.closed_at,
        "bars": one.bars,
        "entries": trade.entries,
        "quantity": trade.quantity,
        "entry_cost": trade.entry_cost,
        "exit_proceeds": trade.exit_proceeds,
        "fees": trade.fees,
        "pnl": trade.pnl,
        "return": return_fraction(trade),
        "favorable": one.favorable,
        "adverse": one.adverse,
        "exit": one.reason.value if one.reason else None,
    }
