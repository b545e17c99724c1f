"""`signalman backtest run`: what a bot would have done on a chart export."""

import gc
from pathlib import Path
from typing import Any

import rich_click as click
from rich.table import Table
from rich.text import Text

from adapters.indicators.talib import TaLibIndicators
from application import wording
from application.backtesting.lots import closed_lots, open_lots
from application.backtesting.result import BacktestResult
from application.backtesting.run import run as run_backtest
from domain.money import subtract
from domain.reasons import Reason
from entrypoints.cli.backtest_options import (
    Subject,
    issue_lines,
    subject,
    subject_options,
)
from entrypoints.cli.terminal import (
    amount,
    hint,
    json_option,
    out,
    print_json,
    say,
    signed,
)


@click.command()
@subject_options
@click.option(
    "--trades",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the trades as TradingView lists them.",
)
@json_option
def run(*, trades: Path | None, as_json: bool, **given: Any) -> None:
    """Trade the bars of CSV with a bot, and say what came of it."""
    asked = subject(given)
    result = measured(asked)
    if trades is not None:
        from adapters.trade_list.writing import write_trade_list  # noqa: PLC0415 - if asked

        trades.write_text(write_trade_list(result), encoding="utf-8")
    if as_json:
        print_json(_as_json(result))
        return
    _tell(result)
    if trades is not None:
        hint(f"{trades} has every trade")


def measured(asked: Subject) -> BacktestResult:
    """Run; nothing of a run is cyclic, so the collector need not look at it."""
    gc.disable()
    try:
        return run_backtest(asked.request, asked.bars, TaLibIndicators())
    finally:
        gc.enable()


def _tell(result: BacktestResult) -> None:
    bars, request = result.bars, result.request
    console = out()
    console.print(Text.assemble((_chart(result), "bold"), f"  {_span(result)}"))
    for line in issue_lines(bars):
        say(f"! {line}", "yellow")
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(justify="right")
    currency = request.instrument.settle
    earned = subtract(result.equity, request.settings.initial_capital)
    table.add_row(f"Total P&L {currency}", signed(earned))
    table.add_row("Equity", amount(result.equity))
    table.add_row("Trades (entries closed)", f"{len(closed_lots(result)):,}")
    table.add_row("Round trips", f"{len(result.trades):,}")
    table.add_row("Entries still open", f"{len(open_lots(result)):,}")
    table.add_row("Entries refused", f"{len(result.refused):,}")
    console.print(table)
    for line in notes(result):
        console.print(Text(line, style="dim"))


def notes(result: BacktestResult) -> list[str]:
    """Return how the run was made: its fills, and on how many bars the rules were asked."""
    seen = result.seen
    asked = f"The rules were asked on {seen.asked:,} of {seen.bars:,} bars"
    why = f": {wording.listed(list(result.every_bar))}" if result.every_bar else ""
    return [f"{asked}{why}.", *result.warnings]


def _chart(result: BacktestResult) -> str:
    bars = result.bars
    name = f"{bars.exchange}:{bars.ticker}" if bars.ticker else "bars"
    return f"{result.request.name} on {name} {bars.timeframe}"


def _span(result: BacktestResult) -> str:
    bars = result.bars
    first, last = bars.opened_at(0), bars.opened_at(len(bars) - 1)
    return f"{len(bars):,} bars, {first:%Y-%m-%d} to {last:%Y-%m-%d}"


def _as_json(result: BacktestResult) -> dict[str, object]:
    bars, settings = result.bars, result.request.settings
    return {
        "bot": result.request.name,
        "chart": f"{bars.exchange}:{bars.ticker}:{bars.timeframe}",
        "bars": len(bars),
        "first_bar": bars.opened_at(0),
        "last_bar": bars.opened_at(len(bars) - 1),
        "fill": settings.fill.value,
        "initial_capital": settings.initial_capital,
        "equity": result.equity,
        "pnl": subtract(result.equity, settings.initial_capital),
        "trades": len(closed_lots(result)),
        "round_trips": len(result.trades),
        "open": len(open_lots(result)),
        "refused": _counted(result),
        "decisions": {reason.value: count for reason, count in result.decisions.items()},
        "asked": result.seen.asked,
        "every_bar": result.every_bar,
        "warnings": result.warnings,
        "issues": [
            {"kind": issue.kind.value, "line": issue.line, "text": issue.text}
            for issue in bars.issues
        ],
    }


def _counted(result: BacktestResult) -> dict[str, int]:
    counts: dict[Reason, int] = {}
    for refused in result.refused:
        reason = refused.finding.reason
        counts[reason] = counts.get(reason, 0) + 1
    return {reason.value: count for reason, count in counts.items()}
