"""Rows of the tables in memory. What changes is replaced; what it holds are values."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from application.configuration.values import AccountConfig, BotConfig, FeedConfig
from application.ports.flattening import Flattening
from application.records import (
    AccountId,
    BotId,
    ClosedTrade,
    FeedId,
    FillRecord,
    Job,
    Key,
    RevisionId,
)
from domain.instrument import Symbol
from domain.money import ZERO
from domain.risk import Limits
from domain.signal import AlertId
from domain.state import BotState


@dataclass(slots=True)
class FeedRow:
    """A feed, with the digest of its token and of the one before."""

    id: FeedId
    config: FeedConfig
    created_at: datetime
    digest: str
    revision: RevisionId
    previous_digest: str = ""
    previous_until: datetime | None = None


@dataclass(slots=True)
class AccountRow:
    """An account at its newest revision, and what its fills have come to.

    ``equity_peak`` is None until it is measured, and again once a person has resumed.
    """

    id: AccountId
    config: AccountConfig
    revision: RevisionId
    archived: bool = False
    equity_peak: Decimal | None = None
    realized: Decimal = ZERO
    fees: Decimal = ZERO
    losses_in_row: int = 0


@dataclass(slots=True)
class BotRow:
    """A bot at its newest revision. ``bound`` is what its open position keeps."""

    id: BotId
    config: BotConfig
    symbol: Symbol
    account: AccountId
    feed: FeedId
    revision: RevisionId
    archived: bool = False
    bound: tuple[RevisionId, BotConfig] | None = None
    state: BotState = field(default_factory=BotState)
    past: dict[RevisionId, BotConfig] = field(default_factory=dict[RevisionId, BotConfig])
    """Earlier revisions, which an entry may have been decided under."""

    @property
    def key(self) -> Key:
        """Return what a worker claims to work for this bot."""
        return Key(self.account, self.symbol)

    def at(self, revision: RevisionId) -> BotConfig:
        """Return the bot as it was at a revision."""
        return self.config if revision == self.revision else self.past[revision]


@dataclass(slots=True)
class JobRow:
    """A job with its place and its times."""

    job: Job
    key: Key
    alert: AlertId | None
    queued_at: datetime
    finished_at: datetime | None = None
    orders_made: dict[str, datetime] = field(default_factory=dict[str, datetime])


@dataclass(slots=True)
class FlatteningRow:
    """A request to flatten, and since when the venue has said something else."""

    flattening: Flattening
    differs_since: datetime | None = None


@dataclass(slots=True)
class Lease:
    """Who holds a key, until when."""

    owner: str = ""
    fence: int = 0
    until: datetime | None = None
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MissingStop:
    """Since when nobody holds a bot's stop, why, and when people were told."""

    since: datetime
    why: str
    told_at: datetime | None


@dataclass(frozen=True, slots=True)
class DuplicateKey:
    """What an arrival is recognized by, and until when."""

    alert: AlertId
    digest: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Execution:
    """A fill with what it did: to which symbol, by which signed quantity, at which fee."""

    fill: FillRecord
    bot: BotId
    symbol: Symbol
    quantity: Decimal
    fee: Decimal
    """In the settlement currency."""


@dataclass(frozen=True, slots=True)
class TradeEntry:
    """A completed trade with the alert that closed it."""

    id: int
    closed: ClosedTrade
    alert: AlertId | None
    key: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """All that is configured, as it was before an edit."""

    feeds: dict[str, FeedRow]
    accounts: dict[str, AccountRow]
    bots: dict[str, BotRow]
    timers: dict[BotId, datetime]
    limits: Limits
    revisions: int
