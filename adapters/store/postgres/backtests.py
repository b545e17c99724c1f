"""Kept backtests in PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.postgres.engine import single_statement
from adapters.store.postgres.tables import backtests
from adapters.store.runs import run_of, run_tree
from application.ports.backtests import BacktestId, BacktestRow, KeptBacktest
from application.ports.configuration import Author
from application.runs import Run

_LISTED = [one for one in backtests.c if one.name not in ("run", "author", "digest")]


@dataclass(frozen=True, slots=True)
class PostgresBacktests:
    """The port ``Backtests``."""

    engine: AsyncEngine

    async def keep(
        self, name: str, run: Run, figures: Mapping[str, str | None], author: Author
    ) -> BacktestId:
        """Keep a run."""
        data = run.data
        statement = insert(backtests).values(
            name=name,
            author=author.name,
            bot=run.bot,
            chart=data.chart,
            timeframe=data.timeframe,
            start_at=data.start,
            end_at=data.end,
            bars=data.bars,
            currency=run.currency,
            digest=data.digest,
            figures=dict(figures),
            run=run_tree(run),
        )
        async with single_statement(self.engine) as connection:
            made = await connection.execute(statement.returning(backtests.c.id))
            return BacktestId(made.scalar_one())

    async def newest(self, limit: int) -> Sequence[BacktestRow]:
        """Return the newest."""
        query = select(*_LISTED).order_by(backtests.c.id.desc()).limit(limit)
        async with single_statement(self.engine) as connection:
            rows = (await connection.execute(query)).mappings()
            return [
                BacktestRow(
                    id=BacktestId(row["id"]),
                    name=row["name"],
                    kept_at=row["kept_at"],
                    bot=row["bot"],
                    chart=row["chart"],
                    timeframe=row["timeframe"],
                    start=row["start_at"],
                    end=row["end_at"],
                    bars=row["bars"],
                    currency=row["currency"],
                    figures=row["figures"],
                )
                for row in rows
            ]

    async def one(self, id: BacktestId) -> KeptBacktest | None:
        """Return one."""
        query = select(backtests).where(backtests.c.id == id)
        async with single_statement(self.engine) as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        if row is None:
            return None
        return KeptBacktest(
            id=id,
            name=row["name"],
            kept_at=row["kept_at"],
            author=row["author"],
            run=run_of(row["run"]),
        )

    async def forget(self, id: BacktestId) -> bool:
        """Remove one."""
        statement = delete(backtests).where(backtests.c.id == id)
        async with single_statement(self.engine) as connection:
            return bool((await connection.execute(statement)).rowcount)
