"""The same way from bar to bar where a standing alone tells what will be decided.

``domain.relevance.is_foregone`` says for which rules that is so. ``decide`` is asked once
for each standing and each of the two things a bar can say, and its answer holds whenever
they come again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from application.backtesting.driver import Driver
from application.backtesting.filling import Orders, orders_of
from domain.decision import decide
from domain.reasons import Finding, Reason
from domain.relevance import awaited
from domain.signal import LONG


@dataclass(slots=True)
class _Answer:
    """What ``decide`` said in a standing, and on how many bars it was carried out."""

    reason: Reason
    orders: Orders | None
    """None where nothing is to be done."""
    times: int = 0
    after: "_Standing | None" = None
    """The standing that it leads to when everything is filled, once that is known."""


@dataclass(slots=True)
class _Standing:
    """A side held with so many entries: what it waits for, and what was decided in it.

    ``ahead[k]`` is the first candidate from ``k`` on that it waits for.
    """

    ahead: Sequence[int]
    watches: bool
    """Whether exit rules look at the bars between."""
    long: _Answer | None = None
    short: _Answer | None = None


@dataclass(slots=True)
class Foregone:
    """Drives a run whose decisions are foregone."""

    driver: Driver
    standings: dict[int, _Standing] = field(default_factory=dict[int, _Standing])
    """By the number of entries held, negative for SHORT."""

    def drive(self) -> None:
        """Go from bar to bar on which something may happen, exits before signals."""
        known, leaving, last = self.driver.feed, self.driver.leaving, self.driver.feed.count
        index, is_long, carry_out = (
            known.index,
            known.is_long,
            self.driver.filling.carry_out,
        )
        closes, opens = known.closes, known.opens_after
        standing = self._standing()
        place = since = 0
        while True:
            place = standing.ahead[place]
            if standing.watches:
                left = leaving.between(since, place)
                if left is not None:
                    place = known.from_bar(left)
                    standing = self._standing()
                    continue
            if place >= last:
                return self._count()
            answer = standing.long if is_long[place] else standing.short
            answer = answer or self._ask(standing, place)
            answer.times += 1
            if answer.orders:
                close, opened = closes[place], opens[place]
                denied = carry_out(answer.orders, index[place], close, opened)
                if denied is None and answer.after is not None:
                    standing = answer.after
                else:
                    standing = self._led_to(answer, denied)
            since = place
            place += 1

    def _standing(self) -> _Standing:
        book = self.driver.book
        held = book.entries if book.side is LONG else -book.entries
        return self.standings.get(held) or self._found(held)

    def _found(self, held: int) -> _Standing:
        known, book = self.driver.feed, self.driver.book
        waits = awaited(book.log.of_open_trade(), book.request.rules)
        if waits.long and waits.short:
            ahead: Sequence[int] = range(known.count + 1)
        elif waits.long or waits.short:
            ahead = known.next_long if waits.long else known.next_short
        else:
            ahead = (known.count,) * (known.count + 1)
        watches = bool(held) and not self.driver.leaving.search.is_idle
        standing = self.standings[held] = _Standing(ahead, watches)
        return standing

    def _ask(self, standing: _Standing, place: int) -> _Answer:
        book, signal = self.driver.book, self.driver.feed.candidate(place)
        decision = decide(book.log.of_open_trade(), signal, book.request.rules)
        intents = decision.intents
        answer = _Answer(decision.reason, orders_of(intents) if intents else None)
        if self.driver.feed.is_long[place]:
            standing.long = answer
        else:
            standing.short = answer
        return answer

    def _led_to(self, answer: _Answer, denied: Finding | None) -> _Standing:
        """Return the standing after something was carried out, or denied."""
        standing = self._standing()
        if denied is None:
            answer.after = standing
        else:
            answer.times -= 1
            self.driver.decisions[denied.reason] += 1
        return standing

    def _count(self) -> None:
        """Add up the reasons and the bars that the rules were asked about."""
        driver = self.driver
        for standing in self.standings.values():
            for answer in (standing.long, standing.short):
                if answer is not None and answer.times:
                    driver.decisions[answer.reason] += answer.times
        driver.asked = driver.decisions.total()
