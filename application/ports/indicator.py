"""Indicators over whole columns of closes."""

from typing import Protocol

from application.ports.bars import FloatColumn


class Indicators(Protocol):
    """Computes what a strategy reads, for every bar of a history at once."""

    def rsi(self, closes: FloatColumn, length: int) -> FloatColumn:
        """Return Wilder's RSI at every close; NaN where it is not defined.

        It says what ``domain.rsi`` says: no value for the first ``length`` closes, nor
        while neither gain nor loss was averaged. A value may differ from the domain's in
        its last digits, by less than ``NEAR``.
        """
        ...


NEAR = 1e-9
"""Where RSI is nearer than this to a level, whoever compares computes it exactly."""
