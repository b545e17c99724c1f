"""An alert's case as a scenario: written, run by what decides, and compared.

Only what led to the same outcome is handed out. What lies outside one bot's own rules
(limits, trading states, the age of an alert) cannot be told as a bot's day, and is said so.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from application.scenario.sayings import day_of, line_of
from domain.instrument import Instrument
from domain.reason_words import plain
from domain.reasons import Reason
from domain.rules import Rules
from domain.signal import Action, Signal
from domain.timeframe import Timeframe

SAID = re.compile(r"\(([\w.]+)\)")
AMOUNTS = re.compile(r"\b(?:enter|exit) ([\d.]+)")


class CannotBeTold(Exception):
    """The case is no bot's day. Says why, for the trader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One alert as a bot took it: what was decided, and how its orders were filled."""

    signal: Signal
    reasons: tuple[Reason, ...]
    """Of the exit rules that fired, then of the signal."""
    quantities: tuple[Decimal, ...]
    """Of its orders, in their order."""
    fills: tuple[tuple[Decimal, Decimal], ...]
    """For each order: how much was held after it, and the average price."""
    settled: bool = True
    """Whether every order was filled at once."""


def scenario(rules: Rules, market: Instrument, episodes: Sequence[Episode]) -> str:
    """Return the last episode's case: the shortest day that leads to it.

    ``episodes`` are a bot's newest alerts, oldest first; the last is the one that is asked
    about.

    Raises:
        CannotBeTold: If no day of the bot's own leads to the same outcome.
    """
    try:
        line = line_of(rules, market)
    except ValueError as error:
        raise CannotBeTold(f"{error}.") from error
    for first in starts(episodes):
        written = attempt(line, episodes[first:], rules.timeframe)
        if written is not None:
            return "\n".join([line, "", *written]) + "\n"
    last = (
        episodes[-1].reasons[-1].value if episodes and episodes[-1].reasons else "nothing"
    )
    raise CannotBeTold(
        f"The alert ended with {last}. A scenario is one bot's day by its own rules;"
        " limits, trading states, the age of an alert and orders that waited lie outside."
    )


def starts(episodes: Sequence[Episode]) -> Iterator[int]:
    """Yield where a day may begin, the latest first: with one alert, or before a trade."""
    last = len(episodes) - 1
    yield from (at for at in (last, last - 1) if at >= 0)
    for at in range(last, -1, -1):
        if Reason.ENTRY_OPENED in episodes[at].reasons:
            yield from (one for one in (at, at - 1) if 0 <= one < last - 1)
    if last > 1:
        yield 0


def attempt(
    line: str, episodes: Sequence[Episode], timeframe: Timeframe | None
) -> list[str] | None:
    """Return the lines of a day, its outcomes as they are decided; None if they differ."""
    day, lines = day_of(line), list[str]()
    bars = _Bars(timeframe, [one.signal.bar_time for one in episodes])
    for one in episodes:
        event = told(one, bars)
        if event is None or not one.settled:
            return None
        outcome = day.told(event)
        if not is_same(outcome, one) or day.fills:
            return None
        lines.append(f"{event} -> {outcome} | {day.held()}")
    return lines


def is_same(outcome: str, episode: Episode) -> bool:
    """Say whether a line came to what was recorded: the same reasons, the same amounts."""
    reasons = SAID.findall(outcome)
    amounts = [Decimal(one) for one in AMOUNTS.findall(outcome)]
    wanted = [one.value for one in episode.reasons]
    return reasons == wanted and amounts == list(episode.quantities)


def told(episode: Episode, bars: "_Bars") -> str | None:
    """Return an alert as a line; None if the notation has no words for it."""
    one = episode.signal
    parts: list[str] = []
    if one.action is not None:
        parts.append(one.action.value)
        side = one.adds_to if one.action is Action.ADD else one.closes
        parts += [side.value] if side is not None else []
    if one.reduces:
        parts.append("reducing")
    if one.rsi is not None:
        parts.append(f"rsi {plain(one.rsi)}")
    for name in ("price", "high", "low"):
        value: Decimal | None = getattr(one, name)
        word = "at" if name == "price" else name
        parts += [f"{word} {plain(value)}"] if value is not None else []
    where = bars.place(one.bar_time)
    if one.price is None or where is None:
        return None
    parts += [where] if where else []
    early = bars.early(one)
    parts += [f"{early} s early"] if early else []
    parts += [f"filled {plain(held)} at {plain(price)}" for held, price in episode.fills]
    return " ".join(parts)


class _Bars:
    """Counts the bars of a day from its first."""

    def __init__(
        self, timeframe: Timeframe | None, times: Sequence[datetime | None]
    ) -> None:
        known = [one for one in times if one is not None]
        self._timeframe = timeframe
        self._first = min(known, default=None)
        self._last = -1

    def place(self, bar: datetime | None) -> str | None:
        """Return the words for a bar: none for the next one; None if there are none."""
        if bar is None:
            return "no bar"
        if self._timeframe is None or self._first is None:
            return None
        number = self._timeframe.bars_between(self._first, bar)
        expected, same = self._last + 1, self._last
        self._last = number
        if number == expected:
            return ""
        return "same bar" if number == same else f"bar {number}"

    def early(self, signal: Signal) -> int:
        """Return how many seconds before the close of its bar an alert was sent."""
        if signal.bar_time is None or signal.sent_at is None or self._timeframe is None:
            return 0
        closes = self._timeframe.close_of(signal.bar_time)
        return max(0, round((closes - signal.sent_at).total_seconds()))
