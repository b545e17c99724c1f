"""What is configured: feeds, accounts and bots, as they are in force."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, time
from decimal import Decimal
from types import MappingProxyType
from typing import Literal

from application.configuration.tree import Tree
from domain.instrument import Symbol
from domain.money import ZERO
from domain.risk import NO_LIMITS, Limits
from domain.rules import Rules
from domain.timeframe import Timeframe

Mode = Literal["paper", "testnet", "live"]
Clock = Literal["wall", "bar"]

MAX_AGE_SECONDS = 120
"""How old an alert may be for an entry, unless the bot says otherwise."""


def chart_key(exchange: str, ticker: str, timeframe: Timeframe) -> str:
    """Return the canonical name of a TradingView chart: ``BINANCE:BTCUSDT.P:4h``."""
    return f"{exchange.upper()}:{ticker.upper()}:{timeframe}"


def name_key(name: str) -> str:
    """Return the canonical form of a chart's free name: ``name:herenya capital``."""
    return f"name:{' '.join(name.split()).casefold()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What a bot's alerts are about: a TradingView chart, or a free name they carry.

    A named chart may say its ``timeframe``, for rules that count bars; its key does not
    depend on it.
    """

    exchange: str | None = None
    ticker: str | None = None
    timeframe: Timeframe | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        """Refuse a chart that is both or neither."""
        complete = bool(self.exchange and self.ticker and self.timeframe)
        partly = self.exchange is not None or self.ticker is not None
        if self.name is None and not complete:
            message = "a chart needs a name, or an exchange, a ticker and a timeframe"
            raise ValueError(message)
        if self.name is not None and (partly or not self.name.strip()):
            message = f"a chart has either a name or an exchange and a ticker, was {self!r}"
            raise ValueError(message)

    @property
    def key(self) -> str:
        """Return the canonical name: two charts with the same key are the same chart."""
        if self.exchange and self.ticker and self.timeframe:
            return chart_key(self.exchange, self.ticker, self.timeframe)
        return name_key(self.name or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedConfig:
    """A named intake with a token of its own."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperConfig:
    """How a paper account pretends."""

    balance: Decimal = Decimal(10_000)
    currency: str = "USDT"
    fee_rate: Decimal | None = None
    """Fee as a fraction of notional; None for the instrument's own taker fee."""
    slippage_bps: Decimal = ZERO
    """Against the trader, in hundredths of a percent of the price."""
    clock: Clock = "wall"


DAY_START = time(0, 0, tzinfo=UTC)


OnDifference = Literal["ask", "adopt", "ignore", "close"]
"""Stop entries until somebody has looked, book what the venue closed, take the rest for not
ours, or close there what is beyond our books."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountConfig:
    """One venue as one trader sees it; exchange and mode are fixed for life.

    ``exchange`` is a CCXT id. ``options`` are merged into the CCXT constructor and hold no
    keys. ``day_start`` is when a day's loss begins to count, in UTC. ``on_difference`` says
    what is done once the venue holds something else than our books say. ``symbols`` are all
    that may be traded; without any, whatever the exchange has.
    """

    name: str
    exchange: str
    mode: Mode = "paper"
    paper: PaperConfig = field(default_factory=PaperConfig)
    limits: Limits = NO_LIMITS
    options: Mapping[str, Tree] = field(default_factory=dict[str, Tree])
    day_start: time = DAY_START
    on_difference: OnDifference = "ask"
    symbols: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BotConfig:
    """A configured trader.

    ``symbol`` is None until it is derived from the chart; from then on ``rules.can_short``
    says what that market allows. ``rules.timeframe`` is the chart's.
    """

    name: str
    account: str
    feed: str
    chart: Chart
    symbol: Symbol | None = None
    rules: Rules = field(default_factory=Rules)
    limits: Limits = field(default_factory=lambda: Limits(max_age_seconds=MAX_AGE_SECONDS))
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRevisions:
    """The newest revisions that whoever edits has looked at, by name."""

    feeds: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    accounts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    bots: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    limits: int | None = None


NOTHING_SEEN = SeenRevisions()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One configuration file. ``limits`` are the installation's.

    What a file leaves out stays as it is: ``limits`` are None when it does not name them.
    """

    feeds: tuple[FeedConfig, ...] = ()
    accounts: tuple[AccountConfig, ...] = ()
    bots: tuple[BotConfig, ...] = ()
    limits: Limits | None = None
    seen: SeenRevisions = NOTHING_SEEN
    """What was changed since is not overwritten."""
