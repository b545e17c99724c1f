"""Which combinations were good, and whether their neighbors were good as well."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from application.exploring.explorer import Figures, Outcome
from application.exploring.figures import score
from application.exploring.grid import Axis, Grid, Values

_TOP = 4
"""Only the best quarter can be a peak."""

_PAIRS_MIN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A combination in its rank."""

    rank: int
    outcome: Outcome
    score: float | None
    neighbors: float | None
    """The middle score of those that differ by one step on one axis."""
    lonely: bool
    """Among the best, while its neighbors are worse than the middle of the grid."""
    few_trades: bool

    @property
    def figures(self) -> Figures:
        """Return the figures that it was ranked by."""
        return self.outcome.figures[0]


def ranked(grid: Grid, outcomes: Iterable[Outcome]) -> list[Ranked]:
    """Rank by the first window, the best first.

    Those of fewer trades than the grid asks for come after all others, and those without a
    score last. Combinations that could not be run are left out.
    """
    sound = [one for one in outcomes if one.figures]
    scores = {one.values: score(one.figures[0], grid.rank_by) for one in sound}
    few = {one.values: trades_of(one.figures[0]) < grid.min_trades for one in sound}
    order = sorted(sound, key=lambda one: _place(scores[one.values], few[one.values]))
    known = [value for value in scores.values() if value is not None]
    middle = median(known) if known else None
    top = max(1, len(order) // _TOP)
    around = {one.values: _around(grid.axes, one.values, scores) for one in order}
    return [
        Ranked(
            rank=rank,
            outcome=one,
            score=scores[one.values],
            neighbors=around[one.values],
            lonely=rank <= top
            and _is_lonely(scores[one.values], around[one.values], middle),
            few_trades=few[one.values],
        )
        for rank, one in enumerate(order, 1)
    ]


def neighbors(axes: Sequence[Axis], values: Values) -> list[Values]:
    """Return the combinations that differ by one step on one axis."""
    found: list[Values] = []
    for index, axis in enumerate(axes):
        at = axis.values.index(values[index])
        near = [
            axis.values[step] for step in (at - 1, at + 1) if 0 <= step < len(axis.values)
        ]
        found += [(*values[:index], one, *values[index + 1 :]) for one in near]
    return found


def rank_correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Return how far two orders agree: 1 the same, 0 unrelated, -1 reversed.

    None below three pairs, and where one side is all the same.

    Source: C. Spearman, "The proof and measurement of association between two things",
    1904; ties take the mean of their ranks.
    """
    if len(pairs) < _PAIRS_MIN:
        return None
    first, second = (_ranks([pair[side] for pair in pairs]) for side in (0, 1))
    middle = (len(pairs) + 1) / 2
    apart = [(one - middle, two - middle) for one, two in zip(first, second, strict=True)]
    size = math.sqrt(
        math.fsum(one * one for one, _ in apart) * math.fsum(two * two for _, two in apart)
    )
    return math.fsum(one * two for one, two in apart) / size if size else None


def trades_of(figures: Figures) -> int:
    """Return the number of trades."""
    trades = figures["trades"]
    return trades if isinstance(trades, int) else 0


def _place(value: float | None, few: bool) -> tuple[bool, bool, float]:  # noqa: FBT001 - a sort key
    return value is None, few, 0.0 if value is None else -value


def _around(
    axes: Sequence[Axis], values: Values, scores: Mapping[Values, float | None]
) -> float | None:
    near = [scores.get(one) for one in neighbors(axes, values)]
    known = [one for one in near if one is not None]
    return median(known) if known else None


def _is_lonely(value: float | None, around: float | None, middle: float | None) -> bool:
    if value is None or around is None or middle is None:
        return False
    return around < middle < value


def _ranks(values: Sequence[float]) -> list[float]:
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        stop = start
        while stop < len(order) and values[order[stop]] == values[order[start]]:
            stop += 1
        for place in order[start:stop]:
            ranks[place] = (start + stop + 1) / 2
        start = stop
    return ranks
