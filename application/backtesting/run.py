"""The backtest: history's bars through the same decision, sizing, fills and book as live.

=========  ============================  =============================================
 a bar      NEXT_OPEN (TradingView)       CLOSE (a paper account)
=========  ============================  =============================================
 opens      fills what the bar before
            called for
 trades     stops and targets
 closes     ``decide``; sized now         stops and targets; ``decide``; filled at once
=========  ============================  =============================================

``decide`` is asked only on bars where it may act: ``domain.relevance`` says which readings
those are, and ``candidates`` finds the bars that have them.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from application.backtesting.book import Book
from application.backtesting.feed import Feed, feed
from application.backtesting.request import BacktestRequest, FillMode
from application.backtesting.result import BacktestResult, Refused, Seen
from application.ports.bars import Bars
from application.ports.indicator import Indicators
from domain.decision import Decision, Enter, Exit, decide
from domain.reasons import Finding, Reason
from domain.relevance import Awaited, awaited
from domain.signal import Signal
from domain.sizing import Budget, Sized, size_entry


def run(request: BacktestRequest, bars: Bars, indicators: Indicators) -> BacktestResult:
    """Return what the bot would have done on these bars."""
    known = feed(bars, request.rules, indicators, skip=request.settings.skip)
    return run_feed(request, known)


def run_feed(request: BacktestRequest, known: Feed) -> BacktestResult:
    """Return the run over bars that have been gathered already."""
    driver = _Driver(request, known, Book(request, request.settings.initial_capital))
    driver.drive()
    book = driver.book
    return BacktestResult(
        request=request,
        bars=known.bars,
        executions=tuple(book.executions),
        trades=tuple(book.trades),
        position=book.state.position,
        balance=book.balance,
        refused=tuple(book.refused),
        decisions=driver.decisions,
        seen=Seen(len(known.bars), driver.asked),
    )


@dataclass(slots=True)
class _Driver:
    """Asks the rules bar by bar and carries out what they say."""

    request: BacktestRequest
    feed: Feed
    book: Book
    asked: int = 0
    decisions: Counter[Reason] = field(default_factory=Counter[Reason])

    def drive(self) -> None:
        """Go through the candidates that the state of the moment waits for."""
        bar, bars = 0, len(self.feed.bars)
        while bar < bars:
            bar = self._next(bar)
            if bar < bars:
                self._ask(bar)
                bar += 1

    def _next(self, bar: int) -> int:
        """Return the first bar from ``bar`` on that the rules must see."""
        if not self.request.settings.skip:
            return bar
        waits = self._awaited()
        known = self.feed
        place = known.from_bar(bar)
        if waits.long and not waits.short:
            place = known.next_long[place]
        elif waits.short and not waits.long:
            place = known.next_short[place]
        elif not waits.long:
            place = len(known.index)
        found = known.index[place] if place < len(known.index) else len(known.bars)
        return min(found, known.next_neutral(bar)) if waits.neutral else found

    def _awaited(self) -> Awaited:
        return awaited(self.book.state, self.request.rules)

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
        book, price = self.book, signal.price or Decimal(0)
        when = (bar, self.feed.bars.closed_at(bar))
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
        book, bars, price = self.book, self.feed.bars, signal.price or Decimal(0)
        if bar + 1 >= len(bars):
            return None
        when = (bar + 1, bars.opened_at(bar + 1))
        opened = bars.price(bars.opens[bar + 1].item())
        equity, denied = book.equity(price), None
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
        self,
        sized: Sized | Finding,
        market: Decimal,
        when: tuple[int, datetime],
        signal: Signal,
    ) -> Finding | None:
        if isinstance(sized, Finding):
            self.book.refused.append(Refused(when[0], sized))
            return sized
        return self.book.enter(sized, market, when, signal)
