"""Kept results beside one another: the figures of a list, and which of some is the best."""

from collections.abc import Sequence
from decimal import Decimal

from application.ports.backtests import BacktestRow
from application.results.metric import Better, Kind, Metric, Value
from application.results.metrics import BY_KEY

COMPARED_MIN, COMPARED_MAX = 2, 4
"""How many results can be shown side by side."""


def figures_of(row: BacktestRow, keys: Sequence[str]) -> list[tuple[Metric, Value]]:
    """Return the named figures of a line of the list; None where it has none."""
    return [(BY_KEY[key], _value(BY_KEY[key], row.figures.get(key))) for key in keys]


def best_of(metric: Metric, values: Sequence[Value]) -> set[int]:
    """Return which values are the best; none where there is no better or all are alike."""
    numbers = {
        place: float(value)
        for place, value in enumerate(values)
        if isinstance(value, Decimal | float | int)
    }
    if metric.better is Better.NEITHER or len(set(numbers.values())) < COMPARED_MIN:
        return set()
    pick = max if metric.better is Better.HIGHER else min
    top = pick(numbers.values())
    return {place for place, value in numbers.items() if value == top}


def _value(metric: Metric, text: str | None) -> Value:
    if text is None:
        return None
    return int(text) if metric.kind is Kind.COUNT else Decimal(text)
