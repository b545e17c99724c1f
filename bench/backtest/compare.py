"""Our engine beside those of others, one after another, on the same strategy and bars.

What cannot be installed here is shown with a figure of the past, marked as such: those were
measured on two cores of another machine.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from adapters.indicators.talib import TaLibIndicators
from application.backtesting.request import BacktestRequest, Settings
from application.backtesting.run import run
from application.ports.bars import Bars
from bench.backtest.cold import ours as our_start
from bench.backtest.cold import started
from bench.backtest.scale import scaled
from bench.backtest.work import CAPITAL, COSTS, MARKET, RULES, STOPS
from bench.walk import walk
from domain.money import subtract

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-bench-backtest" / "bin" / "python"
PEERS = Path(__file__).with_name("peers.py")
SIZES = {"100,000 bars": 100_000, "1,000,000 bars": 1_000_000}
ROUNDS = {"vectorbt": 5, "backtesting.py": 2, "backtrader": 1, "pynecore": 1}
STARTED = ("vectorbt", "backtesting.py")
"""Engines whose whole process is measured as well; the others take seconds for the run."""
OURS, WITH_STOPS = "Signalman", "Signalman, stops inside bars"

OF_THE_PAST = {
    "freqtrade 2026.9": 3_400,
    "nautilus_trader 1.231": 19_000,
    "Jesse 3.5.3": 51_000,
}


def main() -> dict[str, Any]:
    """Measure, print tables, and return bars a second by size and engine."""
    figures: dict[str, Any] = {}
    for title, count in SIZES.items():
        bars = walk(count)
        with tempfile.TemporaryDirectory() as folder:
            path = _written(bars, Path(folder))
            rows = {**_ours(bars), **_theirs(path, len(bars))}
        figures[title] = rows
        _tell(title, rows, _floor(bars))
    figures["cold start"] = _cold_starts()
    figures["scale"] = scaled()
    return figures


def _ours(bars: Bars) -> dict[str, dict[str, Any]]:
    settings = Settings(initial_capital=CAPITAL, costs=COSTS)
    rows: dict[str, dict[str, Any]] = {}
    for name, rules in ((OURS, RULES), (WITH_STOPS, STOPS)):
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


def _written(bars: Bars, folder: Path) -> Path:
    """Write the bars as the other engines read them."""
    path, scale = folder / "bars.npz", 10.0**bars.digits
    np.savez(
        path,
        time=bars.times,
        open=bars.opens / scale,
        high=bars.highs / scale,
        low=bars.lows / scale,
        close=bars.closes / scale,
    )
    return path


def _theirs(path: Path, count: int) -> dict[str, dict[str, Any]]:
    if not PYTHON.exists():
        print("The other engines are not installed: make bench PART=backtest does that.")
        return {}
    rows: dict[str, dict[str, Any]] = {}
    for engine, rounds in ROUNDS.items():
        answered = subprocess.run(  # noqa: S603 - our own script, no shell
            _asked(engine, path, rounds), capture_output=True, text=True, check=False
        )
        if answered.returncode:
            print(f"{engine} failed: {answered.stderr.strip().splitlines()[-1:]}")
            continue
        told = json.loads(answered.stdout.splitlines()[-1])
        rows[engine] = {**told, "rate": count / told["seconds"]}
    return rows


def _asked(engine: str, path: Path, rounds: int) -> list[str | Path]:
    return [PYTHON, "-W", "ignore", PEERS, engine, path, str(rounds)]


def _cold_starts() -> dict[str, float]:
    """Measure processes that start, load 100,000 bars and run once."""
    bars = walk(SIZES["100,000 bars"])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        starts = {"signalman backtest run": our_start(bars, folder)}
        if PYTHON.exists():
            path = _written(bars, folder)
            for engine in STARTED:
                starts[engine] = started(_asked(engine, path, 1), {})
    print(f"{'cold start, 100,000 bars':<38}{'seconds':>14}{'processor':>12}")
    for name, cold in starts.items():
        print(f"{name:<38}{cold.seconds:>14.2f}{cold.processor_seconds:>12.2f}")
    print()
    return {name: cold.seconds for name, cold in starts.items()}


def _floor(bars: Bars) -> float:
    """Return bars a second of one numpy pass over the closes: read, compare, count."""
    best = float("inf")
    for _ in range(7):
        began = time.perf_counter()
        np.count_nonzero(bars.closes > 0)
        best = min(best, time.perf_counter() - began)
    return len(bars) / best


def _tell(title: str, rows: dict[str, dict[str, Any]], floor: float) -> None:
    """Print the rows; each ratio is ours to theirs, also of our run with stops."""
    ours, stopped = rows[OURS]["rate"], rows[WITH_STOPS]["rate"]
    head = f"{'bars / s':>14}{'ours is':>10}{'with stops':>12}{'fills':>9}{'P&L':>16}"
    print(f"{title:<38}{head}")
    for name, row in rows.items():
        told = f"{row['count']:>9,}{row['earned']:>16,.2f}"
        print(_line(name, row["rate"], (ours, stopped)) + told)
    for name, rate in OF_THE_PAST.items():
        print(_line(f"{name} (recorded)", rate, (ours, stopped)))
    print(f"{'one numpy pass, the floor':<38}{floor:>14,.0f}{ours / floor:>9.4f}x\n")


def _line(name: str, rate: float, ours: tuple[float, float]) -> str:
    plain, stopped = (f"{one / rate:.1f}x" for one in ours)
    return f"{name:<38}{rate:>14,.0f}{plain:>10}{stopped:>12}"


if __name__ == "__main__":
    main()
    sys.exit(0)
