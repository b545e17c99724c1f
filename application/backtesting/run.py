"""The backtest: history's bars through the same decision, sizing, fills and book as live.

=========  ============================  =============================================
 a bar      NEXT_OPEN (TradingView)       CLOSE (a paper account)
=========  ============================  =============================================
 opens      fills what the bar before
            called for
 trades     exit rules, along its path
 closes     ``decide``; sized now         exit rules; ``decide``; sized and filled
=========  ============================  =============================================

``decide`` is asked only on bars where it may act: ``domain.relevance`` says which readings
those are, and ``candidates`` finds the bars that have them. Exit rules are looked at only
on bars that touched one of their levels.
"""

import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from application.backtesting.book import Book, When
from application.backtesting.exit_search import ExitSearch
from application.backtesting.feed import Feed, feed
from application.backtesting.request import BacktestRequest, FillMode
from application.backtesting.result import BacktestResult, Moment, Refused, Seen
from application.ports.bars import Bars
from application.ports.indicator import Indicators
from domain.decision import Decision, Enter, Exit, decide
from domain.exits import ExitDue, exit_due, prices_of
from domain.fills import fill_price
from domain.intrabar import through
from domain.money import EXACT, ZERO
from domain.reasons import Finding, Reason
from domain.relevance import Awaited, awaited, is_foregone
from domain.signal import Direction, Signal
from domain.sizing import Budget, needs_equity, size_entry
from domain.state import BotState

if TYPE_CHECKING:
    from application.backtesting.metering import Meter


def run(request: BacktestRequest, bars: Bars, indicators: Indicators) -> BacktestResult:
    """Return what the bot would have done on these bars."""
    known = feed(bars, request.rules, indicators, skip=request.skips)
    return run_feed(request, known)


def run_feed(request: BacktestRequest, known: Feed) -> BacktestResult:
    """Return the run over bars that have been gathered already."""
    bars, rules = known.bars, request.rules
    search = ExitSearch(bars, rules.exits, request.instrument, bars.timeframe)
    book = Book(request, request.settings.initial_capital)
    foregone = request.skips and is_foregone(rules, apart=known.bars_are_apart())
    meter = _meter(request, book, bars) if request.is_limited else None
    driver = _Driver(
        request, known, search, book, needs_equity(rules.sizing), foregone, meter
    )
    with collector_paused():
        driver.drive()
    return BacktestResult(
        request=request,
        bars=bars,
        executions=tuple(book.executions),
        trades=tuple(book.trades),
        position=book.state.position,
        balance=book.balance,
        refused=tuple(book.refused),
        decisions=driver.decisions,
        seen=Seen(len(bars), driver.asked),
        every_bar=request.every_bar,
        warnings=_warnings(book, meter),
    )


def _meter(request: BacktestRequest, book: Book, bars: Bars) -> "Meter":
    from application.backtesting.metering import Meter  # noqa: PLC0415 - half of a start

    return Meter(book, bars, request.day_start)


def _warnings(book: Book, meter: "Meter | None") -> tuple[str, ...]:
    found: list[str] = []
    if book.refused:
        counts = Counter(one.finding.reason.value for one in book.refused)
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in counts.items())
        found.append(f"Entries that were refused: {reasons}.")
    if meter is not None and meter.braked is not None:
        at = f"{meter.braked:%Y-%m-%d %H:%M}"
        found.append(
            f"A brake fired at {at}: live an operator resumes, here no entry passed since."
        )
    return tuple(found)


_After = tuple[int, int]
"""The open of the bar after, in its columns' units, and its time."""

_Said = tuple[Direction | None, int, bool]
"""The side held, the entries that count, and whether a bar says LONG."""

