"""What one alert costs in the domain, from signal to book, with exact decimals.

Signal, decide, size, check, fill, book. The bars are a seeded random walk. ``every bar``
sends one alert a bar, as a live bot gets them; ``in the zone`` sends only the bars whose
RSI calls for something, as a backtest does; ``trading`` sends those among them that enter,
scale in or reverse, so that every event goes the whole way; the last one has no limits.
"""

import gc
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from domain.decision import Decision, Enter, decide
from domain.fills import Costs, fee, fill_price
from domain.instrument import Instrument, Kind, Symbol
from domain.money import ZERO
from domain.position import FLAT, Fill, Position, Trade
from domain.risk import NO_BOUNDS, NO_USAGE, Bounds, Limits, Usage, check
from domain.rsi import WilderRsi
from domain.rules import Rules, Scaling, Sizing
from domain.signal import AlertId, Direction, Signal
from domain.sizing import Budget, Sized, size_entry
from domain.state import BarMemory, BotState, entered
from domain.timeframe import Timeframe

BARS = 100_000
ROUNDS = 5
START = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
INSTRUMENT = Instrument(
    exchange="binanceusdm",
    symbol=Symbol("BTC/USDT:USDT"),
    kind=Kind.PERPETUAL,
    base="BTC",
    quote="USDT",
    settle="USDT",
    price_tick=Decimal("0.1"),
    quantity_step=Decimal("0.001"),
    quantity_min=Decimal("0.001"),
    notional_min=Decimal(5),
    contract_size=Decimal(1),
    taker_fee=Decimal("0.0005"),
)
RULES = Rules(
    timeframe=Timeframe.parse("1h"),
    reverse=True,
    sizing=Sizing(amount=Decimal(1000)),
    scaling=Scaling(max_entries=3, price_step_percent=Decimal("0.1")),
)
COSTS = Costs(fee_rate=Decimal("0.0005"), slippage_bps=Decimal(1))
BOUNDS = Bounds(
    bot=Limits(position_notional=Decimal(5000), max_age_seconds=120),
    account=Limits(open_positions=5, entries_per_minute=30, daily_loss=Decimal(500)),
)


class Bar(NamedTuple):
    """What an alert carries of its bar."""

    opened_at: datetime
    close: Decimal
    rsi: float


class Book:
    """One bot's state in memory, driven as the application drives it."""

    def __init__(self, bounds: Bounds) -> None:
        self.position: Position = FLAT
        self.memory = BarMemory()
        self.bounds = bounds
        self.trades: list[Trade] = []
        self.entries = 0

    def take(self, number: int, bar: Bar) -> Decision:
        """Carry one alert from signal to book."""
        signal = Signal(
            alert=AlertId(number),
            received_at=bar.opened_at,
            rsi=bar.rsi,
            price=bar.close,
            bar_time=bar.opened_at,
        )
        decision = decide(BotState(self.position, (), self.memory), signal, RULES)
        self.memory = decision.memory
        for intent in decision.intents:
            if isinstance(intent, Enter):
                self._enter(intent, signal, bar)
            else:
                self._leave(bar)
        return decision

    def _enter(self, intent: Enter, signal: Signal, bar: Bar) -> None:
        budget = Budget(bar.close, planned=self.memory.planned)
        sized = size_entry(intent.side, intent.number, RULES, INSTRUMENT, budget)
        if not isinstance(sized, Sized):
            return
        findings = check(sized, self._usage(intent.number), self.bounds)
        if findings and not findings[-1].passed:
            return
        self.memory = entered(self.memory, signal, sized.planned)
        self._book(intent.side, intent.number, sized.quantity, bar)
        self.entries += 1

    def _usage(self, number: int) -> Usage:
        if self.bounds is NO_BOUNDS:
            return NO_USAGE
        return Usage(opens_position=number == 1, bot_notional=self.position.cost)

    def _leave(self, bar: Bar) -> None:
        side = self.position.side or Direction.LONG
        self._book(side, 0, self.position.quantity, bar)
        self.trades.append(self.position.trade(bar.opened_at))

    def _book(self, side: Direction, number: int, quantity: Decimal, bar: Bar) -> None:
        buys = (side is Direction.LONG) is (number > 0)
        price = fill_price(bar.close, INSTRUMENT, COSTS, buys=buys)
        paid = fee(quantity, price, COSTS)
        fill = Fill(side, number, quantity, price, paid, bar.opened_at, bar.opened_at)
        self.position = self.position.after(fill)


def bars(count: int) -> Iterator[Bar]:
    """Yield the random walk's bars once RSI is defined."""
    walk, rsi, close = random.Random(7), WilderRsi(14), 50_000.0
    for number in range(count):
        close *= 1 + walk.gauss(0, 0.002)
        price = Decimal(f"{close:.1f}")
        value = rsi.update(float(price))
        if value is not None:
            yield Bar(START + number * HOUR, price, value)


def timed(workload: list[Bar], bounds: Bounds) -> tuple[float, Book]:
    """Return the best microseconds an event of several rounds, and the last book."""
    best, book = float("inf"), Book(bounds)
    for _ in range(ROUNDS):
        book = Book(bounds)
        gc.collect()
        gc.disable()
        began = time.perf_counter()
        for number, bar in enumerate(workload):
            book.take(number, bar)
        best = min(best, time.perf_counter() - began)
        gc.enable()
    return best / len(workload) * 1e6, book


def main(count: int = BARS) -> dict[str, float]:
    """Measure, print a table and return microseconds an event by workload."""
    every = list(bars(count))
    zone = [bar for bar in every if not 30.0 < bar.rsi < 70.0]
    probe = Book(BOUNDS)
    trading = [bar for number, bar in enumerate(zone) if probe.take(number, bar).intents]
    result: dict[str, float] = {}
    print(f"{'workload':<24}{'events':>9}{'us / event':>12}{'entries':>9}{'trades':>8}")
    for name, workload, bounds in (
        ("every bar", every, BOUNDS),
        ("in the zone", zone, BOUNDS),
        ("trading", trading, BOUNDS),
        ("trading, no limits", trading, NO_BOUNDS),
    ):
        result[name], book = timed(workload, bounds)
        pnl = sum((trade.pnl for trade in book.trades), ZERO)
        row = f"{result[name]:>12.2f}{book.entries:>9}{len(book.trades):>8}"
        print(f"{name:<24}{len(workload):>9}{row}   pnl {pnl:.2f}")
    return result


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else BARS)
