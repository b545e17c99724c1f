"""What a backtest is asked to do: which bot, on which market, with which fills."""

from dataclasses import dataclass, field, fields
from datetime import UTC, time
from decimal import Decimal
from enum import Enum

from domain.fills import Costs
from domain.instrument import Instrument
from domain.risk import NO_LIMITS, Limits
from domain.rules import Rules


class FillMode(Enum):
    """When an order that a closed bar calls for is filled.

    NEXT_OPEN is TradingView's default: at the open of the bar after. CLOSE is what a paper
    account does with an alert: at once, at the close that the alert carries.
    """

    NEXT_OPEN = "next_open"
    CLOSE = "close"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How orders are filled, and with how much money a run begins."""

    fill: FillMode = FillMode.NEXT_OPEN
    initial_capital: Decimal = Decimal(10_000)
    """In the settlement currency."""
    costs: Costs = field(default_factory=Costs)
    margin: bool = True
    """Whether an entry that the account could not pay for is refused, as on paper."""
    skip: bool = True
    """Whether the rules are spared the bars on which they cannot act.

    The result is the same without; tests run both ways.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestRequest:
    """One bot on one market. ``rules.timeframe`` is the chart's."""

    rules: Rules
    instrument: Instrument
    name: str = "backtest"
    limits: Limits = NO_LIMITS
    """The bot's own."""
    account_limits: Limits = NO_LIMITS
    day_start: time = time(0, 0, tzinfo=UTC)
    """When a day's loss begins to count, in UTC."""
    settings: Settings = field(default_factory=Settings)

    @property
    def is_limited(self) -> bool:
        """Say whether there is a limit beside the age of alerts, which history has not."""
        return any(
            getattr(limits, one.name) is not None
            for limits in (self.limits, self.account_limits)
            for one in fields(Limits)
            if one.name != "max_age_seconds"
        )

    @property
    def skips(self) -> bool:
        """Say whether bars may be left out: by RSI alone it is known when rules can act.

        A bot that cools down remembers its last bar, so it must see every one.
        """
        return not self.every_bar

    @property
    def every_bar(self) -> tuple[str, ...]:
        """Return why the rules must see every bar, in words; empty if they need not."""
        reasons: list[str] = []
        if not self.settings.skip:
            reasons.append("it was asked for")
        if self.rules.strategy != "rsi":
            reasons.append(f"the strategy {self.rules.strategy} may act on any bar")
        if self.rules.cooldown_bars:
            reasons.append("a bot that cools down counts bars from its last one")
        return tuple(reasons)
