"""What is in use when an entry is wanted: counted from the run's own book, as live counts.

One bot trades one account here, so there is nobody else to count. Time goes by the bars'
closes; a brake that fired stays until the end, since no operator resumes a backtest.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from decimal import Decimal

from application.backtesting.book import Book
from application.in_use import lost_in_row
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
        """Return what is in use at a close, which is the price that was decided on."""
        book, start = self.book, self.book.request.settings.initial_capital
        position, price = book.log.state.position, sized.price
        unrealized = position.unrealized(price) if position.lots else ZERO
        cost = position.cost if position.lots else ZERO
        tally = Tally(
            account_positions=0,
            total_positions=0,
            bot_notional=cost,
            account_notional=cost,
            entries_last_minute=self._recent(now),
            realized=subtract(book.balance, start),
            fees=ZERO,  # the balance is net of them
            unrealized=unrealized,
            open_value=unrealized,
            day_pnl=self._day_pnl(now, price),
            equity_peak=self.peak,
            losses_in_row=self._losses_in_row(),
        )
        usage = loaded_usage(JobId(0), start, tally).usage
        self.peak = usage.equity_peak
        return replace(usage, opens_position=sized.number == 1)

    def _losses_in_row(self) -> int:
        losses, won = lost_in_row(self.book.log.trades[self.counted :])
        self.lost = losses if won else self.lost + losses
        self.counted = len(self.book.log.trades)
        return self.lost

    def _recent(self, now: datetime) -> int:
        first = bisect_right(self.entries, now - MINUTE)
        return bisect_right(self.entries, now) - first

    def _day_pnl(self, now: datetime, price: Decimal) -> Decimal:
        day = day_began(now, self.day_start)
        position = self.book.log.state.position
        held = position.quantity if position.lots else ZERO
        if position.side is Direction.SHORT:
            held = subtract(ZERO, held)
        return day_change(held, price, self._opening(day), self._turnover(day))

    def _turnover(self, day: datetime) -> Turnover:
        executions = self.book.log.executions
        first = bisect_left(executions, day, key=lambda one: one.fill.at)
        moved = cash = fees = ZERO
        for one in executions[first:]:
            fill = one.fill
            buys = (fill.side is Direction.LONG) is (fill.number > 0)
            size = fill.quantity if buys else subtract(ZERO, fill.quantity)
            moved = add(moved, size)
            cash = subtract(cash, multiply(size, fill.price))
            fees = add(fees, fill.fee)
        return Turnover(moved, cash, fees)

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
