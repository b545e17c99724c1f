"""`GET /api/v1/backtests`: results that were kept, listed and one by one."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import SkipValidation

from application.ports.backtests import BacktestId, BacktestRow, Backtests
from application.results.export import exported
from application.results.summary import summarize
from entrypoints.web.parameters import PAGE, Id, Limit

Kept = SkipValidation[NamedDependency[Backtests]]


class BacktestOut(msgspec.Struct, kw_only=True):
    """A kept result: what it stands on, and its headline figures as text."""

    id: int
    name: str
    kept_at: datetime
    bot: str
    chart: str
    timeframe: str
    start: datetime
    end: datetime
    bars: int
    currency: str
    figures: dict[str, str | None]


@get("/backtests")
async def kept_backtests(backtests: Kept, limit: Limit = PAGE) -> list[BacktestOut]:
    """List the results of backtests that were kept, the newest first."""
    return [_out(row) for row in await backtests.newest(limit)]


@get("/backtests/{id:int}")
async def kept_backtest(backtests: Kept, id: Id) -> dict[str, Any]:
    """Return one kept result with every figure, its falls, its months and its trades."""
    kept = await backtests.one(BacktestId(id))
    if kept is None:
        raise NotFoundException(f"There is no backtest {id}.")
    told = exported(kept.run, summarize(kept.run))
    return {"id": kept.id, "name": kept.name, "kept_at": kept.kept_at, **told}


def _out(row: BacktestRow) -> BacktestOut:
    return BacktestOut(
        id=row.id,
        name=row.name,
        kept_at=row.kept_at,
        bot=row.bot,
        chart=row.chart,
        timeframe=row.timeframe,
        start=row.start,
        end=row.end,
        bars=row.bars,
        currency=row.currency,
        figures=dict(row.figures),
    )
