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

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

from application.backtesting.book import Book, When
from application.backtesting.exit_search import ExitSearch
from application.backtesting.feed import Feed, feed
from application.backtesting.request import BacktestRequest, FillMode
from application.backtesting.result import BacktestResult, Moment, Refused, Seen
from application.ports.bars import Bars
from application.ports.indicator import Indicators
from domain.decision import Decision, Enter, Exit, decide
from domain.exits import ExitDue, exit_due, prices_of
from domain.intrabar import through
from domain.money import ZERO
from domain.reasons import Finding, Reason
from domain.relevance import awaited
from domain.signal import Signal
from domain.sizing import Budget, Sized, size_entry


def run(request: BacktestRequest, bars: Bars, indicators: Indicators) -> BacktestResult:
    """Return what the bot would have done on these bars."""
    known = feed(bars, request.rules, indicators, skip=request.skips)
    return run_feed(request, known)


def run_feed(request: BacktestRequest, known: Feed) -> BacktestResult:
    """Return the run over bars that have been gathered already."""
    bars, rules = known.bars, request.rules
    search = ExitSearch(bars, rules.exits, request.instrument, bars.timeframe)
    driver = _Driver(
        request, known, search, Book(request, request.settings.initial_capital)
    )
    driver.drive()
    book = driver.book
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
    )


@dataclass(slots=True)
class _Driver:
    """Asks the rules bar by bar and carries out what they say."""

    request: BacktestRequest
    feed: Feed
    search: ExitSearch
    book: Book
    asked: int = 0
    closed_with: tuple[int, Decimal] | None = None
    """The bar whose close called for leaving at the next open, and the equity it saw."""
    decisions: Counter[Reason] = field(default_factory=Counter[Reason])

    def drive(self) -> None:
        """Go from bar to bar on which something may happen, exits before signals."""
        bar, count = 0, len(self.feed.bars)
        watched = 0
        exits = not self.search.is_idle
        while bar < count:
            found = self._next(bar)
            if exits and self.book.state.position.lots:
                left = self._leave_by_rule(watched, min(found + 1, count))
                if left is not None:
                    bar = watched = left
                    continue
                watched = min(found + 1, count)
            if found >= count:
                break
            self._ask(found)
            bar = watched = found + 1

    def _next(self, bar: int) -> int:
        """Return the first bar from ``bar`` on that the rules must see."""
        if not self.request.skips:
            return bar
        known = self.feed
        waits = awaited(self.book.state, self.request.rules)
        place = known.from_bar(bar)
        if waits.long and not waits.short:
            place = known.next_long[place]
        elif waits.short and not waits.long:
            place = known.next_short[place]
        elif not waits.long:
            place = len(known.index)
        found = known.index[place] if place < len(known.index) else len(known.bars)
        return min(found, known.next_neutral(bar)) if waits.neutral else found

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

    def _ask(self, bar: int) -> None:
        book, signal = self.book, self.feed.signal(bar)
        decision = decide(book.state, signal, self.request.rules)
        book.state = book.state._replace(memory=decision.memory)
        self.asked += 1
        reason = decision.reason
        if decision.intents:
            if self.request.settings.fill is FillMode.CLOSE:
                denied = self._at_close(bar, signal, decision)
            else:
                denied = self._at_next_open(bar, signal, decision)
            reason = denied.reason if denied else reason
        self.decisions[reason] += 1

    def _at_close(self, bar: int, signal: Signal, decision: Decision) -> Finding | None:
        """Fill at the price that was decided on, sizing each entry when its turn comes."""
        book, price = self.book, signal.price or ZERO
        when = When(bar, self.feed.bars.closed_at(bar), Moment.CLOSE)
        denied: Finding | None = None
        for intent in decision.intents:
            if isinstance(intent, Exit):
                book.leave(book.exit_price(price), when, intent.reason)
            elif isinstance(intent, Enter):
                sized = self._sized(intent, price, book.equity(price))
                denied = self._enter(sized, price, when, signal)
        return denied

    def _at_next_open(self, bar: int, signal: Signal, decision: Decision) -> Finding | None:
        """Size now, fill at the open of the next bar; nothing fills after the last one."""
        book, bars, price = self.book, self.feed.bars, signal.price or ZERO
        if bar + 1 >= len(bars):
            return None
        when = When(bar + 1, bars.opened_at(bar + 1), Moment.OPEN)
        opened = bars.price(bars.opens[bar + 1].item())
        equity, denied = book.equity(price), None
        if self.closed_with is not None and self.closed_with[0] == bar:
            equity = self.closed_with[1]
        for intent in decision.intents:
            if isinstance(intent, Exit):
                book.leave(book.exit_price(opened), when, intent.reason)
            elif isinstance(intent, Enter):
                sized = self._sized(intent, price, equity)
                denied = self._enter(sized, opened, when, signal)
        return denied

    def _sized(self, intent: Enter, price: Decimal, equity: Decimal) -> Sized | Finding:
        request = self.request
        planned = self.book.state.memory.planned if intent.number > 1 else ()
        budget = Budget(price, equity, request.settings.costs.fee_rate, planned)
        return size_entry(
            intent.side, intent.number, request.rules, request.instrument, budget
        )

    def _enter(
        self, sized: Sized | Finding, market: Decimal, when: When, signal: Signal
    ) -> Finding | None:
        if isinstance(sized, Finding):
            self.book.refused.append(Refused(when.bar, sized))
            return sized
        return self.book.enter(sized, market, when, signal)
