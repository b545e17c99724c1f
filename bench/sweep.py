"""A sweep of 100 combinations over 100,000 bars, on one and on two processes.

RSI length by oversold level, three entries, reversing, 0.1 % commission: the strategy on
which `backtesting.py` and `vectorbt` were measured, see `BASELINES`.
"""

import time
from decimal import Decimal

from adapters.configuration.yaml_file import read_yaml
from adapters.indicators.talib import TaLibIndicators
from adapters.processes.pool import ProcessPool
from application.backtesting.preparing import Wanted
from application.configuration.charts import Listings
from application.exploring.explorer import Explorer
from application.exploring.grid import read_grid
from application.exploring.windows import windows_of
from bench.walk import walk

BARS = 100_000
BASELINES = {"backtesting.py, 2 processes": 0.30e6, "vectorbt, Rust": 8.5e6}
"""Combinations times bars a second on two cores, same strategy and as many bars.

They placed 132,300 orders; the grid here places about a tenth more.
"""

BOT = """
bots:
  - name: bench
    account: chart
    feed: bench
    chart: {exchange: TEST, ticker: UNIT, interval: 1}
    reverse: yes
    sizing: {mode: quote, amount: 10000}
    scaling: {max_entries: 3}
"""
GRID = """
axes:
  rsi.length: {from: 9, to: 27, step: 2}
  rsi.oversold: {from: 21, to: 30, step: 1}
"""


def main() -> dict[str, float]:
    """Measure, print a table, and return combinations times bars a second."""
    grid, bars = read_grid(read_yaml(GRID)), walk(BARS)
    explorer = Explorer(
        bars=bars,
        source=read_yaml(BOT),
        bot="bench",
        wanted=Wanted(
            capital=Decimal(1_000_000_000),
            fee_rate=Decimal("0.001"),
            quantity_step=Decimal(1),
        ),
        axes=grid.axes,
        windows=windows_of(grid, len(bars)),
        listings=Listings(()),
        indicators=TaLibIndicators(),
    )
    things = list(enumerate(grid.combinations()))
    result: dict[str, float] = {}
    print(f"{'sweep of 100 x 100,000 bars':<32}{'seconds':>9}{'bars / s':>14}{'ratio':>8}")
    for processes in (1, 2):
        explorer.warm()
        began = time.perf_counter()
        done = list(ProcessPool(processes)(explorer, things))
        seconds = time.perf_counter() - began
        speed = len(done) * BARS / seconds
        result[f"{processes} processes"] = speed
        print(f"{f'{processes} processes':<32}{seconds:>9.2f}{speed:>14,.0f}")
    for name, speed in BASELINES.items():
        ratio = result["2 processes"] / speed
        print(f"{name:<32}{'':>9}{speed:>14,.0f}{ratio:>7.1f}x")
    return result


if __name__ == "__main__":
    main()
