"""Backtests that were kept: the list, one of them whole, and up to four side by side."""

from asyncio import to_thread
from collections.abc import Sequence
from importlib.metadata import version
from typing import NamedTuple

from litestar import get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException, ValidationException
from litestar.params import FromPath, FromQuery, SkipValidation
from litestar.response import Response, Template

from adapters.report.html import HtmlReport, parts_of
from adapters.report.tables import Figure, figure
from application.ports.backtests import BacktestId, BacktestRow, Backtests, KeptBacktest
from application.results.comparing import (
    COMPARED_MAX,
    COMPARED_MIN,
    best_of,
    figures_of,
)
from application.results.metric import Metric
from application.results.metrics import METRICS
from application.results.summary import Summary, summarize
from entrypoints.web.pages.frame import Frame

Framed = SkipValidation[NamedDependency[Frame]]
Kept = SkipValidation[NamedDependency[Backtests]]
LISTED, TRADES_SHOWN = 100, 100
COLUMNS = {
    "total_pnl": "P&L",
    "total_return": "Return",
    "max_drawdown_percent": "Drawdown",
    "trades": "Trades",
    "win_rate": "Won",
    "profit_factor": "Profit factor",
    "sharpe": "Sharpe",
}
"""The figures of the list, with words that fit over a column."""


class Line(NamedTuple):
    """A result in the list."""

    row: BacktestRow
    figures: list[Figure]


class Compared(NamedTuple):
    """A figure of several results, and which of them are the best."""

    metric: Metric
    figures: list[Figure]
    best: set[int]


@get("/backtests", include_in_schema=False)
async def kept(frame: Framed, backtests: Kept) -> Template:
    """List what was kept, the newest first."""
    lines = [_line(row) for row in await backtests.newest(LISTED)]
    context = {"frame": frame, "lines": lines, "columns": COLUMNS.values()}
    return Template("backtests.html", context=context)


@get("/backtests/{id:int}", include_in_schema=False)
async def kept_one(frame: Framed, backtests: Kept, id: FromPath[int]) -> Template:
    """Show one result whole."""
    one = await _one(backtests, id)
    parts = await to_thread(_measured, one)
    context = {**parts, "frame": frame, "kept": one, "trades_shown": TRADES_SHOWN}
    return Template("backtest.html", context=context)


@get("/backtests/{id:int}/report", include_in_schema=False)
async def report(backtests: Kept, id: FromPath[int]) -> Response[str]:
    """Give one result as a file that needs nothing else."""
    one = await _one(backtests, id)
    page = await to_thread(
        lambda: HtmlReport(version("signalman"))(one.run, summarize(one.run))
    )
    headers = {"Content-Disposition": f'attachment; filename="backtest-{id}.html"'}
    return Response(page, media_type="text/html; charset=utf-8", headers=headers)


@get("/backtests/compare", include_in_schema=False)
async def compared(frame: Framed, backtests: Kept, id: FromQuery[list[int]]) -> Template:
    """Show two to four results side by side, figure by figure."""
    if not COMPARED_MIN <= len(set(id)) <= COMPARED_MAX:
        raise ValidationException(
            f"Two to four results can be compared, not {len(set(id))}."
        )
    shown = [await _one(backtests, each) for each in sorted(set(id))]
    summaries = await to_thread(lambda: [summarize(one.run) for one in shown])
    lines = [_compared(metric, shown, summaries) for metric in METRICS]
    context = {"frame": frame, "shown": shown, "lines": lines}
    return Template("backtests_compared.html", context=context)


async def _one(backtests: Backtests, id: int) -> KeptBacktest:
    found = await backtests.one(BacktestId(id))
    if found is None:
        raise NotFoundException(f"There is no backtest {id}.")
    return found


def _measured(one: KeptBacktest) -> dict[str, object]:
    return parts_of(one.run, summarize(one.run))


def _line(row: BacktestRow) -> Line:
    return Line(
        row, [figure(metric, value, 2) for metric, value in figures_of(row, tuple(COLUMNS))]
    )


def _compared(
    metric: Metric, shown: Sequence[KeptBacktest], summaries: Sequence[Summary]
) -> Compared:
    values = [summary.figures[metric.key] for summary in summaries]
    figures = [
        figure(metric, value, one.run.decimals)
        for one, value in zip(shown, values, strict=True)
    ]
    return Compared(metric, figures, best_of(metric, values))
