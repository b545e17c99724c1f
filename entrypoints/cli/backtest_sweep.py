"""`signalman backtest sweep`: many settings on the same bars, on all cores."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rich_click as click
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from adapters.configuration.yaml_file import read_yaml
from adapters.indicators.talib import TaLibIndicators
from adapters.processes.pool import ProcessPool, cores
from application.backtesting.preparing import CannotPrepare, Wanted, prepare
from application.backtesting.request import FillMode
from application.configuration.tree import Source
from application.exploring.explored import Explored, explored
from application.exploring.explorer import Explorer, Outcome
from application.exploring.grid import Grid, GridInvalid, read_grid
from application.exploring.windows import windows_of
from entrypoints.cli.backtest_options import Number, known_listings, read_bars
from entrypoints.cli.failure import Exit, Failure
from entrypoints.cli.sweep_view import show_sweep, sweep_json
from entrypoints.cli.terminal import err, hint, json_option, print_json, say

_NUMBER = Number()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """How the result is to be shown."""

    top: int
    report: Path | None
    as_json: bool


@click.command()
@click.argument("csv", type=click.Path(path_type=Path))
@click.option(
    "--grid",
    "grid_file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The settings to try: axes with their values.",
)
@click.option(
    "--bot",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The bot's configuration, where the grid names none.",
)
@click.option("--name", help="Which bot of the file, if it has several.")
@click.option(
    "--fill",
    type=click.Choice([mode.value for mode in FillMode]),
    default=FillMode.NEXT_OPEN.value,
    show_default=True,
    help="Fill at the next bar's open as TradingView, or at the close as paper.",
)
@click.option("--capital", type=_NUMBER, help="Money to begin with.")
@click.option("--fee-rate", type=_NUMBER, help="Fee as a fraction, 0.001 is 0.1 %.")
@click.option("--slippage-ticks", type=_NUMBER, help="Ticks lost at every fill.")
@click.option(
    "--processes",
    type=click.IntRange(min=0),
    default=0,
    help="How many to use; every core if unset.",
)
@click.option("--top", type=click.IntRange(min=1), default=15, help="How many to show.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write everything as one HTML file.",
)
@json_option
def sweep(csv: Path, grid_file: Path, processes: int, **given: Any) -> None:
    """Run every combination of a grid on the bars of CSV, and rank them.

    Ctrl-C ends it early and shows what was done by then.
    """
    shown = _Shown(
        top=given.pop("top"), report=given.pop("report"), as_json=given.pop("as_json")
    )
    grid = _grid(grid_file)
    explorer, currency = _explorer(csv, grid, grid_file, given)
    outcomes = _run(explorer, grid, processes)
    found = explored(explorer, grid, outcomes, currency)
    if shown.report is not None:
        _write(shown.report, found)
    if shown.as_json:
        print_json(sweep_json(found))
        return
    show_sweep(found, shown.top)
    if shown.report is not None:
        hint(f"{shown.report} has every rank, the heat map and the tests")


def _explorer(
    csv: Path, grid: Grid, grid_file: Path, given: dict[str, Any]
) -> tuple[Explorer, str]:
    file: Path | None = given["file"]
    if file is None and grid.bot is not None:
        file = grid_file.parent / grid.bot
    if file is None or not file.is_file():
        raise Failure(
            Exit.USAGE,
            "There is no bot to sweep." if file is None else f"There is no file {file}.",
            "",
            "Name its file in the grid (bot: my-bots.yaml) or with --bot.",
        )
    wanted = Wanted(
        bot=given["name"],
        fill=FillMode(given["fill"]),
        capital=given["capital"] or None,
        fee_rate=given["fee_rate"],
        slippage_ticks=given["slippage_ticks"],
    )
    bars, source = read_bars(csv, None), read_yaml(file.read_text(encoding="utf-8"))
    listings = known_listings()
    try:
        request = prepare(source, listings, bars, wanted)
    except CannotPrepare as error:
        raise Failure(
            Exit.CONFIGURATION, f"{file.name} cannot be run on these bars.", str(error)
        ) from None
    explorer = Explorer(
        bars=bars,
        source=Source(source.tree),
        bot=request.name,
        wanted=wanted,
        axes=grid.axes,
        windows=windows_of(grid, len(bars)),
        listings=listings,
        indicators=TaLibIndicators(),
    )
    return explorer, request.instrument.settle


def _grid(path: Path) -> Grid:
    try:
        return read_grid(read_yaml(path.read_text(encoding="utf-8")))
    except (GridInvalid, UnicodeDecodeError) as error:
        raise Failure(
            Exit.CONFIGURATION, f"{path.name} is not a usable grid.", str(error)
        ) from None


def _run(explorer: Explorer, grid: Grid, processes: int) -> list[Outcome]:
    explorer.warm()
    done: list[Outcome] = []
    work = ProcessPool(processes)(explorer, list(enumerate(grid.combinations())))
    with _progress(grid.size, processes or cores()) as advance, _interruptible():
        try:
            for outcome in work:
                done.append(outcome)
                advance()
        except KeyboardInterrupt:
            say(f"Ended after {len(done):,} of {grid.size:,} combinations.", "yellow")
        finally:
            work.close()
    return done


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C interrupt even where whoever started us ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _progress(size: int, processes: int) -> Iterator[Any]:
    console = err()
    columns = (
        TextColumn(f"{size:,} combinations on {processes} cores"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=size)
        yield lambda: progress.advance(task)


def _write(path: Path, found: Explored) -> None:
    from importlib.metadata import version  # noqa: PLC0415 - only for a report

    from adapters.report.sweep_html import SweepReport  # noqa: PLC0415 - the same

    path.write_text(SweepReport(version("signalman"))(found), encoding="utf-8")
