"""`signalman backtest fetch`: bars from an exchange, as a chart export."""

from datetime import UTC, datetime
from pathlib import Path

import rich_click as click

from adapters.bars.ccxt_history import fetch_history
from adapters.bars.export_writing import export_name, write_chart_export
from adapters.clock.system import SystemClock
from application.ports.bars import BadHistory, HistoryUnavailable
from domain.timeframe import Timeframe
from entrypoints.cli.backtest_options import Interval, data_cache, issue_lines
from entrypoints.cli.failure import Exit, Failure
from entrypoints.cli.terminal import hint, json_option, out, print_json, say

_DAY = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"])


@click.command()
@click.argument("exchange")
@click.argument("symbol")
@click.argument("interval", type=Interval())
@click.option("--since", required=True, type=_DAY, help="The first day, UTC.")
@click.option("--until", type=_DAY, help="The end, UTC; now if left out.")
@click.option(
    "--out",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Where the file goes.",
)
@json_option
def fetch(  # noqa: PLR0913 - what a command line is given
    *,
    exchange: str,
    symbol: str,
    interval: Timeframe,
    since: datetime,
    until: datetime | None,
    folder: Path,
    as_json: bool,
) -> None:
    """Get the bars of SYMBOL (BTC/USDT) at EXCHANGE (a CCXT id), of INTERVAL (4h).

    Bars that have not closed are left out. The file is what the other commands read.
    """
    end = (until or SystemClock().now()).replace(tzinfo=UTC)
    try:
        bars = fetch_history(exchange, symbol, interval, (since.replace(tzinfo=UTC), end))
    except BadHistory as error:
        raise Failure(Exit.USAGE, "There are no such bars.", str(error)) from None
    except HistoryUnavailable as error:
        raise Failure(
            Exit.NETWORK,
            f"{exchange} did not answer.",
            str(error),
            "Try again, or export the chart from TradingView.",
        ) from None
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / export_name(bars)
    path.write_text(write_chart_export(bars), encoding="utf-8")
    data_cache().of_file(path, lambda: bars)
    if as_json:
        print_json({"file": str(path), "bars": len(bars)})
        return
    for line in issue_lines(bars):
        say(f"! {line}", "yellow")
    out().print(f"{len(bars):,} bars of {symbol} {interval}")
    hint(f'signalman backtest run "{path}" --bot FILE.yaml')
