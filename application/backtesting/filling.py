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
from domain.fills import Costs, fill_price
from domain.money import multiply
from domain.reasons import Finding
from domain.signal import LONG
from domain.sizing import Sizer, needs_equity

if TYPE_CHECKING:
    from application.backtesting.metering import Meter


_AT_OPEN, _AT_CLOSE = Moment.OPEN, Moment.CLOSE


@dataclass(slots=True)
class Filling:
    """Carries out what was decided at a bar's close, in the way that the request asks."""

    book: Book
    bars: Bars
    meter: "Meter | None"
    """What measures entries against limits; None without any."""
    last: int = field(init=False)
    unit: Decimal = field(init=False)
    costs: Costs = field(init=False)
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
        self.unit, self.last = self.bars.unit, len(self.bars) - 1
        self.costs = settings.costs

    def carry_out(
        self, intents: tuple[Intent, ...], bar: int, close: int, after: int
    ) -> Finding | None:
        """Fill what the close of ``bar`` called for; return what denied an entry.

        ``close`` and ``after``, the open of the next bar, are in the columns' units. Every
        entry is sized when its turn comes at the close, and before any fill at an open.
        Nothing fills after the last bar.
        """
        book, unit = self.book, self.unit
        price = multiply(close, unit)
        when: When = (bar, _AT_CLOSE)
        market, equity, denied = price, None, None
        if not self.at_close:
            if bar >= self.last:
                return None
            when, market = (bar + 1, _AT_OPEN), multiply(after, unit)
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
        if self.costs.slippage_ticks:
            buys = side is LONG
            price = fill_price(price, book.instrument, self.costs, buys=buys)
        sized = self.sizer.size(side, number, price, equity, book.planned)
        if self.meter is not None and not isinstance(sized, Finding):
            sized = self.meter.denied(sized, self.bars.closed_at(bar)) or sized
        if isinstance(sized, Finding):
            book.refused.append(Refused(when[0], sized))
            return sized
        return book.enter(sized, market, when, bar)
