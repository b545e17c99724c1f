"""On which bars a strategy may say something, found in one pass over the columns.

A candidate is a bar on which the strategy, asked, may answer LONG or SHORT; the strategy
itself is what answers. Being too generous costs time, being too strict would lose a trade,
so near a level every bar is a candidate, and its RSI is computed exactly.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from application.ports.bars import FloatColumn, IndexColumn
from application.ports.indicator import NEAR, Indicators
from domain.rsi import rsi_series
from domain.rules import RsiRules, Trigger

Mask: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """RSI at every bar of a history, NaN where there is none, for one length."""

    length: int
    values: FloatColumn


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Indices of bars, ascending: those that may say LONG or SHORT.

    ``is_long`` says of each which of the two.
    """

    bars: IndexColumn
    is_long: Mask


def readings(closes: FloatColumn, rules: RsiRules, indicators: Indicators) -> Readings:
    """Return RSI for every bar, exact wherever it is within ``NEAR`` of a level."""
    values = indicators.rsi(closes, rules.length)
    return sharpened(Readings(rules.length, values), closes, rules)


def sharpened(known: Readings, closes: FloatColumn, rules: RsiRules) -> Readings:
    """Return ``known`` with the domain's own value wherever it is near a level."""
    values, low, high = known.values, rules.oversold, rules.overbought
    outer = np.flatnonzero((values < low + NEAR) | (values > high - NEAR))
    apart = values[outer]
    near = outer[(apart > low - NEAR) & (apart < high + NEAR)]
    if not len(near):
        return known
    exact = exact_rsi(closes[: near[-1] + 1], known.length)
    values = values.copy()
    values[near] = exact[near]
    return Readings(known.length, values)


def exact_rsi(closes: FloatColumn, length: int) -> FloatColumn:
    """Return the domain's RSI, value by value; NaN where it has none."""
    nothing = float("nan")
    values = (
        nothing if value is None else value for value in rsi_series(closes.tolist(), length)
    )
    return np.fromiter(values, np.float64, len(closes))


def candidates(values: FloatColumn, rules: RsiRules) -> Candidates:
    """Return the bars whose RSI may trigger; ``values`` are sharpened for ``rules``."""
    long, short = _MASKS[rules.trigger](values, rules)
    found = np.flatnonzero(long | short)
    return Candidates(found, long[found])


def neutral_bars(values: FloatColumn, rules: RsiRules) -> IndexColumn:
    """Return the bars whose RSI lies between the levels: what arms a bot again."""
    return np.flatnonzero((values > rules.oversold) & (values < rules.overbought))


def _level(values: FloatColumn, rules: RsiRules) -> tuple[Mask, Mask]:
    return values <= rules.oversold, values >= rules.overbought


def _into(values: FloatColumn, rules: RsiRules) -> tuple[Mask, Mask]:
    low, high = _level(values, rules)
    before = values[:-1]
    low[1:] &= before > rules.oversold
    high[1:] &= before < rules.overbought
    low[:1] = high[:1] = False
    return low, high


def _out(values: FloatColumn, rules: RsiRules) -> tuple[Mask, Mask]:
    up, down = values > rules.oversold, values < rules.overbought
    before = values[:-1]
    up[1:] &= before <= rules.oversold
    down[1:] &= before >= rules.overbought
    up[:1] = down[:1] = False
    return up, down


_MASKS: Mapping[Trigger, Callable[[FloatColumn, RsiRules], tuple[Mask, Mask]]] = (
    MappingProxyType(
        {Trigger.LEVEL: _level, Trigger.CROSS_INTO: _into, Trigger.CROSS_OUT: _out}
    )
)
