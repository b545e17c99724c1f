"""Kept backtests in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from application.ports.backtests import BacktestId, BacktestRow, KeptBacktest
from application.ports.clock import Clock
from application.ports.configuration import Author
from application.runs import Run


@dataclass(slots=True)
class MemoryBacktests:
    """The port ``Backtests``."""

    clock: Clock
    _kept: dict[BacktestId, tuple[KeptBacktest, BacktestRow]] = field(
        default_factory=dict[BacktestId, tuple[KeptBacktest, BacktestRow]]
    )
    _last: int = 0

    async def keep(
        self, name: str, run: Run, figures: Mapping[str, str | None], author: Author
    ) -> BacktestId:
        """Keep a run."""
        self._last += 1
        id, now = BacktestId(self._last), self.clock.now()
        kept = KeptBacktest(id=id, name=name, kept_at=now, author=author.name, run=run)
        row = BacktestRow(
            id=id,
            name=name,
            kept_at=now,
            bot=run.bot,
            chart=run.data.chart,
            timeframe=run.data.timeframe,
            start=run.data.start,
            end=run.data.end,
            bars=run.data.bars,
            currency=run.currency,
            figures=figures,
        )
        self._kept[id] = (kept, row)
        return id

    async def newest(self, limit: int) -> Sequence[BacktestRow]:
        """Return the newest."""
        return [row for _, row in reversed(self._kept.values())][:limit]

    async def one(self, id: BacktestId) -> KeptBacktest | None:
        """Return one."""
        found = self._kept.get(id)
        return None if found is None else found[0]

    async def forget(self, id: BacktestId) -> bool:
        """Remove one."""
        return self._kept.pop(id, None) is not None
