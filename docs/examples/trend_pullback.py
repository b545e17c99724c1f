"""A strategy of your own: buy a dip of RSI while the price is above its trend.

Put this file where Python finds it (for example into a directory that is in PYTHONPATH),
and name it in a bot:

    strategy: trend_pullback:TrendPullback
    parameters: {dip: 35, trend: plots.ema200}

It is pure: no clock, no network, no randomness, and nothing kept between two calls. That
is what makes a backtest, paper and live agree.
"""

from collections.abc import Mapping
from decimal import Decimal

from domain.reasons import Finding, Reason
from domain.rules import Rules
from domain.signal import Direction, Signal
from domain.state import BotState
from domain.wish import LEAVE, View

MIDDLE = 50


class TrendPullback:
    """Long below ``dip`` while the price is above ``trend``; flat above 100 - ``dip``."""

    def __init__(self, parameters: Mapping[str, str]) -> None:
        """Read the bot's parameters; what is wrong with them is told when it is saved."""
        self.dip = float(parameters.get("dip", "35"))
        self.trend = parameters.get("trend", "plots.ema200")
        if not 0 < self.dip < MIDDLE:
            message = f"dip must be between 0 and {MIDDLE}, was {self.dip:g}"
            raise ValueError(message)

    def decide(self, state: BotState, signal: Signal, rules: Rules) -> View:
        """Say where to be: a side, LEAVE, or None for nothing; and what was measured."""
        del rules
        if signal.rsi is None or signal.price is None:
            return None, Finding(Reason.RSI_MISSING, passed=False, value="the alert")
        if state.side is Direction.LONG and signal.rsi > 100 - self.dip:
            return LEAVE, Finding(Reason.RULE_MET, passed=True, value=signal.rsi)
        trend = Decimal(signal.extra.get(self.trend, "NaN"))
        dips = signal.rsi < self.dip and trend.is_finite() and signal.price > trend
        reason = Reason.RULE_MET if dips else Reason.RULE_NOT_MET
        finding = Finding(reason, passed=True, value=f"rsi {signal.rsi:g}")
        return Direction.LONG if dips else None, finding
