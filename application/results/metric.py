"""A figure of a result: its name, what it means, and how it is written."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from typing import TypeAlias

from application import wording

Value: TypeAlias = Decimal | float | int | timedelta | None


class Kind(Enum):
    """What a figure is, which says how it is written."""

    GAIN = "gain"
    """Money with its sign."""
    MONEY = "money"
    PERCENT = "percent"
    """A fraction, written as a percentage."""
    GROWTH = "growth"
    """A fraction with its sign, written as a percentage."""
    RATIO = "ratio"
    COUNT = "count"
    BARS = "bars"
    SPAN = "span"


class Section(Enum):
    """Where a figure stands; in the order of TradingView's strategy report."""

    HEADLINE = "Headline"
    PERFORMANCE = "Performance"
    TRADES = "Trades"
    RISK = "Risk and return"
    EXCURSIONS = "Within the trades"


class Better(Enum):
    """Which of two values a trader would rather have."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A figure and its words. ``formula`` is in the glossary's terms."""

    key: str
    """Stable: JSON, stored results and comparisons know the figure by it."""
    title: str
    kind: Kind
    section: Section
    formula: str
    meaning: str
    nothing: str
    """When there is none."""
    source: str
    better: Better = Better.NEITHER


def shown(kind: Kind, value: Value, decimals: int = 2) -> str:
    """Return a figure for people; an en dash where there is none.

    ``decimals`` are those of money.
    """
    if value is None:
        return wording.NOTHING
    if isinstance(value, timedelta):
        return wording.duration(value)
    if isinstance(value, int):
        return f"{value:,}"
    return _number(kind, Decimal(value), decimals)


def _number(kind: Kind, value: Decimal, decimals: int) -> str:
    match kind:
        case Kind.GAIN | Kind.MONEY:
            return wording.fixed(value, decimals, sign=kind is Kind.GAIN)
        case Kind.PERCENT | Kind.GROWTH:
            return f"{wording.percent(value, sign=kind is Kind.GROWTH)} %"
        case Kind.BARS:
            return wording.fixed(value, 1)
        case _:
            return wording.fixed(value, 2)
