"""Leaving without a signal: the bars that may fire an exit rule, one after the other."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from application.backtesting.book import Book
from application.backtesting.exit_search import ExitSearch
from application.backtesting.feed import Feed
from application.backtesting.filling import Filling
from application.backtesting.gaps import Gaps, gaps_of
from application.backtesting.log import Moment
from domain.exits import ExitDue, better, exit_due, prices_of
from domain.intrabar import through
from domain.money import ZERO
from domain.reasons import Reason


@dataclass(slots=True)
class Leaving:
    """Watches a position between two bars that the rules are asked about."""

    search: ExitSearch
    filling: Filling
    feed: Feed
    book: Book = field(init=False)
    is_endless: bool = field(init=False)
    """Whether a position may be held for any number of bars."""
    gaps: Gaps | None = None
    limits: tuple[int, int | None, int | None] = (-1, None, None)
    """The prices that fire a rule, below and above, for so many executions."""

    def __post_init__(self) -> None:
        """Take the book that is filled."""
        self.book = self.filling.book
        self.is_endless = self.search.exits.max_bars is None

    def between(self, start: int, stop: int) -> int | None:
        """Leave between two candidates, by their places, if an exit rule fires; as below.

        Whole gaps are passed over by their extremes; a gap that may fire is looked into.
        """
        index, last = self.feed.index, len(self.feed.bars)
        if not self.is_endless and self._may_be_up(stop):
            return self.by_rule(index[start] + 1, min(index[stop] + 1, last))
        while start < stop:
            start = self._passed(start, stop)
            if start < stop:
                first = index[start] + 1
                left = self.by_rule(first, min(index[start + 1] + 1, last))
                if left is not None:
                    return left
                start += 1
        return None

    def by_rule(self, start: int, stop: int) -> int | None:
        """Leave on the first of start..stop on which an exit rule fires; None if none."""
        search, book = self.search, self.book
        up = search.bars_up(self._first_bar(), start, stop)
        while start < stop:
            touched = search.touched(book, start, min(up + 1, stop))
            bar = min(touched, up)
            if book.trails:
                book.log.best = search.best(book, start, bar)
            if bar < stop and self._left(bar, bars_up=bar == up):
                return bar
            start = bar + 1
        return None

    def _passed(self, start: int, stop: int) -> int:
        """Return the first gap of start..stop that may fire a rule, else ``stop``."""
        gaps, book, count = self.gaps, self.book, len(self.book.log.rows)
        if gaps is None:
            gaps = self.gaps = gaps_of(self.feed)
        if self.limits[0] != count:
            self.limits = (count, *self.search.thresholds(book))
        _, below, above = self.limits
        gap = gaps.first(below, above, start, stop)
        if book.trails:
            gap = self._trailed(gaps, start, gap)
        return gap

    def _trailed(self, gaps: Gaps, start: int, stop: int) -> int:
        """Return the first of these gaps that may fire the trailing stop, else ``stop``.

        The best price moves on over those that are passed.
        """
        book = self.book
        gap, best = gaps.trailed(self.search.trail(book), start, stop)
        price = self.feed.bars.price(best)
        book.log.best = better(book, price, price)
        return gap

    def _may_be_up(self, stop: int) -> bool:
        """Say whether the most bars may be up by a candidate."""
        times = self.feed.bars.times
        last = min(self.feed.index[stop], len(times) - 1)
        held = times[last].item() - times[self.book.first].item()
        return bool(held >= self.search.longest())

    def _first_bar(self) -> datetime | None:
        if self.is_endless:
            return None
        return self.feed.bars.opened_at(self.book.first)

    def _left(self, bar: int, *, bars_up: bool) -> bool:
        """Leave on this very bar if an exit rule fires on it."""
        if self.filling.at_close:
            return self._left_at_close(bar, bars_up=bars_up)
        book, bars = self.book, self.feed.bars
        inside = through(book, self.search.levels, bars.ohlc(bar))
        book.log.best = inside.best
        if inside.due is not None:
            market = inside.due.level or ZERO
            price = book.rule_price(inside.due, market)
            book.leave(price, (bar, Moment.INSIDE), inside.due.reason)
            return True
        if bars_up and bar + 1 < len(bars):
            market = bars.price(bars.opens[bar + 1].item())
            close = bars.price(bars.closes[bar].item())
            self.filling.closed_with = (bar, book.equity(close))
            when = (bar + 1, Moment.OPEN)
            book.leave(book.exit_price(market), when, Reason.EXIT_MAX_BARS)
            return True
        return False

    def _left_at_close(self, bar: int, *, bars_up: bool) -> bool:
        book, rules = self.book, self.book.request.rules
        entered, signal = book.log.state.memory.entry_bar, self.feed.signal(bar)
        prices = prices_of(signal, entered, rules.timeframe)
        if prices is None:
            return False
        book.log.best = better(book, prices.high, prices.low)
        due = exit_due(book, rules.exits, prices, book.request.instrument)
        if due is None and bars_up:
            due = ExitDue(Reason.EXIT_MAX_BARS, None)
        if due is None:
            return False
        price: Decimal = book.rule_price(due, prices.price)
        book.leave(price, (bar, Moment.CLOSE), due.reason)
        return True
