"""The market and the calendar of a scenario, where nothing else is said."""

from datetime import UTC, datetime
from decimal import Decimal

from domain.instrument import Instrument, Kind, Symbol
from domain.timeframe import Timeframe

BEGINS = datetime(2024, 1, 1, tzinfo=UTC)
HOURLY = Timeframe.parse("1h")
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


def opening(number: int, timeframe: Timeframe | None) -> datetime:
    """Return when bar ``number`` of a scenario opens; its first bar is 0."""
    moment = BEGINS
    for _ in range(number):
        moment = (timeframe or HOURLY).close_of(moment)
    return moment
