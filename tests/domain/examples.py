"""Instruments, bars, signals and positions that the tests of the domain share."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.instrument import Instrument, Kind, Symbol
from domain.position import FLAT, Fill, Position
from domain.reasons import Finding, Reason
from domain.rules import Rules
from domain.signal import AlertId, Direction, Signal
from domain.state import BarMemory, BotState, WorkingEntry
from domain.timeframe import Timeframe

START = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
PERPETUAL = Instrument(
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
SPOT = replace(PERPETUAL, exchange="binance", symbol=Symbol("BTC/USDT"), kind=Kind.SPOT)


def bar(number: int) -> datetime:
    """Return when hourly bar ``number`` opens."""
    return START + number * HOUR


def signal(rsi: float | None = None, at: int | None = 0, **changes: Any) -> Signal:
    """Return an alert of the hourly bar ``at``, priced 100 unless it says otherwise."""
    opened = None if at is None else bar(at)
    arrived = (opened or START) + HOUR
    known = {"price": Decimal(100), "bar_time": opened, "received_at": arrived, **changes}
    return Signal(alert=AlertId(1), rsi=rsi, **known)


def rules(**changes: Any) -> Rules:
    """Return the rules of an hourly bot."""
    return Rules(**{"timeframe": Timeframe.parse("1h"), **changes})


def entry(number: int, quantity: str, price: str, at: int = 0, **changes: Any) -> Fill:
    """Return a fill of entry ``number``, long unless it says otherwise, without a fee."""
    known = {"side": Direction.LONG, "fee": Decimal(0), **changes}
    return Fill(
        number=number,
        quantity=Decimal(quantity),
        price=Decimal(price),
        at=bar(at),
        bar_time=bar(at),
        **known,
    )


def leaving(quantity: str, price: str, **changes: Any) -> Fill:
    """Return a fill that reduces."""
    return entry(0, quantity, price, **changes)


def position(*fills: Fill) -> Position:
    """Return the position after ``fills``."""
    held = FLAT
    for one in fills:
        held = held.after(one)
    return held


def long_since(at: int = 0, entries: int = 1, **memory: Any) -> BotState:
    """Return a bot that is long by entries of 10 at 100, the last on bar ``at``."""
    fills = [entry(number, "10", "100", at) for number in range(1, entries + 1)]
    known = {"last_bar": bar(at), "entry_bar": bar(at), "entry_rsi": 28.0, **memory}
    known.setdefault("entered_bar", known["entry_bar"])
    return BotState(position(*fills), (), BarMemory(**known))


def passing(reason: Reason, value: object = None, limit: object = None) -> Finding:
    """Return the finding of a rule that let pass."""
    return Finding(reason, passed=True, value=value, limit=limit)


def working(
    number: int, side: Direction = Direction.LONG, at: int | None = None
) -> WorkingEntry:
    """Return an entry on its way, of 10 at 100, called for by bar ``at``."""
    opened = None if at is None else bar(at)
    return WorkingEntry(side, number, Decimal(10), Decimal(100), opened)
