"""Where feeds, accounts and bots are kept, each change a revision, and who may trade."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Protocol

from application.configuration.values import AccountConfig, BotConfig, FeedConfig
from application.records import AccountId, BotId, FeedId, RevisionId
from domain.instrument import Symbol
from domain.risk import Limits, TradingState

Tree = Mapping[str, Any]
"""A configuration as text scalars, lists and mappings: what a revision keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedFeed:
    """A feed that is in force."""

    id: FeedId
    config: FeedConfig
    created_at: datetime
    revision: RevisionId


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedAccount:
    """An account that is in force, at its newest revision."""

    id: AccountId
    config: AccountConfig
    revision: RevisionId
    archived: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedBot:
    """A bot that is in force, at its newest revision.

    ``bound_revision`` is the one its open position keeps; None when flat.
    """

    id: BotId
    config: BotConfig
    symbol: Symbol
    revision: RevisionId
    archived: bool
    has_position: bool
    bound_revision: RevisionId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """Everything that is configured."""

    feeds: tuple[DeployedFeed, ...]
    accounts: tuple[DeployedAccount, ...]
    bots: tuple[DeployedBot, ...]
    limits: Limits
    limits_revision: RevisionId | None = None
    """None before the installation's first."""


class Scope(Enum):
    """What a trading state covers."""

    GLOBAL = "global"
    ACCOUNT = "account"
    BOT = "bot"


class Kind(Enum):
    """What a revision is of."""

    FEED = "feed"
    ACCOUNT = "account"
    BOT = "bot"
    INSTALLATION = "installation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who changes something, from where, and why."""

    name: str
    source: str
    """``command line``, ``web``, ``api``, ``telegram`` or ``brake``."""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One thing made new or given its next revision. ``tree`` is all of its settings."""

    kind: Kind
    name: str
    tree: Tree
    symbol: Symbol | None = None
    """The symbol a bot trades; None for everything else."""
    token_digest: str | None = None
    """SHA-256 of a new feed's token."""
    adopt: bool = False
    """Whether a bot's open position takes the new rules at once."""
    expected: RevisionId | None = None
    """The newest revision that whoever edits has seen, ``NEVER`` when there was none; None
    where it does not matter."""


NEVER = RevisionId(0)
"""The revision of what was not there yet."""
INSTALLATION = "installation"
"""The name under which the installation's own revisions are kept."""


class EditRefused(Exception):
    """The change cannot be made as things stand; nothing was changed."""


class ChangedMeanwhile(EditRefused):
    """Somebody else was faster; nothing of theirs was overwritten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """A trading state as it was set. ``name`` is empty for the installation."""

    scope: Scope
    name: str
    state: TradingState
    author: Author
    at: datetime


def loosens(
    state: TradingState, scope: Scope, name: str, in_force: Iterable[StateChange]
) -> bool:
    """Say whether a state lets more happen than the one that is in force there."""
    held = [one.state for one in in_force if (one.scope, one.name) == (scope, name)]
    return state < max(held, default=TradingState.ACTIVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionRow:
    """One revision with who made it."""

    id: RevisionId
    kind: Kind
    name: str
    tree: Tree
    author: Author
    at: datetime


class ConfigurationStore(Protocol):
    """Configuration in force and its history."""

    async def deployed(self) -> Deployed:
        """Return everything, archived things included."""
        ...

    async def edit(
        self, edits: Sequence[Edit], archive: Sequence[str], author: Author
    ) -> None:
        """Make all edits, and archive these bots, in one transaction; order is kept.

        An edit whose tree equals the newest revision changes nothing.

        Raises:
            ChangedMeanwhile: When the newest revision is not the expected one.
            EditRefused: When a bot's account, symbol or chart, or an account's mode or
                exchange, would change under an open position or working order, or a bot to
                archive is not flat. Says which and why.
        """
        ...

    async def history(self, kind: Kind, name: str) -> Sequence[RevisionRow]:
        """Return all revisions of one thing, newest first; empty when it is unknown."""
        ...

    async def rotate_token(self, feed: str, digest: str, author: Author) -> bool:
        """Give the feed a new token; the old one goes on for 24 h. False when unknown."""
        ...

    async def states(self) -> Sequence[StateChange]:
        """Return the state in force of the installation and of all that is not ACTIVE."""
        ...

    async def change_state(
        self, scope: Scope, name: str, state: TradingState, author: Author
    ) -> bool:
        """Set and audit a trading state; false when there is no such account or bot."""
        ...

    async def sync_instruments(self, listings: Sequence[Any]) -> int:
        """Insert or update instruments (``charts.Listing``); return how many changed."""
        ...
