"""`signalman backtest list`, `show`, `compare-runs`, `forget`: results that were kept."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import rich_click as click
from rich.text import Text

from application.ports.backtests import BacktestId, BacktestRow, KeptBacktest
from application.results.comparing import (
    COMPARED_MAX,
    COMPARED_MIN,
    best_of,
    figures_of,
)
from application.results.export import exported, plain
from application.results.metric import Metric
from application.results.metrics import METRICS
from application.results.summary import Summary, summarize
from entrypoints.cli.asking import Parts, ask
from entrypoints.cli.book import limit_option
from entrypoints.cli.failure import Exit, Failure
from entrypoints.cli.report_file import write_report
from entrypoints.cli.result_view import SHORT, show_result, styled
from entrypoints.cli.terminal import (
    Column,
    hint,
    json_option,
    out,
    print_json,
    print_table,
    say,
)

_LISTED = ("total_pnl", "max_drawdown_percent", "trades", "profit_factor", "sharpe")
_id = click.argument("id", type=click.IntRange(min=1))
_report = click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it as one HTML file.",
)


@click.command(name="list")
@limit_option(20)
@json_option
def list_(limit: int, *, as_json: bool) -> None:
    """List the newest results that were kept."""

    async def work(parts: Parts) -> Sequence[BacktestRow]:
        return await parts.backtests().newest(limit)

    rows = ask(work)
    if as_json:
        print_json([_row_json(row) for row in rows])
        return
    if not rows:
        say("No result has been kept yet.")
        hint("signalman backtest run CSV --bot FILE.yaml --save NAME   keeps one")
        return
    print_table(
        (
            Column("id", right=True),
            Column("name"),
            Column("chart"),
            *(Column(SHORT[key], right=True, extra=True) for key in _LISTED),
            Column("bot", extra=True),
            Column("period", extra=True),
            Column("kept (UTC)", extra=True),
        ),
        [_row(row) for row in rows],
    )
    hint(f"signalman backtest show {rows[0].id}   shows one whole")


@click.command()
@_id
@_report
@json_option
def show(id: int, report: Path | None, *, as_json: bool) -> None:
    """Show a result that was kept, with every figure."""
    kept = _kept([id])[0]
    summary = summarize(kept.run)
    if report is not None:
        write_report(report, kept.run, summary)
    if as_json:
        print_json({"id": kept.id, "name": kept.name, **exported(kept.run, summary)})
        return
    out().print(Text(f"{kept.id}  {kept.name}", style="bold"))
    show_result(kept.run, summary, full=True)


@click.command(name="compare-runs")
@click.argument("ids", type=click.IntRange(min=1), nargs=-1, required=True)
@json_option
def compare_runs(ids: tuple[int, ...], *, as_json: bool) -> None:
    """Compare two to four kept results: a row for each figure, the best in bold."""
    if not COMPARED_MIN <= len(ids) <= COMPARED_MAX:
        raise Failure(
            Exit.USAGE,
            f"Two to four results can be compared, {len(ids)} were given.",
            "",
            "signalman backtest list   shows their numbers",
        )
    kept = _kept(ids)
    summaries = [summarize(one.run) for one in kept]
    if as_json:
        print_json(
            [
                {"id": one.id, "name": one.name, "figures": plain(summary.figures)}
                for one, summary in zip(kept, summaries, strict=True)
            ]
        )
        return
    print_table(
        (Column(""), *(Column(f"{one.id} {one.name}", right=True) for one in kept)),
        [
            ("chart", *(f"{one.run.data.chart} {one.run.data.timeframe}" for one in kept)),
            ("from", *(f"{one.run.data.start:%Y-%m-%d}" for one in kept)),
            ("to", *(f"{one.run.data.end:%Y-%m-%d}" for one in kept)),
            *(_compared(metric, kept, summaries) for metric in METRICS),
        ],
    )
    if len({one.run.data.digest for one in kept}) > 1:
        say("! They do not stand on the same bars.", "yellow")


@click.command()
@_id
def forget(id: int) -> None:
    """Remove a result that was kept."""

    async def work(parts: Parts) -> bool:
        return await parts.backtests().forget(BacktestId(id))

    if not ask(work):
        raise _unknown(id)
    say(f"Forgot backtest {id}.")


def _compared(
    metric: Metric, kept: Sequence[KeptBacktest], summaries: Sequence[Summary]
) -> tuple[str | Text, ...]:
    values = [summary.figures[metric.key] for summary in summaries]
    best = best_of(metric, values)
    cells: list[Text] = []
    for place, (one, value) in enumerate(zip(kept, values, strict=True)):
        cell = styled(metric, value, one.run.decimals)
        if place in best:
            cell.stylize("bold underline")
        cells.append(cell)
    return (metric.title, *cells)


def _kept(ids: Sequence[int]) -> list[KeptBacktest]:
    async def work(parts: Parts) -> list[tuple[int, KeptBacktest | None]]:
        store = parts.backtests()
        return [(id, await store.one(BacktestId(id))) for id in ids]

    found: list[KeptBacktest] = []
    for id, one in ask(work):
        if one is None:
            raise _unknown(id)
        found.append(one)
    return found


def _unknown(id: int) -> Failure:
    return Failure(
        Exit.CHECK_FAILED,
        f"There is no backtest {id}.",
        "",
        "signalman backtest list   shows those that were kept",
    )


def _row(row: BacktestRow) -> tuple[str | Text, ...]:
    kept = figures_of(row, _LISTED)
    figures = [styled(metric, value, 2) for metric, value in kept]
    return (
        str(row.id),
        Text(row.name, style="bold"),
        f"{row.chart} {row.timeframe}",
        *figures,
        row.bot,
        f"{row.start:%Y-%m-%d} to {row.end:%Y-%m-%d}",
        f"{row.kept_at:%Y-%m-%d %H:%M}",
    )


def _row_json(row: BacktestRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "kept_at": row.kept_at,
        "bot": row.bot,
        "chart": row.chart,
        "timeframe": row.timeframe,
        "start": row.start,
        "end": row.end,
        "bars": row.bars,
        "currency": row.currency,
        "figures": row.figures,
    }
