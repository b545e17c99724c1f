"""What becomes of a decision: each intent is sized, measured, priced and booked."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from application.backtesting.book import Book, When
from application.backtesting.log import Moment
from application.backtesting.request import FillMode
from application.backtesting.result import Refused
from application.ports.bars import Bars
from domain.decision import Enter, Exit, Intent
from domain.fills import fill_price
from domain.reasons import Finding
from domain.signal import Direction
from domain.sizing import Sizer, needs_equity

if TYPE_CHECKING:
    from application.backtesting.metering import Meter


@dataclass(slots=True)
class Filling:
    """Carries out what was decided at a bar's close, in the way that the request asks."""

    book: Book
    bars: Bars
    meter: "Meter | None"
    """What measures entries against limits; None without any."""
    at_close: bool = field(init=False)
    equity_counts: bool = field(init=False)
    sizer: Sizer = field(init=False)
    closed_with: tuple[int, Decimal] | None = None
    """The bar whose close called for leaving at the next open, and the equity it saw."""

    def __post_init__(self) -> None:
        """Work out what is the same for every entry."""
        request = self.book.request
        rules, settings = request.rules, request.settings
        self.at_close = settings.fill is FillMode.CLOSE
        self.equity_counts = needs_equity(rules.sizing)
        self.sizer = Sizer(rules, request.instrument, settings.costs.fee_rate)

    def carry_out(
        self, intents: tuple[Intent, ...], bar: int, close: int, after: int
    ) -> Finding | None:
        """Fill what the close of ``bar`` called for; return what denied an entry.

        ``close`` and ``after``, the open of the next bar, are in the columns' units. Every
        entry is sized when its turn comes at the close, and before any fill at an open.
        Nothing fills after the last bar.
        """
        book, bars = self.book, self.bars
        price = bars.price(close)
        if self.at_close:
            when, market = When(bar, Moment.CLOSE), price
        elif bar + 1 < len(bars.times):
            when, market = When(bar + 1, Moment.OPEN), bars.price(after)
        else:
            return None
        equity, denied = None, None
        if self.equity_counts and not self.at_close:
            equity = self._equity(bar, price)
        for intent in intents:
            if isinstance(intent, Exit):
                book.leave(book.exit_price(market), when, intent.reason)
            elif isinstance(intent, Enter):
                if self.equity_counts and self.at_close:
                    equity = book.equity(price)
                denied = self._enter(intent, (price, market, equity), when, bar)
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
        bar: int,
    ) -> Finding | None:
        """Size an entry at the price decided on, and fill it at the market's.

        ``worth`` is the price decided on, the market's, and the equity where it counts.
        Slippage in ticks is TradingView's, which reckons with it when it sizes.
        """
        book = self.book
        (side, number), (price, market, equity) = intent, worth
        costs = book.request.settings.costs
        if costs.slippage_ticks:
            buys = side is Direction.LONG
            price = fill_price(price, book.request.instrument, costs, buys=buys)
        sized = self.sizer.size(side, number, price, equity, book.planned)
        if self.meter is not None and not isinstance(sized, Finding):
            sized = self.meter.denied(sized, self.bars.closed_at(bar)) or sized
        if isinstance(sized, Finding):
            book.refused.append(Refused(when.bar, sized))
            return sized
        return book.enter(sized, market, when, bar)
