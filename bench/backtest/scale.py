"""One backtest over so many bars, in a process of its own: its speed and its memory.

``python -m bench.backtest.scale 10000000`` prints JSON. Memory is the process's highest
beyond what the interpreter takes with its libraries, so the bars themselves are in it.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

from adapters.indicators.talib import TaLibIndicators
from application.backtesting.request import BacktestRequest, Settings
from application.backtesting.run import run
from bench.backtest.work import CAPITAL, COSTS, MARKET, RULES
from bench.walk import walk

COUNTS = (100_000, 1_000_000, 5_000_000, 10_000_000)


def scaled() -> dict[str, dict[str, float]]:
    """Measure each count in a fresh process, and print a line for each."""
    rows: dict[str, dict[str, float]] = {}
    print(f"{'bars':>12}{'seconds':>10}{'bars / s':>14}{'bytes a bar':>13}{'fills':>10}")
    for count in COUNTS:
        command = [sys.executable, "-m", "bench.backtest.scale", str(count)]
        answer = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
        row = rows[f"{count:,} bars"] = json.loads(answer.stdout)
        print(
            f"{count:>12,}{row['seconds']:>10.3f}{count / row['seconds']:>14,.0f}"
            f"{row['bytes_a_bar']:>13.0f}{row['fills']:>10,}"
        )
    return rows


def _measured(count: int) -> dict[str, float]:
    request = BacktestRequest(
        rules=RULES,
        instrument=MARKET,
        settings=Settings(initial_capital=CAPITAL, costs=COSTS),
    )
    run(request, walk(1_000), TaLibIndicators())
    _reset_peak()
    before, bars = _peak(), walk(count)
    _reset_peak()  # making the walk takes more than the walk
    best, fills = float("inf"), 0
    for _ in range(3 if count <= 1_000_000 else 1):
        began = time.perf_counter()
        result = run(request, bars, TaLibIndicators())
        best = min(best, time.perf_counter() - began)
        fills = len(result.log.rows)
    return {
        "seconds": best,
        "bytes_a_bar": (_peak() - before) / count,
        "fills": fills,
    }


def _peak() -> int:
    """Return the most bytes that were resident since the last reset."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (one for one in status.splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def _reset_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


if __name__ == "__main__":
    print(json.dumps(_measured(int(sys.argv[1]))))
