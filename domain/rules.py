"""What a bot is told: when to enter, how much, how often again, and when to leave.

A percent is 2 for two percent; it is turned into a price only where it is used.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any

from domain.expression import Condition
from domain.hours import Window
from domain.money import ONE, ZERO
from domain.timeframe import Timeframe


class Trigger(Enum):
    """When RSI says something: while in the zone, on entering it, on leaving it."""

    LEVEL = "level"
    CROSS_INTO = "cross_into"
    CROSS_OUT = "cross_out"


class Allowed(Enum):
    """The sides a bot may hold."""

    BOTH = "both"
    LONG = "long"
    SHORT = "short"


class SellMeans(Enum):
    """What a sell is where no field says which position it leads to; a buy is LONG then."""

    CLOSE = "close"
    SHORT = "short"


class SizingMode(Enum):
    """What ``amount`` means: quote money, base quantity, or a percent of equity."""

    QUOTE = "quote"
    BASE = "base"
    EQUITY_PERCENT = "equity_percent"
    RISK_PERCENT = "risk_percent"


class OrderType(Enum):
    """Whether an entry takes the market's price, or waits for the alert's."""

    MARKET = "market"
    LIMIT = "limit"


class OnTimeout(Enum):
    """What becomes of what a limit entry did not get in time: given up, or bought."""

    CANCEL = "cancel"
    MARKET = "market"


class MarginMode(Enum):
    """Whether a position risks the whole account, or its own margin alone."""

    CROSS = "cross"
    ISOLATED = "isolated"


class StepDirection(Enum):
    """Whether a scale-in waits for a better price (against) or a confirmed one (with)."""

    AGAINST = "against"
    WITH = "with"


@dataclass(frozen=True, slots=True, kw_only=True)
class RsiRules:
    """RSI at or below ``oversold`` means LONG, at or above ``overbought`` SHORT."""

    length: int = 14
    oversold: float = 30.0
    overbought: float = 70.0
    trigger: Trigger = Trigger.LEVEL


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizing:
    """How large the first entry is."""

    mode: SizingMode = SizingMode.QUOTE
    amount: Decimal = ONE
    reserve: bool = False
    """Size and reserve all entries at the first one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaling:
    """When another entry may be added to an open position, and how large it is."""

    max_entries: int = 1
    min_bars: int = 1
    price_step_percent: Decimal = ZERO
    price_step_direction: StepDirection = StepDirection.AGAINST
    rsi_step: float = 0.0
    size_curve: tuple[Decimal, ...] = (ONE,)
    """Factor of each entry; the last one repeats."""

    def factor(self, number: int) -> Decimal:
        """Return what entry ``number`` (from 1) is multiplied with."""
        return self.size_curve[min(number, len(self.size_curve)) - 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitRules:
    """When to leave without a signal. Percentages are of the lots' average price."""

    stop_loss_percent: Decimal | None = None
    take_profit_percent: Decimal | None = None
    trailing_percent: Decimal | None = None
    max_bars: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRules:
    """How an entry is sent. A limit order rests for ``timeout_seconds`` at most."""

    type: OrderType = OrderType.MARKET
    collar_percent: Decimal | None = ONE
    timeout_seconds: int = 30
    on_timeout: OnTimeout = OnTimeout.CANCEL

    @property
    def waits(self) -> bool:
        """Say whether entries wait at the venue for their price."""
        return self.type is OrderType.LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What the strategy ``rules`` asks for; ``add`` is for scale-ins, else the entry's."""

    long: Condition | None = None
    short: Condition | None = None
    add: Condition | None = None
    exit_long: Condition | None = None
    exit_short: Condition | None = None

    @property
    def all(self) -> tuple[Condition, ...]:
        """Return those that are given."""
        given = (self.long, self.short, self.add, self.exit_long, self.exit_short)
        return tuple(one for one in given if one is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Everything ``decide`` obeys for one bot."""

    timeframe: Timeframe | None = None
    can_short: bool = True
    strategy: str = "rsi"
    allowed: Allowed = Allowed.BOTH
    rsi: RsiRules = field(default_factory=RsiRules)
    trust_signal: bool = False
    sell_means: SellMeans | None = None
    """None skips a buy or sell that no position field explains."""
    intrabar: bool = False
    rearm: bool = False
    windows: tuple[Window, ...] = ()
    """When entries are allowed; always without any."""
    cooldown_bars: int = 0
    """How many bars must pass after a close before a first entry."""
    conditions: Conditions = field(default_factory=Conditions)
    parameters: tuple[tuple[str, str], ...] = ()
    """What a trader's own strategy is told."""
    own: Callable[..., Any] | None = None
    """A trader's own ``domain.wish.Strategy``; None for those that are known."""
    reverse: bool = False
    leverage: Decimal = ONE
    margin_mode: MarginMode | None = None
    """None leaves it as the venue has it."""
    sizing: Sizing = field(default_factory=Sizing)
    scaling: Scaling = field(default_factory=Scaling)
    exits: ExitRules = field(default_factory=ExitRules)
    order: OrderRules = field(default_factory=OrderRules)
