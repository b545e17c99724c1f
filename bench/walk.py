"""The bars of benchmarks: a seeded random walk of minutes, 0.05 % a bar."""

from typing import Any

import numpy as np

from application.ports.bars import Bars
from domain.timeframe import Timeframe

DIGITS = 4
_START = 1_700_000_000 // 60 * 60


def walk(count: int, seed: int = 7) -> Bars:
    """Return one-minute bars on a grid of 0.0001; a longer walk begins as a shorter one."""
    random = np.random.default_rng(seed)
    moves = random.normal(0, 0.0005, count)
    closes = _grid(100 * np.exp(np.cumsum(moves)))
    opens = np.concatenate((closes[:1], closes[:-1]))
    reach = np.abs(_grid(100 * np.random.default_rng(seed + 1).normal(0, 0.0003, count)))
    return Bars(
        exchange="TEST",
        ticker="UNIT",
        timeframe=Timeframe.parse("1"),
        digits=DIGITS,
        times=_START + 60 * np.arange(count, dtype=np.int64),
        opens=opens,
        highs=np.maximum(opens, closes) + reach,
        lows=np.minimum(opens, closes) - reach,
        closes=closes,
    )


def _grid(values: Any) -> Any:
    return np.rint(np.asarray(values) * 10**DIGITS).astype(np.int64)
