"""What every engine is given: the market, the money, and the rules of the strategy."""

from decimal import Decimal

from domain.fills import Costs
from domain.instrument import Instrument, Kind, Symbol
from domain.rules import ExitRules, Rules, Scaling, Sizing
from domain.timeframe import Timeframe

CAPITAL = Decimal(10**9)
COSTS = Costs(fee_rate=Decimal("0.001"))
MARKET = Instrument(
    exchange="bench",
    symbol=Symbol("UNIT/USDT:USDT"),
    kind=Kind.PERPETUAL,
    base="UNIT",
    quote="USDT",
    settle="USDT",
    price_tick=Decimal("0.0001"),
    quantity_step=Decimal(1),
    quantity_min=Decimal(1),
    notional_min=Decimal(0),
    contract_size=Decimal(1),
    taker_fee=Decimal("0.001"),
)
RULES = Rules(
    timeframe=Timeframe.parse("1"),
    reverse=True,
    sizing=Sizing(amount=Decimal(10_000)),
    scaling=Scaling(max_entries=3),
)
STOPS = Rules(
    timeframe=Timeframe.parse("1"),
    reverse=True,
    sizing=Sizing(amount=Decimal(10_000)),
    scaling=Scaling(max_entries=3),
    exits=ExitRules(stop_loss_percent=Decimal("0.5")),
)
