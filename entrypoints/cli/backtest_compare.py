"""`signalman backtest compare`: our trades against TradingView's list, one by one."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import rich_click as click
from rich.text import Text

from adapters.trade_list.reading import read_trade_list
from application.backtesting.comparing import Comparison, Difference, compare
from application.backtesting.listing import listed
from application.ports.trade_list import BadTradeList, ListedTrade
from entrypoints.cli.backtest_options import subject, subject_options
from entrypoints.cli.backtest_run import measured
from entrypoints.cli.failure import Exit, Failure, end
from entrypoints.cli.terminal import (
    NOTHING,
    Column,
    json_option,
    out,
    print_json,
    print_table,
    say,
)

_SHOWN = 30


@click.command(name="compare")
@subject_options
@click.option(
    "--trades",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help='TradingView\'s "List of trades", exported as CSV.',
)
@click.option(
    "--timezone",
    default="UTC",
    show_default=True,
    help="The chart's time zone, for times without an offset.",
)
@click.option("--all", "everything", is_flag=True, help="Show every difference.")
@json_option
def compare_(
    *, trades: Path, timezone: str, everything: bool, as_json: bool, **given: Any
) -> None:
    """Hold the trades of a run against TradingView's list, and say what differs and why.

    Ends with 1 if anything differs.
    """
    theirs = _read(trades, timezone)
    result = measured(subject(given))
    found = compare(theirs, listed(result), result)
    if as_json:
        print_json(_as_json(found))
    else:
        _tell(found, everything=everything)
    if not found.is_equal:
        end(Exit.CHECK_FAILED)


def _read(path: Path, timezone: str) -> tuple[ListedTrade, ...]:
    try:
        return read_trade_list(path, ZoneInfo(timezone))
    except (ZoneInfoNotFoundError, ValueError):
        raise Failure(
            Exit.USAGE,
            f"There is no time zone {timezone}.",
            "A zone is written like UTC, America/New_York or Asia/Tokyo.",
        ) from None
    except BadTradeList as error:
        raise Failure(
            Exit.USAGE,
            "The list of trades cannot be read.",
            str(error),
            'Export it again: TradingView, Strategy Tester, "List of trades".',
        ) from None


def _tell(found: Comparison, *, everything: bool) -> None:
    console = out()
    if found.is_equal:
        text = f"All {found.theirs:,} trades are the same: sides, times, prices, sizes."
        console.print(Text.assemble(("✓ ", "green"), text))
        return
    console.print(
        f"{found.same:,} of {found.theirs:,} trades of the list are the same; "
        f"our run has {found.ours:,}."
    )
    for cause in found.causes:
        console.print(Text.assemble(("→ ", "cyan"), cause))
    shown = found.differences if everything else found.differences[:_SHOWN]
    columns = (
        *(Column("trade", right=True), Column("side"), Column("entered")),
        *(Column("what"), Column("list"), Column("ours"), Column("probably", fold=True)),
    )
    print_table(columns, [_row(one) for one in shown])
    if len(shown) < len(found.differences):
        say(f"{len(found.differences) - len(shown):,} more: --all shows them.", "dim")


def _row(one: Difference) -> list[str]:
    trade = one.theirs or one.ours
    number = str(one.theirs.number) if one.theirs else NOTHING
    side = trade.side.value if trade else NOTHING
    entered = f"{trade.entry_at:%Y-%m-%d %H:%M}" if trade else NOTHING
    theirs, ours = (_value(value) for value in one.values)
    return [number, side, entered, one.what.value, theirs, ours, one.cause]


def _value(value: object) -> str:
    if value is None:
        return NOTHING
    return f"{value:%Y-%m-%d %H:%M}" if hasattr(value, "strftime") else str(value)


def _as_json(found: Comparison) -> dict[str, object]:
    return {
        "equal": found.is_equal,
        "theirs": found.theirs,
        "ours": found.ours,
        "pairs": found.pairs,
        "same": found.same,
        "causes": found.causes,
        "differences": [
            {
                "what": one.what.value,
                "theirs": one.theirs.number if one.theirs else None,
                "ours": one.ours.number if one.ours else None,
                "side": (one.theirs or one.ours).side.value  # type: ignore[union-attr]
                if one.theirs or one.ours
                else None,
                "values": one.values,
                "cause": one.cause,
            }
            for one in found.differences
        ],
    }
