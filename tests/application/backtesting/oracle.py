"""PyneCore, another program that runs Pine strategies, as the judge of our lots.

It runs in a process of its own, since it rewrites modules while it imports them. It is
told of bars and settings on standard input and answers with its trades.

Source: https://github.com/PyneSys/pynecore (Apache-2.0).
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Any

from application.ports.bars import Bars

SCRIPT = '''"""
@pyne
"""
from pynecore.lib import close, high, low, open, script, strategy, ta


@script.strategy(
    "oracle",
    pyramiding={pyramiding},
    default_qty_type=strategy.{quantity_type},
    default_qty_value={quantity},
    commission_type=strategy.commission.percent,
    commission_value={commission},
    slippage={slippage},
    initial_capital={capital},
    margin_long=0,
    margin_short=0,
)
def main():
    rsi = ta.rsi(close, {length})
    if {long}:
        strategy.entry("L", strategy.long)
    if {short}:
        strategy.entry("S", strategy.short)
{exits}
'''


@dataclass(frozen=True, slots=True, kw_only=True)
class Pine:
    """A strategy as Pine states it; conditions are Pine expressions of ``rsi``."""

    long: str = "rsi <= 30"
    short: str = "rsi >= 70"
    length: int = 14
    pyramiding: int = 3
    quantity_type: str = "fixed"
    quantity: str = "1"
    commission: str = "0"
    slippage: int = 0
    capital: int = 1_000_000
    exits: str = ""
    step: str = "1"


@dataclass(frozen=True, slots=True)
class OracleLot:
    """One trade of the oracle. Quantities are signed; bars are indices."""

    quantity: float
    entry_bar: int
    entry_price: float
    exit_bar: int
    exit_price: float


def oracle_lots(bars: Bars, pine: Pine) -> list[OracleLot]:
    """Return the oracle's closed trades, in the order of closing."""
    asked = {
        "script": SCRIPT.format(
            **{name: getattr(pine, name) for name in Pine.__slots__ if name != "step"}
        ),
        "step": pine.step,
        "digits": bars.digits,
        "times": bars.times.tolist(),
        **{
            name: [float(bars.price(price)) for price in getattr(bars, name).tolist()]
            for name in ("opens", "highs", "lows", "closes")
        },
    }
    answered = subprocess.run(
        [sys.executable, "-W", "ignore", str(Path(__file__))],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
    )
    assert answered.returncode == 0, answered.stderr
    return [OracleLot(*row) for row in json.loads(answered.stdout.splitlines()[-1])]


def answer(asked: dict[str, Any]) -> list[list[float]]:
    """Run the script over the bars, in this process."""
    from pynecore.core.script_runner import ScriptRunner  # noqa: PLC0415 - only here
    from pynecore.core.syminfo import (  # noqa: PLC0415
        SymInfo,
        SymInfoInterval,
        SymInfoSession,
    )
    from pynecore.types.ohlcv import OHLCV  # noqa: PLC0415

    days = range(1, 8)
    symbol = SymInfo(
        prefix="TEST",
        description="test",
        ticker="UNIT",
        currency="USDT",
        basecurrency="UNIT",
        period="1",
        type="crypto",
        mintick=10.0 ** -asked["digits"],
        pricescale=10 ** asked["digits"],
        pointvalue=1.0,
        mincontract=float(asked["step"]),
        timezone="UTC",
        opening_hours=[
            SymInfoInterval(day=day, start=time(0), end=time(23, 59, 59)) for day in days
        ],
        session_starts=[SymInfoSession(day=day, time=time(0)) for day in days],
        session_ends=[SymInfoSession(day=day, time=time(23, 59, 59)) for day in days],
    )
    columns = (asked[name] for name in ("times", "opens", "highs", "lows", "closes"))
    candles = [OHLCV(row[0] * 1000, *row[1:], 1.0) for row in zip(*columns, strict=True)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "oracle_script.py"
        path.write_text(asked["script"], encoding="utf-8")
        runner = ScriptRunner(path, iter(candles), symbol)
        return [
            [t.size, t.entry_bar_index, t.entry_price, t.exit_bar_index, t.exit_price]
            for _, _, trades in runner.run_iter()
            for t in trades
        ]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(answer(json.load(sys.stdin))) + "\n")
