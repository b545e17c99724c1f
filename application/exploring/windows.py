"""Bars to choose on and bars to test on, and what choosing would have brought."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from application.exploring.explorer import Figures, Outcome, Window
from application.exploring.figures import score
from application.exploring.grid import Grid, Values
from application.exploring.ranking import rank_correlation, trades_of
from domain.money import ZERO, total

TRAIN_PARTS = 3
"""A window of a walk forward has three parts to choose on for each to test on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One window of a walk forward: what was chosen there, and how it went after."""

    train: Window
    test: Window
    chosen: Values
    trained: Figures
    tested: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """A walk forward. ``efficiency`` is P&L a bar when tested over P&L a bar when chosen.

    None where choosing earned nothing. Below about 0.5 the settings were fitted to the
    bars that they were chosen on.

    Source: R. Pardo, "The evaluation and optimization of trading strategies", 2008.
    """

    steps: tuple[Step, ...]
    earned: Decimal
    trades: int
    efficiency: float | None


def windows_of(grid: Grid, bars: int) -> tuple[Window, ...]:
    """Return the windows to run every combination on; the first is what ranks.

    All bars; or those to choose on, then those to test on; then each step of a walk
    forward, its bars to choose on before its bars to test on.
    """
    found = [Window(0, bars)]
    if grid.train is not None:
        border = int(bars * grid.train)
        found = [Window(0, border), Window(border, bars)]
    for train, test in _steps(grid.walk_forward, bars):
        found += [train, test]
    return tuple(found)


def agreement(grid: Grid, outcomes: Sequence[Outcome]) -> float | None:
    """Return how far the order on the bars to test agrees with that on those to choose."""
    pairs = []
    for one in outcomes:
        if one.figures and grid.train is not None:
            train, test = (score(of, grid.rank_by) for of in one.figures[:2])
            if train is not None and test is not None:
                pairs.append((train, test))
    return rank_correlation(pairs)


def walked(grid: Grid, outcomes: Sequence[Outcome], bars: int) -> Forward | None:
    """Return the walk forward: at each step the best of the past, tested on what follows.

    None where none was asked for, or nothing could be chosen.
    """
    first = 1 if grid.train is None else 2
    sound = [one for one in outcomes if one.figures]
    steps: list[Step] = []
    for number, (train, test) in enumerate(_steps(grid.walk_forward, bars)):
        at = first + 2 * number
        scored = [
            (value, one)
            for one in sound
            if (value := score(one.figures[at], grid.rank_by)) is not None
        ]
        if scored:
            _, best = max(scored, key=lambda pair: pair[0])
            trained, tested = best.figures[at], best.figures[at + 1]
            steps.append(
                Step(
                    train=train,
                    test=test,
                    chosen=best.values,
                    trained=trained,
                    tested=tested,
                )
            )
    return _forward(steps) if steps else None


def _forward(steps: Sequence[Step]) -> Forward:
    inside = float(total(_pnl(step.trained) for step in steps))
    outside = total(_pnl(step.tested) for step in steps)
    inside_bars = sum(step.train.stop - step.train.start for step in steps)
    outside_bars = sum(step.test.stop - step.test.start for step in steps)
    efficiency = None
    if inside > 0:
        efficiency = float(outside) / outside_bars / (inside / inside_bars)
    return Forward(
        steps=tuple(steps),
        earned=outside,
        trades=sum(trades_of(step.tested) for step in steps),
        efficiency=efficiency,
    )


def _steps(count: int, bars: int) -> list[tuple[Window, Window]]:
    if not count:
        return []
    part = bars // (count + TRAIN_PARTS)
    start = bars - part * (count + TRAIN_PARTS)
    found = []
    for number in range(count):
        first = start + number * part
        border = first + TRAIN_PARTS * part
        found.append((Window(first, border), Window(border, border + part)))
    return found


def _pnl(figures: Figures) -> Decimal:
    earned = figures["total_pnl"]
    return earned if isinstance(earned, Decimal) else ZERO
