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
from domain.exits import ExitDue, Held, better, exit_due, prices_of
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
    is_fixed: bool = field(init=False)
    """Whether levels stay where they are until something is filled."""
    is_endless: bool = field(init=False)
    """Whether a position may be held for any number of bars."""
    gaps: Gaps | None = None
    limits: tuple[int, int | None, int | None] = (-1, None, None)
    """The prices that fire a rule, below and above, for so many executions."""

    def __post_init__(self) -> None:
        """Take the book that is filled."""
        self.book = self.filling.book
        self.is_fixed = self.search.exits.trailing_percent is None
        self.is_endless = self.search.exits.max_bars is None

    def between(self, start: int, stop: int) -> int | None:
        """Leave between two candidates, by their places, if an exit rule fires; as below.

        Where levels stay as they are, whole gaps are passed over by their extremes.
        """
        known, last = self.feed, len(self.feed.bars)
        if self.is_fixed:
            place = self._first_gap(start, stop)
            if place == stop and (self.is_endless or not self._may_be_up(stop)):
                return None
            start = place if self.is_endless else start
        return self.by_rule(known.index[start] + 1, min(known.index[stop] + 1, last))

    def by_rule(self, start: int, stop: int) -> int | None:
        """Leave on the first of start..stop on which an exit rule fires; None if none."""
        search = self.search
        up = search.bars_up(self._first_bar(), start, stop)
        while start < stop:
            touched = search.touched(self._held(), start, min(up + 1, stop))
            bar = min(touched, up)
            if not self.is_fixed:
                self._see(search.best(self._held(), start, bar))
            if bar < stop and self._left(bar, bars_up=bar == up):
                return bar
            start = bar + 1
        return None

    def _first_gap(self, start: int, stop: int) -> int:
        gaps, count = self.gaps, len(self.book.log.rows)
        if gaps is None:
            gaps = self.gaps = gaps_of(self.feed)
        if self.limits[0] != count:
            self.limits = (count, *self.search.thresholds(self.book))
        _, below, above = self.limits
        return gaps.first(below, above, start, stop)

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

    def _held(self) -> Held:
        """Return what the levels depend on; only a trailing stop needs a best price."""
        return self.book if self.is_fixed else self.book.log.state.position

    def _see(self, best: Decimal | None) -> None:
        """Remember the best price by now."""
        log = self.book.log
        state = log.state
        if best != state.position.best:
            log.state = state._replace(position=state.position._replace(best=best))

    def _left(self, bar: int, *, bars_up: bool) -> bool:
        """Leave on this very bar if an exit rule fires on it."""
        if self.filling.at_close:
            return self._left_at_close(bar, bars_up=bars_up)
        book, bars = self.book, self.feed.bars
        inside = through(self._held(), self.search.levels, bars.ohlc(bar))
        if not self.is_fixed:
            self._see(inside.best)
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
        state, signal = book.log.state, self.feed.signal(bar)
        prices = prices_of(signal, state.memory.entry_bar, rules.timeframe)
        if prices is None:
            return False
        if not self.is_fixed:
            self._see(better(state.position, prices.high, prices.low))
        due = exit_due(self._held(), rules.exits, prices, book.request.instrument)
        if due is None and bars_up:
            due = ExitDue(Reason.EXIT_MAX_BARS, None)
        if due is None:
            return False
        price: Decimal = book.rule_price(due, prices.price)
        book.leave(price, (bar, Moment.CLOSE), due.reason)
        return True
