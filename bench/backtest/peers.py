"""One engine of others over the benchmark's bars, in the environment apart.

``python peers.py ENGINE BARS.npz``: RSI of 14, 30 and 70, one unit more a signal up to
three, the opposite signal closes all and opens one, 10,000 of money a unit in whole units,
0.1 % commission, decided on the close and filled at the next open. It prints JSON: seconds
of the best of the rounds without loading data, fills, and equity less capital.
"""

# ruff: noqa: ANN001, ANN201, ANN202, ANN204, C901, D103, PLC0415
# mypy: ignore-errors
# The libraries of the other engines are not installed where types are checked, and each is
# written as its own documentation writes it.

import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

CAPITAL, UNIT, FEE = 1e9, 10_000.0, 0.001
LENGTH, LOW, HIGH, MOST = 14, 30.0, 70.0, 3


def run_vectorbt(bars, rounds):
    import pandas as pd
    import talib
    import vectorbt as vbt

    close, opens = bars["close"], bars["open"]

    def once():
        rsi = talib.RSI(close, LENGTH)
        long, short = shifted(counted(rsi <= LOW, rsi >= HIGH))
        size = np.floor(UNIT / np.concatenate((close[:1], close[:-1])))
        return vbt.Portfolio.from_signals(
            pd.Series(close),
            entries=long,
            short_entries=short,
            price=opens,
            size=size,
            fees=FEE,
            init_cash=CAPITAL,
            accumulate=False if MOST == 1 else "addonly",
            upon_opposite_entry="reverse",
        )

    return timed(once, rounds, lambda pf: (int(pf.orders.count()), pf.total_profit()))


def counted(long, short):
    """Leave of each run of one side's signals the first three, which are what enters."""
    side = np.where(long, 1, np.where(short, -1, 0))
    place = np.flatnonzero(side)
    sides = side[place]
    starts = np.concatenate(([True], sides[1:] != sides[:-1]))
    first = np.maximum.accumulate(np.where(starts, np.arange(len(place)), 0))
    kept = place[np.arange(len(place)) - first < MOST]
    mask = np.zeros(len(side), bool)
    mask[kept] = True
    return long & mask, short & mask


def shifted(masks):
    return tuple(np.concatenate(([False], mask[:-1])) for mask in masks)


def run_backtesting(bars, rounds):
    import pandas as pd
    import talib
    from backtesting import Backtest, Strategy

    class Rsi(Strategy):
        def init(self):
            self.rsi = self.I(lambda: talib.RSI(bars["close"], LENGTH), plot=False)

        def next(self):
            rsi, size = self.rsi[-1], int(UNIT // self.data.Close[-1])
            if rsi <= LOW:
                if self.position.is_short:
                    self.position.close()
                    self.buy(size=size)
                elif len(self.trades) < MOST:
                    self.buy(size=size)
            elif rsi >= HIGH:
                if self.position.is_long:
                    self.position.close()
                    self.sell(size=size)
                elif len(self.trades) < MOST:
                    self.sell(size=size)

    columns = {name.capitalize(): bars[name] for name in ("open", "high", "low", "close")}
    index = pd.to_datetime(bars["time"], unit="s")
    test = Backtest(pd.DataFrame(columns, index=index), Rsi, cash=CAPITAL, commission=FEE)

    def told(stats):
        closed = stats["_trades"]
        return len(closed), float(stats["Equity Final [$]"]) - CAPITAL

    return timed(test.run, rounds, told)


def run_backtrader(bars, rounds):
    import backtrader as bt
    import talib

    rsi = talib.RSI(bars["close"], LENGTH)
    fills = []

    class Rsi(bt.Strategy):
        def __init__(self):
            self.at, self.entries = -1, 0

        def notify_order(self, order):
            if order.status == order.Completed:
                fills.append(order.executed.price)

        def next(self):
            self.at += 1
            value, held = rsi[self.at], self.position.size
            size = int(UNIT // self.data.close[0])
            if value <= LOW:
                self.turn(held < 0, self.buy, size)
            elif value >= HIGH:
                self.turn(held > 0, self.sell, size)

        def turn(self, opposite, enter, size):
            if opposite:
                self.close()
                self.entries = 0
            if self.entries < MOST:
                enter(size=size)
                self.entries += 1

    import pandas as pd

    index = pd.to_datetime(bars["time"], unit="s")
    frame = pd.DataFrame(
        {name: bars[name] for name in ("open", "high", "low", "close")}, index=index
    )

    def once():
        fills.clear()
        engine = bt.Cerebro(stdstats=False)
        engine.adddata(bt.feeds.PandasData(dataname=frame, volume=None, openinterest=None))
        engine.addstrategy(Rsi)
        engine.broker.setcash(CAPITAL)
        engine.broker.setcommission(commission=FEE)
        engine.run()
        return engine.broker.getvalue()

    return timed(once, rounds, lambda value: (len(fills), value - CAPITAL))


def run_pynecore(bars, rounds):
    from datetime import time as clock

    from pynecore.core.script_runner import ScriptRunner
    from pynecore.core.syminfo import SymInfo, SymInfoInterval, SymInfoSession
    from pynecore.types.ohlcv import OHLCV

    source = f'''"""
@pyne
"""
from pynecore.lib import close, math, script, strategy, ta


@script.strategy(
    "bench",
    pyramiding={MOST},
    initial_capital={int(CAPITAL)},
    commission_type=strategy.commission.percent,
    commission_value={FEE * 100},
    margin_long=0,
    margin_short=0,
)
def main():
    rsi = ta.rsi(close, {LENGTH})
    if rsi <= {LOW}:
        strategy.entry("L", strategy.long, qty=math.floor({UNIT} / close))
    if rsi >= {HIGH}:
        strategy.entry("S", strategy.short, qty=math.floor({UNIT} / close))
'''
    days = range(1, 8)
    end = clock(23, 59, 59)
    symbol = SymInfo(
        prefix="T",
        description="t",
        ticker="T",
        currency="USDT",
        basecurrency="T",
        period="1",
        type="crypto",
        mintick=0.0001,
        pricescale=10_000,
        pointvalue=1.0,
        mincontract=1.0,
        timezone="UTC",
        opening_hours=[SymInfoInterval(day=d, start=clock(0), end=end) for d in days],
        session_starts=[SymInfoSession(day=d, time=clock(0)) for d in days],
        session_ends=[SymInfoSession(day=d, time=end) for d in days],
    )
    columns = [bars[name].tolist() for name in ("time", "open", "high", "low", "close")]
    candles = [
        OHLCV(int(row[0]) * 1000, *row[1:], 1.0) for row in zip(*columns, strict=True)
    ]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "bench_script.py"
        path.write_text(source)

        def once():
            runner = ScriptRunner(path, iter(candles), symbol)
            closed = sum(len(row[2]) for row in runner.run_iter(copy_results=False))
            return closed, float(runner.script.position.equity) - CAPITAL

        return timed(once, rounds, lambda result: result)


def timed(once, rounds, told):
    best, result = float("inf"), None
    for _ in range(rounds):
        began = time.perf_counter()
        result = once()
        best = min(best, time.perf_counter() - began)
    count, earned = told(result)
    return {"seconds": best, "count": count, "earned": float(earned)}


ENGINES = {
    "vectorbt": run_vectorbt,
    "backtesting.py": run_backtesting,
    "backtrader": run_backtrader,
    "pynecore": run_pynecore,
}


def main():
    engine, path, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with np.load(path) as bars:
        print(json.dumps(ENGINES[engine](dict(bars), rounds)))


if __name__ == "__main__":
    main()
