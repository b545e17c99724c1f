"""Our engine beside those of others, one after another, on the same strategy and bars.

What cannot be installed here is shown with a figure of the past, marked as such: those were
measured on two cores of another machine.
"""

import json
import subprocess
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from adapters.indicators.talib import TaLibIndicators
from application.backtesting.request import BacktestRequest, Settings
from application.backtesting.run import run
from application.ports.bars import Bars
from bench.walk import walk
from domain.fills import Costs
from domain.instrument import Instrument, Kind, Symbol
from domain.money import subtract
from domain.rules import ExitRules, Rules, Scaling, Sizing
from domain.timeframe import Timeframe

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-bench-backtest" / "bin" / "python"
PEERS = Path(__file__).with_name("peers.py")
CAPITAL = Decimal(10**9)
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
SIZES = {"100,000 bars": 100_000, "1,000,000 bars": 1_000_000}
ROUNDS = {"vectorbt": 5, "backtesting.py": 2, "backtrader": 1, "pynecore": 1}
SLOW = ("backtrader", "pynecore")
"""Engines that take the better part of a minute over a million bars."""

OF_THE_PAST = {
    "freqtrade 2026.9": 3_400,
    "nautilus_trader 1.231": 19_000,
    "Jesse 3.5.3": 51_000,
}


def main() -> dict[str, Any]:
    """Measure, print a table a size, and return bars a second by size and engine."""
    figures: dict[str, Any] = {}
    for title, count in SIZES.items():
        bars = walk(count)
        rows = {**_ours(bars), **_theirs(bars)}
        figures[title] = rows
        _tell(title, rows, _floor(bars))
    return figures


def _ours(bars: Bars) -> dict[str, dict[str, Any]]:
    settings = Settings(initial_capital=CAPITAL, costs=Costs(fee_rate=Decimal("0.001")))
    rows: dict[str, dict[str, Any]] = {}
    for name, rules in (("Signalman", RULES), ("Signalman, stops inside bars", STOPS)):
        request = BacktestRequest(rules=rules, instrument=MARKET, settings=settings)
        result, best = run(request, bars, TaLibIndicators()), float("inf")
        for _ in range(5):
            began = time.perf_counter()
            run(request, bars, TaLibIndicators())
            best = min(best, time.perf_counter() - began)
        rows[name] = {
            "rate": len(bars) / best,
            "count": len(result.executions),
            "earned": float(subtract(result.equity, CAPITAL)),
            "microseconds_per_execution": best / len(result.executions) * 1e6,
        }
    return rows


def _theirs(bars: Bars) -> dict[str, dict[str, Any]]:
    if not PYTHON.exists():
        print("The other engines are not installed: make bench PART=backtest does that.")
        return {}
    rows: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bars.npz"
        scale = 10.0**bars.digits
        np.savez(
            path,
            time=bars.times,
            open=bars.opens / scale,
            high=bars.highs / scale,
            low=bars.lows / scale,
            close=bars.closes / scale,
        )
        for engine, rounds in ROUNDS.items():
            answered = subprocess.run(  # noqa: S603 - our own script, no shell
                [PYTHON, "-W", "ignore", PEERS, engine, path, str(rounds)],
                capture_output=True,
                text=True,
                check=False,
            )
            if answered.returncode:
                print(f"{engine} failed: {answered.stderr.strip().splitlines()[-1:]}")
                continue
            told = json.loads(answered.stdout.splitlines()[-1])
            rows[engine] = {**told, "rate": len(bars) / told["seconds"]}
    return rows


def _floor(bars: Bars) -> float:
    """Return bars a second of one numpy pass over the closes: read, compare, count."""
    best = float("inf")
    for _ in range(7):
        began = time.perf_counter()
        np.count_nonzero(bars.closes > 0)
        best = min(best, time.perf_counter() - began)
    return len(bars) / best


def _tell(title: str, rows: dict[str, dict[str, Any]], floor: float) -> None:
    ours = rows["Signalman"]["rate"]
    print(f"{title:<34}{'bars / s':>14}{'ours is':>10}{'fills':>9}{'P&L':>16}")
    for name, row in rows.items():
        ratio = f"{ours / row['rate']:.1f}x" if row["rate"] else ""
        print(
            f"{name:<34}{row['rate']:>14,.0f}{ratio:>10}{row['count']:>9,}"
            f"{row['earned']:>16,.2f}"
        )
    for name, rate in OF_THE_PAST.items():
        label = f"{name} (not run here)"
        print(f"{label:<34}{rate:>14,.0f}{ours / rate:>9.1f}x")
    print(f"{'one numpy pass, the floor':<34}{floor:>14,.0f}{ours / floor:>9.4f}x\n")


if __name__ == "__main__":
    main()
    sys.exit(0)
