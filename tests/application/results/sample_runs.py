"""Runs that the tests of results share, made by a seeded walk."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from application.runs import Data, Run
from domain.equity import EquityPoint
from domain.measured import MeasuredTrade
from domain.position import Trade
from domain.reasons import Reason
from domain.signal import Direction

START = datetime(2022, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
BARS_A_TRADE = 60
BALANCE = Decimal(10_000)


def data(**changes: Any) -> Data:
    """Return the bars that a sample stands on."""
    known: dict[str, Any] = {
        "chart": "BINANCE:BTCUSDT.P",
        "timeframe": "4h",
        "source": "BINANCE_BTCUSDT.P, 240.csv",
        "digest": "8f" * 32,
        "bars": 6_000,
        "start": START,
        "end": START + 4 * HOUR * 6_000,
        "bars_before_first_signal": 200,
    }
    return Data(**{**known, **changes})


def run(trades: int = 100, seed: int = 7, **changes: Any) -> Run:
    """Return a run of so many trades of 1,000 each, which earned a little."""
    walk, made, curve = random.Random(seed), [], [EquityPoint(START, BALANCE)]  # noqa: S311 - repeatable, not secret
    hold, equity, price = [EquityPoint(START, BALANCE)], BALANCE, Decimal(40_000)
    for number in range(trades):
        opened = START + 4 * HOUR * BARS_A_TRADE * number
        one = measured(walk, opened)
        equity += one.trade.pnl
        price += Decimal(walk.randint(-1_500, 1_700))
        curve.append(EquityPoint(opened + 20 * HOUR, equity - one.trade.pnl - Decimal(30)))
        curve.append(EquityPoint(one.trade.closed_at, equity))
        hold.append(EquityPoint(one.trade.closed_at, BALANCE * price / 40_000))
        made.append(one)
    known: dict[str, Any] = {
        "bot": "herenya-btc-4h",
        "symbol": "BTC/USDT:USDT",
        "currency": "USDT",
        "balance": BALANCE,
        "data": data(),
        "trades": tuple(made),
        "curve": tuple(curve),
        "hold": tuple(hold) if trades else (),
        "entries": sum(one.trade.entries for one in made),
        "rsi_length": 14,
        "decisions": {Reason.RSI_NEUTRAL: 5_000, Reason.SCALING_MAX_ENTRIES: 386},
        "settings": {"RSI": "14, 30/70, level", "Fees": "0.05 %"},
    }
    return Run(**{**known, **changes})


def measured(walk: random.Random, opened: datetime) -> MeasuredTrade:
    """Return a trade of three entries at most, opened at ``opened``."""
    side = walk.choice(list(Direction))
    entries, bars = walk.randint(1, 3), walk.randint(3, 50)
    cost = Decimal(1_000) * entries
    gain = cost * Decimal(walk.randint(-400, 460)) / 10_000
    fees = cost * Decimal("0.001")
    trade = Trade(
        side=side,
        entries=entries,
        quantity=cost / 40_000,
        entry_cost=cost,
        exit_proceeds=cost + gain if side is Direction.LONG else cost - gain,
        fees=fees,
        opened_at=opened,
        closed_at=opened + 4 * HOUR * bars,
    )
    up = max(gain, Decimal(0)) + walk.randint(0, 20)
    down = max(-gain, Decimal(0)) + walk.randint(0, 20)
    stopped = gain < -20
    reason = Reason.EXIT_STOP_LOSS if stopped else Reason.EXIT_OPPOSITE
    return MeasuredTrade(trade, bars, up, down, reason)
