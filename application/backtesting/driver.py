"""From bar to bar on which something may happen: exit rules first, then the signal."""

from collections import Counter
from dataclasses import dataclass, field

from application.backtesting.book import Book
from application.backtesting.feed import Feed
from application.backtesting.filling import Filling, orders_of
from application.backtesting.leaving import Leaving
from domain.decision import Decision, decide
from domain.reasons import Reason
from domain.relevance import Awaited, awaited
from domain.signal import Direction, Signal
from domain.state import BotState

_Standing = tuple[Direction | None, int, bool]
"""The side held, the entries that count, and whether the bot is armed."""


@dataclass(slots=True)
class Driver:
    """Asks the rules bar by bar and carries out what they say."""

    feed: Feed
    book: Book
    filling: Filling
    leaving: Leaving
    asked: int = 0
    known: dict[_Standing, Awaited] = field(default_factory=dict[_Standing, Awaited])
    """What was awaited so far; it depends on nothing but what it is kept under."""
    decisions: Counter[Reason] = field(default_factory=Counter[Reason])

    def drive(self) -> None:
        """Go from bar to bar on which something may happen, exits before signals."""
        known, count, request = self.feed, len(self.feed.bars), self.book.request
        index = known.index
        place = bar = watched = 0
        exits = not self.leaving.search.is_idle
        in_full = not request.skips or bool(request.rules.windows)
        while True:
            ahead, arming = self._next(place, bar)
            found = min(index[ahead], arming)
            arms = found < index[ahead]
            if exits and self.book.side is not None:
                left = self.leaving.by_rule(watched, min(found + 1, count))
                if left is not None:
                    bar = watched = left
                    place = known.from_bar(left)
                    continue
                watched = min(found + 1, count)
            if found >= count:
                return
            whole = arms or in_full
            self._ask(known.signal(found) if whole else known.candidate(ahead))
            bar = watched = found + 1
            place = known.from_bar(bar) if arms else ahead + 1

    def _awaited(self) -> Awaited:
        """Return the readings that may matter as things stand."""
        state = self.book.log.state
        standing = (state.side, state.entries, state.memory.armed)
        waits = self.known.get(standing)
        if waits is None:
            waits = self.known[standing] = awaited(state, self.book.request.rules)
        return waits

    def _decided(self, signal: Signal) -> Decision:
        """Ask the rules, and let the bot remember what they remembered."""
        log = self.book.log
        state = log.state
        decision = decide(state, signal, self.book.request.rules)
        log.state = BotState(state.position, state.working, decision.memory)
        return decision

    def _next(self, place: int, bar: int) -> tuple[int, int]:
        """Return the next candidate that may matter, and the next bar that only arms.

        Candidates are counted from ``place``, bars from ``bar``; without either the number
        of all.
        """
        known = self.feed
        if not self.book.request.skips:
            return place, len(known.bars)
        waits = self._awaited()
        if waits.long:
            place = place if waits.short else known.next_long[place]
        else:
            place = known.next_short[place] if waits.short else known.count
        return place, known.next_neutral(bar) if waits.neutral else len(known.bars)

    def _ask(self, signal: Signal) -> None:
        """Ask about one bar."""
        decision = self._decided(signal)
        self.asked += 1
        reason = decision.reason
        if decision.intents:
            bar = signal.alert
            close, after = self.feed.close_and_open_after(bar)
            denied = self.filling.carry_out(orders_of(decision.intents), bar, close, after)
            reason = denied.reason if denied else reason
        self.decisions[reason] += 1
