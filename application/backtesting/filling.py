"""What becomes of a decision: each intent is sized, measured, priced and booked."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from application.backtesting.book import Book, When
from application.backtesting.log import Moment
from application.backtesting.request import FillMode
from application.backtesting.result import Refused
from application.ports.bars import Bars
from domain.decision import Enter, Exit, Intent
from domain.fills import fill_price
from domain.money import multiply
from domain.reasons import Finding, Reason
from domain.signal import LONG, Direction
from domain.sizing import Sized, Sizer, needs_equity

if TYPE_CHECKING:
    from application.backtesting.metering import Meter


_AT_OPEN, _AT_CLOSE = Moment.OPEN, Moment.CLOSE


Orders: TypeAlias = tuple[Reason | None, Direction | None, int]
"""Why to leave everything, then which side to enter, and with which entry."""


def orders_of(intents: tuple[Intent, ...]) -> Orders:
    """Return a decision's intents as they are carried out here, where nothing waits."""
    leaves, side, number = None, None, 0
    for intent in intents:
        if isinstance(intent, Exit):
            leaves = intent.reason
        elif isinstance(intent, Enter):
            side, number = intent
    return leaves, side, number


@dataclass(slots=True)
class Filling:
    """Carries out what was decided at a bar's close, in the way that the request asks."""

    book: Book
    bars: Bars
    meter: "Meter | None"
    """What measures entries against limits; None without any."""
    last: int = field(init=False)
    unit: Decimal = field(init=False)
    slips_by_ticks: bool = field(init=False)
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
        self.slips_by_ticks = bool(settings.costs.slippage_ticks)

    def carry_out(  # noqa: C901 - runs a million times: a call in it costs a twentieth
        self, orders: Orders, bar: int, close: int, after: int
    ) -> Finding | None:
        """Fill what the close of ``bar`` called for; return what denied an entry.

        ``close`` and ``after``, the open of the next bar, are in the columns' units. An
        entry is sized after leaving at a close, and before any fill at an open. Nothing
        fills after the last bar. Slippage in ticks is TradingView's, which reckons with it
        when it sizes.
        """
        book, unit, equity = self.book, self.unit, None
        price = market = multiply(close, unit)
        when: When = (bar, _AT_CLOSE)
        if not self.at_close:
            if bar >= self.last:
                return None
            when = (bar + 1, _AT_OPEN)
            if after != close:
                market = multiply(after, unit)
            equity = self._equity(bar, price) if self.equity_counts else None
        leaves, side, number = orders
        if leaves is not None:
            book.leave(book.exit_price(market), when, leaves)
        if side is None:
            return None
        if self.equity_counts and self.at_close:
            equity = book.equity(price)
        if self.slips_by_ticks:
            price = fill_price(price, book.instrument, book.costs, buys=side is LONG)
        sized = self.sizer.size(side, number, price, equity, book.planned)
        if self.meter is not None:
            sized = self._measured(self.meter, sized, bar)
        if isinstance(sized, Finding):
            book.refused.append(Refused(when[0], sized))
            return sized
        return book.enter(sized, market, when, bar)

    def _measured(
        self, meter: "Meter", sized: Sized | Finding, bar: int
    ) -> Sized | Finding:
        if isinstance(sized, Finding):
            return sized
        return meter.denied(sized, self.bars.closed_at(bar)) or sized

    def _equity(self, bar: int, price: Decimal) -> Decimal:
        """Return equity at a close, before whatever that close called for is done."""
        if self.closed_with is not None and self.closed_with[0] == bar:
            return self.closed_with[1]
        return self.book.equity(price)
