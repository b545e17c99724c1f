"""Histories and requests for tests: seeded random walks, a market, a reversing bot."""

from decimal import Decimal
from typing import Any

import numpy as np

from application.backtesting.request import BacktestRequest, Settings
from application.ports.bars import Bars
from domain.fills import Costs
from domain.instrument import Instrument, Kind, Symbol
from domain.rules import Rules, Scaling, Sizing
from domain.timeframe import Timeframe

MINUTE = Timeframe.parse("1")
START = 1_700_000_000
DIGITS = 4
WHOLE_UNITS = Instrument(
    exchange="binanceusdm",
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
REVERSING = Rules(
    timeframe=MINUTE,
    reverse=True,
    sizing=Sizing(amount=Decimal(10_000)),
    scaling=Scaling(max_entries=3),
)


def random_walk(count: int, seed: int = 7, sigma: float = 0.0005) -> Bars:
    """Return one-minute bars on a grid of 0.0001; opens jump a little from the closes."""
    random = np.random.default_rng(seed)
    closes = _grid(100 * np.exp(np.cumsum(random.normal(0, sigma, count))))
    jumps = _grid(random.normal(0, sigma * 20, count))
    opens = np.concatenate((closes[:1], closes[:-1])) + jumps
    reach = np.abs(_grid(random.normal(0, sigma * 60, (2, count))))
    return Bars(
        exchange="TEST",
        ticker="UNIT",
        timeframe=MINUTE,
        digits=DIGITS,
        times=START - START % 60 + 60 * np.arange(count, dtype=np.int64),
        opens=opens,
        highs=np.maximum(opens, closes) + reach[0],
        lows=np.minimum(opens, closes) - reach[1],
        closes=closes,
    )


def request(rules: Rules = REVERSING, **settings: Any) -> BacktestRequest:
    """Return a request with a tenth of a percent of commission, unless it is given."""
    chosen: dict[str, Any] = {
        "initial_capital": Decimal(1_000_000),
        "costs": Costs(fee_rate=Decimal("0.001")),
    }
    return BacktestRequest(
        rules=rules, instrument=WHOLE_UNITS, settings=Settings(**chosen | settings)
    )


def _grid(values: Any) -> Any:
    return np.rint(np.asarray(values) * 10**DIGITS).astype(np.int64)
