"""Leaving without a signal: the bars that may fire an exit rule, one after the other."""

from dataclasses import dataclass, field
from decimal import Decimal

from application.backtesting.book import Book, When
from application.backtesting.exit_search import ExitSearch
from application.backtesting.feed import Feed
from application.backtesting.filling import Filling
from application.backtesting.log import Moment
from domain.exits import ExitDue, exit_due, prices_of
from domain.intrabar import through
from domain.money import ZERO
from domain.position import Position
from domain.reasons import Reason


@dataclass(slots=True)
class Leaving:
    """Watches a position between two bars that the rules are asked about."""

    search: ExitSearch
    filling: Filling
    feed: Feed
    book: Book = field(init=False)

    def __post_init__(self) -> None:
        """Take the book that is filled."""
        self.book = self.filling.book

    def by_rule(self, start: int, stop: int) -> int | None:
        """Leave on the first of start..stop on which an exit rule fires; None if none."""
        search, log = self.search, self.book.log
        up = search.bars_up(log.state.position.first_bar, start, stop)
        while start < stop:
            touched = search.touched(log.state.position, start, min(up + 1, stop))
            bar = min(touched, up)
            self._hold(search.seen(log.state.position, start, bar))
            if bar < stop and self._left(bar, bars_up=bar == up):
                return bar
            start = bar + 1
        return None

    def _hold(self, position: Position) -> None:
        """Take a position over which the market went on."""
        log = self.book.log
        if position is not log.state.position:
            log.state = log.state._replace(position=position)

    def _left(self, bar: int, *, bars_up: bool) -> bool:
        """Leave on this very bar if an exit rule fires on it."""
        if self.filling.at_close:
            return self._left_at_close(bar, bars_up=bars_up)
        book, bars, request = self.book, self.feed.bars, self.book.request
        position, exits = book.log.state.position, request.rules.exits
        inside = through(position, exits, bars.ohlc(bar), request.instrument)
        self._hold(inside.position)
        if inside.due is not None:
            market = inside.due.level or ZERO
            price = book.rule_price(inside.due, market)
            book.leave(price, When(bar, Moment.INSIDE), inside.due.reason)
            return True
        if bars_up and bar + 1 < len(bars):
            market = bars.price(bars.opens[bar + 1].item())
            close = bars.price(bars.closes[bar].item())
            self.filling.closed_with = (bar, book.equity(close))
            when = When(bar + 1, Moment.OPEN)
            book.leave(book.exit_price(market), when, Reason.EXIT_MAX_BARS)
            return True
        return False

    def _left_at_close(self, bar: int, *, bars_up: bool) -> bool:
        book, rules = self.book, self.book.request.rules
        state, signal = book.log.state, self.feed.signal(bar)
        prices = prices_of(signal, state.memory.entry_bar, rules.timeframe)
        if prices is None:
            return False
        position = state.position.seen(prices.high, prices.low)
        self._hold(position)
        due = exit_due(position, rules.exits, prices, book.request.instrument)
        if due is None and bars_up:
            due = ExitDue(Reason.EXIT_MAX_BARS, None)
        if due is None:
            return False
        price: Decimal = book.rule_price(due, prices.price)
        book.leave(price, When(bar, Moment.CLOSE), due.reason)
        return True
