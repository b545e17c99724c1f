"""RSI by TA-Lib, which averages as Wilder did, at about 4 ns a bar."""

import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import cast

import numpy as np

from application.backtesting.candidates import exact_rsi
from application.ports.bars import FloatColumn

_SHORTEST = 2
"""TA-Lib refuses shorter lengths."""


class TaLibIndicators:
    """The port ``Indicators`` on TA-Lib.

    TA-Lib multiplies by 1/n where TradingView divides by n, so that values differ in their
    last digits. It answers 0 where prices never moved, and where so long ago that both
    averages are below its epsilon; there the domain's own answer is taken.
    """

    def rsi(self, closes: FloatColumn, length: int) -> FloatColumn:
        """Return Wilder's RSI; NaN where it is not defined."""
        if length < _SHORTEST or len(closes) <= length:
            return exact_rsi(closes, length)
        values = _compiled()(closes, length)
        zeros = np.flatnonzero(values == 0.0)
        if len(zeros) and _any_gain(closes[: zeros[-1] + 1]):
            return exact_rsi(closes, length)
        if len(zeros):
            moved = np.flatnonzero(closes != closes[0])
            values[: moved[0] if len(moved) else len(values)] = np.nan
        return values


def _any_gain(closes: FloatColumn) -> bool:
    return bool(np.any(closes[1:] > closes[:-1]))


_MISSING = cast("ModuleType", None)
"""What the import system takes for a module that is known to be missing."""


@cache
def _compiled() -> Callable[[FloatColumn, int], FloatColumn]:
    """Return TA-Lib's compiled function.

    Its package brings in pandas and polars where they happen to be installed, half a second
    for nothing: meanwhile they are marked as missing.
    """
    hidden = [name for name in ("pandas", "polars") if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = _MISSING
    try:
        talib = import_module("talib")
    finally:
        for name in hidden:
            del sys.modules[name]
    return cast("Callable[[FloatColumn, int], FloatColumn]", talib.RSI)
