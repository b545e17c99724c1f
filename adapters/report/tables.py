"""The tables of a report, in words and figures as they are shown."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from application import wording
from application.results.metric import Kind, Metric, Section, Value, shown
from application.results.metrics import of_section
from application.results.summary import Summary
from application.runs import Run
from domain.measured import MeasuredTrade, return_fraction
from domain.money import ZERO, add, divide_down
from domain.reason_catalogue import entry
from domain.reasons import Reason
from domain.signal import Direction

TRADES_SHOWN = 2_000
_TONES = {Kind.GAIN, Kind.GROWTH}


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric with its value in words, and the style that colors it."""

    metric: Metric
    text: str
    tone: str
    beside: str = ""


@dataclass(frozen=True, slots=True)
class SideFigure:
    """A figure about trades: all, long and short."""

    metric: Metric
    all: Figure
    long: Figure
    short: Figure


def figure(metric: Metric, value: Value, decimals: int, beside: str = "") -> Figure:
    """Return a value as it is shown."""
    tone = ""
    if metric.kind in _TONES and isinstance(value, Decimal | float) and value:
        tone = "up" if value > 0 else "down"
    return Figure(metric, shown(metric.kind, value, decimals), tone, beside)


def headline(run: Run, summary: Summary) -> list[Figure]:
    """Return TradingView's five figures, each with what belongs beside it."""
    figures = summary.figures
    beside = {
        "total_pnl": shown(Kind.GROWTH, figures["total_return"]),
        "max_drawdown": shown(Kind.PERCENT, figures["max_drawdown_percent"]),
        "trades": wording.plural(run.entries, "entry"),
        "win_rate": f"{shown(Kind.COUNT, figures['wins'])} of {len(run.trades):,}",
        "profit_factor": "",
    }
    return [
        figure(metric, figures[metric.key], run.decimals, beside[metric.key])
        for metric in of_section(Section.HEADLINE)
    ]


def rows(run: Run, summary: Summary, section: Section) -> list[Figure]:
    """Return the figures of a section."""
    return [
        figure(metric, summary.figures[metric.key], run.decimals)
        for metric in of_section(section)
    ]


def side_rows(run: Run, summary: Summary) -> list[SideFigure]:
    """Return the figures about trades, for both sides and each side alone."""
    keys = [metric for metric in of_section(Section.HEADLINE) if metric.key in _PER_SIDE]
    result = []
    for metric in (*keys, *_NET, *of_section(Section.TRADES)):
        whole = figure(metric, summary.figures[metric.key], run.decimals)
        sides = [
            figure(metric, summary.by_side[side].get(metric.key), run.decimals)
            for side in Direction
        ]
        result.append(SideFigure(metric, whole, *sides))
    return result


_PER_SIDE = {"trades", "win_rate", "profit_factor"}
_NET = [metric for metric in of_section(Section.PERFORMANCE) if metric.key == "net_profit"]


def worst_rows(run: Run, summary: Summary) -> list[tuple[str, ...]]:
    """Return the worst falls: how deep, from when, lowest when, back when, how long."""
    return [
        (
            wording.fixed(fall.amount, run.decimals),
            shown(Kind.PERCENT, fall.fraction),
            _day(fall.start),
            _day(fall.end),
            _day(fall.recovered) if fall.recovered else "not yet",
            wording.duration(
                (fall.recovered or run.data.end) - (fall.start or run.data.end)
            ),
        )
        for fall in summary.worst
    ]


def reason_rows(run: Run, summary: Summary) -> list[tuple[str, str, str, str, str, str]]:
    """Return what trades came to by the reason of their exit, the most frequent first."""
    groups = sorted(summary.by_reason.items(), key=lambda pair: -pair[1].trades)
    return [
        (
            reason.value if reason else wording.NOTHING,
            entry(reason).explanation if reason else "",
            f"{group.trades:,}",
            shown(Kind.PERCENT, group.win_rate),
            wording.fixed(group.net_profit, run.decimals, sign=True),
            tone(group.net_profit),
        )
        for reason, group in groups
    ]


def decision_rows(run: Run) -> list[tuple[str, str, str]]:
    """Return how often the rules answered what, the most frequent first."""
    counts = sorted(run.decisions.items(), key=lambda pair: -pair[1])
    return [
        (reason.value, entry(reason).explanation, f"{count:,}") for reason, count in counts
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeLine:
    """A trade as the list shows it."""

    number: int
    side: str
    opened: str
    closed: str
    bars: str
    entries: int
    quantity: str
    entry_price: str
    exit_price: str
    pnl: str
    percent: str
    up: str
    down: str
    total: str
    reason: str
    tone: str


def trade_rows(run: Run) -> list[TradeLine]:
    """Return the last trades, the oldest of them first."""
    lines, earned = [], ZERO
    for number, one in enumerate(run.trades, 1):
        earned = add(earned, one.trade.pnl)
        lines.append(_trade_line(run, number, one, earned))
    return lines[-TRADES_SHOWN:]


def facts(run: Run) -> list[tuple[str, str]]:
    """Return what the run stands on: its bars and what was asked for."""
    data = run.data
    return [
        ("Bars", f"{data.bars:,} of {data.chart}, {data.timeframe}"),
        ("Time", f"{_day(data.start)} to {_day(data.end)} ({wording.duration(run.span)})"),
        ("Source", data.source),
        ("SHA-256", data.digest),
        ("Balance", f"{wording.number(run.balance)} {run.currency}"),
        *run.settings.items(),
    ]


def tone(value: Decimal) -> str:
    """Return the style of what was earned."""
    return "up" if value > 0 else "down" if value < 0 else ""


def _trade_line(run: Run, number: int, one: MeasuredTrade, earned: Decimal) -> TradeLine:
    trade = one.trade
    average_in = divide_down(trade.entry_cost, trade.quantity)
    average_out = divide_down(trade.exit_proceeds, trade.quantity)
    return TradeLine(
        number=number,
        side=trade.side.value.lower(),
        opened=moment(trade.opened_at),
        closed=moment(trade.closed_at),
        bars=f"{one.bars:,}",
        entries=trade.entries,
        quantity=wording.number(trade.quantity),
        entry_price=wording.average(average_in),
        exit_price=wording.average(average_out),
        pnl=wording.fixed(trade.pnl, run.decimals, sign=True),
        percent=shown(Kind.GROWTH, return_fraction(trade)),
        up=shown(Kind.MONEY, one.favorable, run.decimals),
        down=shown(Kind.MONEY, one.adverse, run.decimals),
        total=wording.fixed(earned, run.decimals, sign=True),
        reason=_short(one.reason),
        tone=tone(trade.pnl),
    )


def moment(at: datetime) -> str:
    """Return a time to the minute, in UTC."""
    return at.strftime("%Y-%m-%d %H:%M")


def _short(reason: Reason | None) -> str:
    return reason.value.partition(".")[2].replace("_", " ") if reason else ""


def _day(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d") if at else wording.NOTHING
