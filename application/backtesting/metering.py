"""What is in use when an entry is wanted: counted from the run's own book, as live counts.

One bot trades one account here, so there is nobody else to count. Time goes by the bars'
closes; a brake that fired stays until the end, since no operator resumes a backtest.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from decimal import Decimal

from application.backtesting.book import Book
from application.in_use import losses_at_end
from application.ports.bars import Bars
from application.records import JobId
from application.usage import (
    MINUTE,
    Tally,
    Turnover,
    day_began,
    day_change,
    loaded_usage,
)
from domain.money import ZERO, add, multiply, subtract
from domain.reasons import Finding
from domain.risk import BRAKES, Bounds, TradingState, Usage, check
from domain.signal import Direction
from domain.sizing import Sized

NO_TURNOVER = Turnover(ZERO, ZERO, ZERO)


@dataclass(slots=True)
class Meter:
    """Measures one run's entries against the limits of its bot and account."""

    book: Book
    bars: Bars
    day_start: time
    entries: list[datetime] = field(default_factory=list[datetime])
    """When entries were decided, in order."""
    lost: int = 0
    counted: int = 0
    """Losses in a row at the end of so many trades."""
    peak: Decimal | None = None
    braked: datetime | None = None
    """When a brake fired; no entry passes afterwards."""
    day_seen: tuple[datetime, Decimal] | None = None
    """A day and the price that it began with."""
    turned: tuple[datetime | None, int, Turnover] = (None, 0, NO_TURNOVER)
    """A day, how many rows were read by now, and what was executed since it began."""

    def denied(self, sized: Sized, decided_at: datetime) -> Finding | None:
        """Return the limit that denies an entry, or None, having counted the entry."""
        request = self.book.request
        state = TradingState.REDUCING if self.braked else TradingState.ACTIVE
        bounds = Bounds(
            state=state,
            bot=request.limits,
            account=request.account_limits,
            collar_percent=request.rules.order.collar_percent,
        )
        findings = check(sized, self._usage(sized, decided_at), bounds)
        if not findings or findings[-1].passed:
            self.entries.append(decided_at)
            return None
        if findings[-1].reason in BRAKES:
            self.braked = decided_at
        return findings[-1]

    def _usage(self, sized: Sized, now: datetime) -> Usage:
        """Return what is in use at a close, which is the price that was decided on.

        What no limit of the bot or its account asks for is not counted.
        """
        book, start = self.book, self.book.request.settings.initial_capital
        account, price = book.request.account_limits, sized.price
        unrealized = subtract(book.equity(price), book.balance)
        tally = Tally(
            account_positions=0,
            total_positions=0,
            bot_notional=book.cost,
            account_notional=book.cost,
            entries_last_minute=0
            if account.entries_per_minute is None
            else self._recent(now),
            realized=subtract(book.balance, start),
            fees=ZERO,  # the balance is net of them
            unrealized=unrealized,
            open_value=unrealized,
            day_pnl=ZERO if account.daily_loss is None else self._day_pnl(now, price),
            equity_peak=self.peak,
            losses_in_row=self._losses_in_row(),
        )
        usage = loaded_usage(JobId(0), start, tally).usage
        self.peak = usage.equity_peak
        return replace(usage, opens_position=True) if sized.number == 1 else usage

    def _losses_in_row(self) -> int:
        earned = self.book.log.earned
        losses, won = losses_at_end(earned[self.counted :])
        self.lost = losses if won else self.lost + losses
        self.counted = len(earned)
        return self.lost

    def _recent(self, now: datetime) -> int:
        first = bisect_right(self.entries, now - MINUTE)
        return bisect_right(self.entries, now) - first

    def _day_pnl(self, now: datetime, price: Decimal) -> Decimal:
        day, book = day_began(now, self.day_start), self.book
        held = book.quantity
        if book.side is Direction.SHORT:
            held = subtract(ZERO, held)
        return day_change(held, price, self._opening(day), self._turnover(day))

    def _turnover(self, day: datetime) -> Turnover:
        """Return what was executed since the day began; only what is new is added up."""
        log = self.book.log
        began, read, turnover = self.turned
        if began != day:
            turnover = NO_TURNOVER
            read = bisect_left(log.rows, day, key=lambda row: log.at(row[0], row[7]))
        moved, cash, fees = turnover
        for _, side, number, quantity, price, fee, *_ in log.rows[read:]:
            buys = (side is Direction.LONG) is (number > 0)
            size = quantity if buys else subtract(ZERO, quantity)
            moved = add(moved, size)
            cash = subtract(cash, multiply(size, price))
            fees = add(fees, fee)
        turnover = Turnover(moved, cash, fees)
        self.turned = (day, len(log.rows), turnover)
        return turnover

    def _opening(self, day: datetime) -> Decimal:
        """Return the price that a day began with: the last close before it."""
        if self.day_seen is None or self.day_seen[0] != day:
            bars = self.bars
            before = bisect_left(bars.times, day.timestamp()) - 1
            while before >= 0 and bars.closed_at(before) >= day:
                before -= 1
            price = bars.price(bars.closes[max(before, 0)].item())
            self.day_seen = (day, price)
        return self.day_seen[1]