_Standing = tuple[Direction | None, int, bool]
"""The side held, the entries that count, and whether the bot is armed."""


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep the cyclic collector from looking at what has no cycles, for a while."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@dataclass(slots=True)
class _Driver:
    """Asks the rules bar by bar and carries out what they say."""

    request: BacktestRequest
    feed: Feed
    search: ExitSearch
    book: Book
    equity_counts: bool
    foregone: bool
    """Whether a standing and what a bar says are all that a decision depends on."""
    meter: "Meter | None"
    """What measures entries against limits; None without any."""
    asked: int = 0
    known: dict[_Standing, Awaited] = field(default_factory=dict[_Standing, Awaited])
    """What was awaited so far; it depends on nothing but what it is kept under."""
    answers: dict[_Said, Decision] = field(default_factory=dict[_Said, Decision])
    """What was decided so far, where decisions are foregone."""
    closed_with: tuple[int, Decimal] | None = None
    """The bar whose close called for leaving at the next open, and the equity it saw."""
    decisions: Counter[Reason] = field(default_factory=Counter[Reason])

    def drive(self) -> None:
        """Go from bar to bar on which something may happen, exits before signals."""
        known, count = self.feed, len(self.feed.bars)
        index, last = known.index, len(known.index)
        place = bar = watched = 0
        exits = not self.search.is_idle
        in_full = not self.request.skips or bool(self.request.rules.windows)
        while True:
            ahead, arming = self._next(place, bar)
            found = index[ahead] if ahead < last else count
            arms = arming < found
            found = arming if arms else found
            if exits and self.book.state.position.lots:
                left = self._leave_by_rule(watched, min(found + 1, count))
                if left is not None:
                    bar = watched = left
                    place = known.from_bar(left)
                    continue
                watched = min(found + 1, count)
            if found >= count:
                return
            if arms or in_full:
                self._ask(known.signal(found), known.after(found))
            else:
                after = (known.opens_after[ahead], known.times_after[ahead])
                self._ask(known.candidate(ahead), after, long=bool(known.is_long[ahead]))
            bar = watched = found + 1
            place = known.from_bar(bar) if arms else ahead + 1

    def _next(self, place: int, bar: int) -> tuple[int, int]:
        """Return the next candidate that may matter, and the next bar that only arms.

        Candidates are counted from ``place``, bars from ``bar``; without either the number
        of all.
        """
        known = self.feed
        if not self.request.skips:
            return place, len(known.bars)
        waits = self._awaited()
        if waits.long:
            place = place if waits.short else known.next_long[place]
        else:
            place = known.next_short[place] if waits.short else len(known.index)
        return place, known.next_neutral(bar) if waits.neutral else len(known.bars)

    def _awaited(self) -> Awaited:
        state = self.book.state
        standing = (state.side, state.entries, state.memory.armed)
        waits = self.known.get(standing)
        if waits is None:
            waits = self.known[standing] = awaited(state, self.request.rules)
        return waits

    def _leave_by_rule(self, start: int, stop: int) -> int | None:
        """Leave on the first of start..stop on which an exit rule fires; None if none."""
        search, book = self.search, self.book
        first_bar = book.state.position.first_bar
        up = search.bars_up(first_bar, start, stop)
        while start < stop:
            touched = search.touched(book.state.position, start, min(up + 1, stop))
            bar = min(touched, up)
            moved = search.seen(book.state.position, start, bar)
            book.state = book.state._replace(position=moved)
            if bar < stop and self._left(bar, bars_up=bar == up):
                return bar
            start = bar + 1
        return None

    def _left(self, bar: int, *, bars_up: bool) -> bool:
        """Leave on this very bar if an exit rule fires on it."""
        if self.request.settings.fill is FillMode.CLOSE:
            return self._left_at_close(bar, bars_up=bars_up)
        book, bars, rules = self.book, self.feed.bars, self.request.rules
        inside = through(
            book.state.position, rules.exits, bars.ohlc(bar), self.request.instrument
        )
        book.state = book.state._replace(position=inside.position)
        if inside.due is not None:
            market = inside.due.level or ZERO
            when = When(bar, bars.opened_at(bar), Moment.INSIDE)
            book.leave(book.rule_price(inside.due, market), when, inside.due.reason)
            return True
        if bars_up and bar + 1 < len(bars):
            when = When(bar + 1, bars.opened_at(bar + 1), Moment.OPEN)
            market = bars.price(bars.opens[bar + 1].item())
            self.closed_with = (bar, book.equity(bars.price(bars.closes[bar].item())))
            book.leave(book.exit_price(market), when, Reason.EXIT_MAX_BARS)
            return True
        return False

    def _left_at_close(self, bar: int, *, bars_up: bool) -> bool:
        book, rules, bars = self.book, self.request.rules, self.feed.bars
        signal = self.feed.signal(bar)
        prices = prices_of(signal, book.state.memory.entry_bar, rules.timeframe)
        if prices is None:
            return False
        position = book.state.position.seen(prices.high, prices.low)
        book.state = book.state._replace(position=position)
        due = exit_due(position, rules.exits, prices, self.request.instrument)
        if due is None and bars_up:
            due = ExitDue(Reason.EXIT_MAX_BARS, None)
        if due is None:
            return False
        when = When(bar, bars.closed_at(bar), Moment.CLOSE)
        book.leave(book.rule_price(due, prices.price), when, due.reason)
        return True

    def _ask(self, signal: Signal, after: _After, *, long: bool | None = None) -> None:
        """Ask about one bar; ``long`` is what a candidate says, None where that is open."""
        request = self.request
        decision = (
            self._decided(signal)
            if long is None or not self.foregone
            else self._answered(signal, long=long)
        )
        self.asked += 1
        reason = decision.reason
        if decision.intents:
            if request.settings.fill is FillMode.CLOSE:
                denied = self._at_close(signal, decision)
            else:
                denied = self._at_next_open(signal, decision, after)
            reason = denied.reason if denied else reason
        self.decisions[reason] += 1

    def _decided(self, signal: Signal) -> Decision:
        book = self.book
        state = book.state
        decision = decide(state, signal, self.request.rules)
        book.state = BotState(state.position, state.working, decision.memory)
        return decision

    def _answered(self, signal: Signal, *, long: bool) -> Decision:
        """Return the decision on what a bar says, asking once for every standing."""
        state = self.book.state
        said = (state.side, state.entries, long)
        known = self.answers.get(said)
        if known is None:
            known = self.answers[said] = self._decided(signal)
        return known

    def _at_close(self, signal: Signal, decision: Decision) -> Finding | None:
        """Fill at the price that was decided on, sizing each entry when its turn comes."""
        book, price, bar = self.book, signal.price or ZERO, int(signal.alert)
        when = When(bar, self.feed.bars.closed_at(bar), Moment.CLOSE)
        denied: Finding | None = None
        for intent in decision.intents:
            if isinstance(intent, Exit):
                book.leave(book.exit_price(price), when, intent.reason)
            elif isinstance(intent, Enter):
                equity = book.equity(price) if self.equity_counts else None
                denied = self._enter(intent, (price, price, equity), when, signal)
        return denied

    def _at_next_open(
        self, signal: Signal, decision: Decision, after: _After
    ) -> Finding | None:
        """Size now, fill at the open of the next bar; nothing fills after the last one."""
        book, bars, price, bar = self.book, self.feed.bars, signal.price, signal.alert + 1
        if bar >= len(bars) or price is None:
            return None
        opened = EXACT.scaleb(Decimal(after[0]), -bars.digits)
        when = When(bar, datetime.fromtimestamp(after[1], UTC), Moment.OPEN)
        equity = self._equity(bar - 1, price) if self.equity_counts else None
        denied: Finding | None = None
        for intent in decision.intents:
            if isinstance(intent, Exit):
                book.leave(book.exit_price(opened), when, intent.reason)
            elif isinstance(intent, Enter):
                denied = self._enter(intent, (price, opened, equity), when, signal)
        return denied

    def _equity(self, bar: int, price: Decimal) -> Decimal:
        """Return equity at a close, before whatever that close called for is done."""
        if self.closed_with is not None and self.closed_with[0] == bar:
            return self.closed_with[1]
        return self.book.equity(price)

    def _enter(
        self,
        intent: Enter,
        worth: tuple[Decimal, Decimal, Decimal | None],
        when: When,
        signal: Signal,
    ) -> Finding | None:
        """Size an entry at the price decided on, and fill it at the market's.

        ``worth`` is the price decided on, the market's, and the equity where it counts.
        Slippage in ticks is TradingView's, which reckons with it when it sizes.
        """
        request, book = self.request, self.book
        price, market, equity = worth
        costs = request.settings.costs
        if costs.slippage_ticks:
            buys = intent.side is Direction.LONG
            price = fill_price(price, request.instrument, costs, buys=buys)
        planned = book.state.memory.planned if intent.number > 1 else ()
        budget = Budget(price, equity, costs.fee_rate, planned)
        sized = size_entry(
            intent.side, intent.number, request.rules, request.instrument, budget
        )
        if not isinstance(sized, Finding) and self.meter is not None:
            decided_at = self.feed.bars.closed_at(signal.alert)
            sized = self.meter.denied(sized, decided_at) or sized
        if isinstance(sized, Finding):
            book.refused.append(Refused(when.bar, sized))
            return sized
        return book.enter(sized, market, when, signal)
