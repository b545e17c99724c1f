"""Scales and their ticks: where a value stands on paper, and what is written beside it."""

import math
from calendar import month_abbr
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MONTHS = tuple(month_abbr)[1:]
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_NICE_DAYS = (1, 2, 7, 14)
_NICE_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)
_MONTH_DAYS = 30.4
_THOUSAND, _MILLION = 1e3, 1e6
_FEW_MONTHS = 2


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: its distance on paper, and its label."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Scale:
    """From values to places: ``low`` is drawn at ``start``, ``high`` at ``stop``."""

    low: float
    high: float
    start: float
    stop: float
    logarithmic: bool = False

    def __call__(self, value: float) -> float:
        """Return where ``value`` stands on paper."""
        low, high, here = self.low, self.high, value
        if self.logarithmic:
            low, high, here = math.log(low), math.log(high), math.log(here)
        share = (here - low) / (high - low) if high > low else 0.5
        return round(self.start + share * (self.stop - self.start), 2)


def value_ticks(scale: Scale, count: int, suffix: str = "") -> list[Tick]:
    """Return about ``count`` round values that lie within the scale."""
    step = _step((scale.high - scale.low) / count)
    first = math.ceil(scale.low / step - 1e-9)
    last = math.floor(scale.high / step + 1e-9)
    values = [number * step for number in range(first, last + 1)]
    if scale.logarithmic:
        values = [value for value in values if value > 0]
    return [Tick(scale(value), f"{_written(value, step)}{suffix}") for value in values]


def time_ticks(scale: Scale, count: int) -> list[Tick]:
    """Return about ``count`` dates that lie within the scale, which is in unix seconds."""
    start = datetime.fromtimestamp(scale.low, UTC)
    end = datetime.fromtimestamp(scale.high, UTC)
    days = (end - start) / timedelta(days=1) / count
    if days <= _NICE_DAYS[-1]:
        dates = _days(start, end, next(step for step in _NICE_DAYS if step >= days))
    else:
        months = days / _MONTH_DAYS
        fitting = (step for step in _NICE_MONTHS if step >= months)
        dates = _months(start, end, next(fitting, _NICE_MONTHS[-1]))
    return [Tick(scale(at.timestamp()), label) for at, label in dates]


def _step(rough: float) -> float:
    """Return the round number that is not below ``rough``."""
    if rough <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * step for step in _STEPS if power * step >= rough * (1 - 1e-9))


def _written(value: float, step: float) -> str:
    size = max(abs(value), step)
    if size >= _MILLION and step >= _MILLION / 100:
        return f"{_trimmed(value / _MILLION)}M".replace("-", "\u2212")
    if size >= 10 * _THOUSAND and step >= _THOUSAND / 10:
        return f"{_trimmed(value / _THOUSAND)}k".replace("-", "\u2212")
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) if step < 1 else 0
    if step == 2.5 * 10 ** math.floor(math.log10(step)) and step < 10:  # noqa: PLR2004
        decimals += 1
    return f"{value:,.{decimals}f}".replace("-", "\u2212")


def _trimmed(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _days(start: datetime, end: datetime, step: int) -> Iterator[tuple[datetime, str]]:
    at = start.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    while at <= end:
        yield at, f"{at.day} {MONTHS[at.month - 1]}"
        at += timedelta(days=step)


def _months(start: datetime, end: datetime, step: int) -> Iterator[tuple[datetime, str]]:
    number = start.year * 12 + start.month
    while number % step:
        number += 1
    while True:
        at = datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)
        if at > end:
            return
        january = at.month == 1
        yield at, str(at.year) if january or step >= 12 else MONTHS[at.month - 1]  # noqa: PLR2004
        number += step
