"""A result on the terminal: TradingView's five figures first, then the rest."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.columns import Columns
from rich.console import Group
from rich.table import Table
from rich.text import Text

from application import wording
from application.results.metric import Kind, Metric, Section, Value, shown
from application.results.metrics import BY_KEY, of_section
from application.results.summary import Summary
from application.runs import Run
from domain.equity import EquityPoint
from domain.signal import Direction
from entrypoints.cli.terminal import out

SHORT = {
    "total_pnl": "P&L",
    "total_return": "return",
    "sharpe": "Sharpe",
    "profit_factor": "PF",
    "max_drawdown_percent": "drawdown",
    "recovery_factor": "recovery",
    "win_rate": "won",
    "trades": "trades",
}
"""Figures in the heads of narrow columns."""

SPARKS = "▁▂▃▄▅▆▇█"
_SPARK_WIDTH = 60
_SIDES = ("trades", "win_rate", "profit_factor", "net_profit")
_BESIDE = {"total_pnl": "total_return", "max_drawdown": "max_drawdown_percent"}


def show_result(run: Run, summary: Summary, *, full: bool = False) -> None:
    """Print a result: the headline and what to beware of, or all of it. 80 columns do."""
    console = out()
    console.print(_title(run))
    console.print(_headline(run, summary))
    if run.curve:
        console.print(Text(f"{sparkline(run.curve)}  equity", style="cyan"))
    if full:
        performance, risk, inside = (
            _section(run, summary, section)
            for section in (Section.PERFORMANCE, Section.RISK, Section.EXCURSIONS)
        )
        left = Group(performance, "", inside)
        console.print("", _trades(run, summary), "")
        console.print(Columns([left, risk], padding=(0, 6), expand=False), "")
        console.print(_falls(run, summary), "")
    for caution in summary.cautions:
        console.print(Text.assemble(("! ", "bold yellow"), (caution.text, "yellow")))


def styled(metric: Metric, value: Value, decimals: int) -> Text:
    """Return a figure; the color of a gain or loss only says its sign again."""
    text = shown(metric.kind, value, decimals)
    if metric.kind in (Kind.GAIN, Kind.GROWTH) and text != wording.NOTHING:
        style = "red" if text.startswith(wording.MINUS) else "green"
        return Text(text, style=style if text.startswith(("+", wording.MINUS)) else "")
    return Text(text, style="dim" if value is None else "")


def sparkline(curve: Sequence[EquityPoint], width: int = _SPARK_WIDTH) -> str:
    """Return equity over time in one line of blocks, low to high."""
    values = _by_time(curve, width)
    low, high = min(values), max(values)
    top = len(SPARKS) - 1
    if high == low:
        return SPARKS[0] * width
    return "".join(SPARKS[round((value - low) / (high - low) * top)] for value in values)


def _by_time(curve: Sequence[EquityPoint], width: int) -> list[float]:
    """Return what equity was at the end of each of ``width`` equal parts of the time."""
    start, end = curve[0].at, curve[-1].at
    part = (end - start) / width
    values, at = [], 0
    for number in range(1, width + 1):
        until = start + part * number
        while at + 1 < len(curve) and curve[at + 1].at <= until:
            at += 1
        values.append(float(curve[at].equity))
    return values


def _title(run: Run) -> Text:
    data = run.data
    first, last = (f"{at.day} {at:%b %Y}" for at in (data.start, data.end))
    return Text.assemble(
        (run.bot, "bold"),
        f"  {data.chart}, {data.timeframe}  ",
        (f"{data.bars:,} bars, {first} to {last}", "dim"),
    )


def _headline(run: Run, summary: Summary) -> Table:
    table = _plain_table()
    for _ in range(3):
        table.add_column(justify="right")
    table.columns[0].justify = "left"
    figures = summary.figures
    for metric in of_section(Section.HEADLINE):
        beside = Text()
        if metric.key in _BESIDE:
            other = BY_KEY[_BESIDE[metric.key]]
            beside = styled(other, figures[other.key], run.decimals)
        elif metric.key == "trades":
            beside = Text(wording.plural(run.entries, "entry"), style="dim")
        elif metric.key == "win_rate":
            beside = Text(f"{figures['wins']} of {len(run.trades):,}", style="dim")
        value = styled(metric, figures[metric.key], run.decimals)
        value.stylize("bold")
        unit = run.currency if metric.kind in (Kind.GAIN, Kind.MONEY) else ""
        table.add_row(Text(metric.title, style="bold"), value, unit, beside)
    return table


def _trades(run: Run, summary: Summary) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    table.add_column("trades")
    for title in ("all", "long", "short"):
        table.add_column(title, justify="right")
    keys = [BY_KEY[key] for key in _SIDES]
    for metric in (*keys, *of_section(Section.TRADES)):
        of_sides = [summary.by_side[side].get(metric.key) for side in Direction]
        values = (summary.figures[metric.key], *of_sides)
        table.add_row(metric.title, *(styled(metric, one, run.decimals) for one in values))
    return table


def _section(run: Run, summary: Summary, section: Section) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    table.add_column(section.value.lower())
    table.add_column(justify="right")
    for metric in of_section(section):
        value = summary.figures[metric.key]
        table.add_row(metric.title, styled(metric, value, run.decimals))
    return table


def _falls(run: Run, summary: Summary) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for title in ("worst falls", "of the peak", "from", "lowest", "recovered", "lasted"):
        right = title in ("worst falls", "of the peak", "lasted")
        table.add_column(title, justify="right" if right else "left")
    for fall in summary.worst:
        back = fall.recovered or run.data.end
        table.add_row(
            wording.fixed(fall.amount, run.decimals),
            shown(Kind.PERCENT, fall.fraction),
            f"{fall.start:%Y-%m-%d}" if fall.start else "",
            f"{fall.end:%Y-%m-%d}" if fall.end else "",
            f"{fall.recovered:%Y-%m-%d}" if fall.recovered else "not yet",
            wording.duration(back - fall.start) if fall.start else "",
        )
    return table


def _plain_table() -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column()
    return table
