"""A finished sweep, or what was done of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.exploring.explorer import Explorer, Outcome
from application.exploring.figures import FIGURES
from application.exploring.grid import Grid
from application.exploring.heat import Heat, heat
from application.exploring.ranking import Ranked, ranked
from application.exploring.windows import Forward, agreement, walked
from application.ports.bars import Bars


@dataclass(frozen=True, slots=True, kw_only=True)
class Explored:
    """Everything that is told of a sweep."""

    bot: str
    chart: str
    timeframe: str
    currency: str
    grid: Grid
    bars: Bars
    outcomes: tuple[Outcome, ...]
    ranked: tuple[Ranked, ...]
    heat: Heat | None
    agreement: float | None
    """How far the order on the bars to test is that on the bars to choose."""
    forward: Forward | None
    figures: tuple[str, ...] = FIGURES

    @property
    def is_whole(self) -> bool:
        """Say whether every combination was run."""
        return len(self.outcomes) == self.grid.size


def explored(
    explorer: Explorer, grid: Grid, outcomes: Sequence[Outcome], currency: str
) -> Explored:
    """Judge what was run, in whatever order it came."""
    bars = explorer.bars
    ordered = tuple(sorted(outcomes, key=lambda one: one.number))
    ranks = tuple(ranked(grid, ordered))
    return Explored(
        bot=explorer.bot,
        chart=":".join(name for name in (bars.exchange, bars.ticker) if name) or "bars",
        timeframe=str(bars.timeframe),
        currency=currency,
        grid=grid,
        bars=bars,
        outcomes=ordered,
        ranked=ranks,
        heat=heat(grid, ranks) if ranks else None,
        agreement=agreement(grid, ordered),
        forward=walked(grid, ordered, len(bars)),
    )
