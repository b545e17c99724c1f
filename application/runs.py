"""A run of one bot over bars, as it is measured: what happened, and what it stands on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from domain.equity import EquityPoint
from domain.measured import MeasuredTrade
from domain.reasons import Reason

CENT_FROM = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """The bars that a run stands on."""

    chart: str
    timeframe: str
    source: str
    """Where the bars are from: a file's name."""
    digest: str
    """SHA-256 of the bars, so that two runs can be told to share them."""
    bars: int
    start: datetime
    end: datetime
    """The close of the last bar."""
    gaps: int = 0
    missing_bars: int = 0
    unfinished_bar: bool = False
    bars_before_first_signal: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a bot did over ``data``, from ``balance`` on.

    ``curve`` is equity with what is open at each point, from ``balance`` at the start to
    the end; it may be thinned to the turns, since nothing is measured between them.
    ``hold`` is what the balance would have made if it had bought at the first entry. Both
    are empty where no bars were seen.
    """

    bot: str
    symbol: str
    currency: str
    balance: Decimal
    data: Data
    trades: tuple[MeasuredTrade, ...]
    curve: tuple[EquityPoint, ...]
    hold: tuple[EquityPoint, ...] = ()
    open_profit: Decimal | None = None
    """What is open at the end at the last close, before fees of closing; None if flat."""
    open_since: datetime | None = None
    entries: int = 0
    """Entries filled: what TradingView counts as trades, closed or not."""
    rsi_length: int | None = None
    decisions: Mapping[Reason, int] = field(default_factory=dict)
    """How often each reason was the answer of the rules."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """What was asked for, as people read it."""

    @property
    def span(self) -> timedelta:
        """Return the time that the bars cover."""
        return self.data.end - self.data.start

    @property
    def decimals(self) -> int:
        """Return how many decimals money has here: a balance of 0.5 BTC needs more."""
        return 2 if self.balance >= CENT_FROM else 6
