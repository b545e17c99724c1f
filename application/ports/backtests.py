"""Where the results of backtests are kept, to be listed and compared later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NewType, Protocol

from application.ports.configuration import Author
from application.runs import Run

BacktestId = NewType("BacktestId", int)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBacktest:
    """A run as it was kept. Its figures are measured anew from it when they are asked."""

    id: BacktestId
    name: str
    kept_at: datetime
    author: str
    run: Run


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestRow:
    """One line of the list. ``figures`` are headline figures as text, exact."""

    id: BacktestId
    name: str
    kept_at: datetime
    bot: str
    chart: str
    timeframe: str
    start: datetime
    end: datetime
    bars: int
    currency: str
    figures: Mapping[str, str | None]


class Backtests(Protocol):
    """Kept results. They are never changed."""

    async def keep(
        self, name: str, run: Run, figures: Mapping[str, str | None], author: Author
    ) -> BacktestId:
        """Keep a run under a name, which others may have as well."""
        ...

    async def newest(self, limit: int) -> Sequence[BacktestRow]:
        """Return the newest, the last kept first."""
        ...

    async def one(self, id: BacktestId) -> KeptBacktest | None:
        """Return one whole; None when there is none of this number."""
        ...

    async def forget(self, id: BacktestId) -> bool:
        """Remove one; false when there is none of this number."""
        ...
