"""`signalman backtest run`: what a bot would have done on a chart export."""

from pathlib import Path
from typing import Any

import rich_click as click

from adapters.indicators.talib import TaLibIndicators
from application.backtesting.result import BacktestResult
from application.backtesting.run import run as run_backtest
from entrypoints.cli.backtest_options import (
    Subject,
    subject,
    subject_options,
)
from entrypoints.cli.backtest_result import Shown, present
from entrypoints.cli.terminal import (
    hint,
    json_option,
)


@click.command()
@subject_options
@click.option(
    "--trades",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the trades as TradingView lists them.",
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the result as one HTML file.",
)
@click.option("--save", metavar="NAME", help="Keep the result, to list and compare it.")
@click.option("--full", is_flag=True, help="Every figure.")
@json_option
def run(*, trades: Path | None, as_json: bool, **given: Any) -> None:
    """Trade the bars of CSV with a bot, and say what came of it."""
    shown = Shown(
        report=given.pop("report"),
        save=given.pop("save"),
        full=given.pop("full"),
        as_json=as_json,
    )
    source = given["csv"].name
    asked = subject(given)
    result = measured(asked)
    if trades is not None:
        from adapters.trade_list.writing import write_trade_list  # noqa: PLC0415 - if asked

        trades.write_text(write_trade_list(result), encoding="utf-8")
    present(result, source, shown)
    if trades is not None and not as_json:
        hint(f"{trades} has every trade")


def measured(asked: Subject) -> BacktestResult:
    """Run the bot on its bars."""
    return run_backtest(asked.request, asked.bars, TaLibIndicators())
