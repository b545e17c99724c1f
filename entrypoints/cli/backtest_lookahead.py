"""`signalman backtest check-lookahead`: no decision may know the future."""

from typing import Any

import rich_click as click
from rich.text import Text

from adapters.indicators.talib import TaLibIndicators
from application.backtesting.lookahead import CUTS, Lookahead
from application.backtesting.lookahead import check_lookahead as check
from entrypoints.cli.backtest_options import Subject, subject, subject_options
from entrypoints.cli.failure import Exit, end
from entrypoints.cli.terminal import json_option, out, print_json


@click.command(name="check-lookahead")
@subject_options
@click.option(
    "--cuts",
    type=click.IntRange(1, 10_000),
    default=CUTS,
    show_default=True,
    help="At how many places the future is cut off.",
)
@json_option
def check_lookahead(*, cuts: int, as_json: bool, **given: Any) -> None:
    """Cut the future off at many places: nothing before a cut may change.

    Says as well for how many bars RSI depends on where the history begins. Ends with 1 if
    a decision knew the future.
    """
    asked = subject(given)
    found = check(asked.request, asked.bars, TaLibIndicators(), cuts)
    if as_json:
        print_json(_as_json(found))
    else:
        _tell(found, asked)
    if not found.is_clean:
        end(Exit.CHECK_FAILED)


def _tell(found: Lookahead, asked: Subject) -> None:
    console, bars = out(), asked.bars
    if found.is_clean:
        console.print(
            Text.assemble(
                ("✓ ", "green"),
                f"No decision knows the future: {len(found.cuts):,} runs that end earlier "
                f"did the same until then ({found.executions:,} fills).",
            )
        )
    for wrong in found.contradictions:
        cut, bar = bars.opened_at(wrong.cut - 1), bars.opened_at(wrong.bar - 1)
        console.print(
            Text.assemble(
                ("✗ ", "bold red"),
                f"A run that ends at {cut:%Y-%m-%d %H:%M} differs at {bar:%Y-%m-%d %H:%M}.",
            )
        )
    length = asked.request.rules.rsi.length
    for one in found.warm_up:
        console.print(
            f"RSI({length}) of a history that begins {one.skipped} bars later: within 0.01 "
            f"{_after(one.settled)}, the same zones {_after(one.decided)}."
        )
    if found.bars_to_settle is not None:
        console.print(
            f"So give a bot at least {found.bars_to_settle} bars before its first signal "
            "counts.",
            style="dim",
        )


def _after(bars: int | None) -> str:
    return "never" if bars is None else f"after {bars} bars"


def _as_json(found: Lookahead) -> dict[str, object]:
    return {
        "clean": found.is_clean,
        "cuts": len(found.cuts),
        "fills": found.executions,
        "contradictions": [one._asdict() for one in found.contradictions],
        "warm_up": [one._asdict() for one in found.warm_up],
        "bars_to_settle": found.bars_to_settle,
    }
