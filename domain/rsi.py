"""Wilder's relative strength index, in TradingView's order of operations.

Source: J. Welles Wilder, "New Concepts in Technical Trading Systems", 1978; TradingView's
``ta.rsi`` and ``ta.rma``: seeded by the mean of the first n changes, then
``(previous * (n - 1) + change) / n``. An indicator's value may be a float.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


def relative_strength(gain: float, loss: float) -> float | None:
    """Return the index of two averages; prices that did not move have none."""
    if gain == 0 and loss == 0:
        return None
    if loss == 0:
        return 100.0
    return 100.0 - 100.0 / (1.0 + gain / loss)


@dataclass(slots=True)
class WilderRsi:
    """A streaming RSI: give it closes one by one.

    The first value comes with close number ``length`` + 1, since a change needs two closes.
    """

    length: int
    _seen: int = 0
    _last: float = 0.0
    _gain: float = 0.0
    _loss: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a length that has no average."""
        if self.length < 1:
            message = f"RSI length must be at least 1, was {self.length}"
            raise ValueError(message)

    def update(self, close: float) -> float | None:
        """Take the next close and return the index, or None while it is not defined."""
        change = close - self._last
        self._last = close
        self._seen += 1
        if self._seen == 1:
            return None
        self._average(max(change, 0.0), max(-change, 0.0))
        if self._seen <= self.length:
            return None
        return relative_strength(self._gain, self._loss)

    def _average(self, gain: float, loss: float) -> None:
        n = self.length
        if self._seen <= n + 1:
            self._gain += gain
            self._loss += loss
            if self._seen == n + 1:
                self._gain /= n
                self._loss /= n
        else:
            self._gain = (self._gain * (n - 1) + gain) / n
            self._loss = (self._loss * (n - 1) + loss) / n


def rsi_series(closes: Iterable[float], length: int) -> Iterator[float | None]:
    """Yield one value a close, in order; None where the index is not defined."""
    rsi = WilderRsi(length)
    return (rsi.update(close) for close in closes)
