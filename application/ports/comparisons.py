"""What venues say they hold, beside what our books say, market by market."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Protocol

from application.answers import FillReport
from application.configuration.values import OnDifference
from application.differences import Holder, Remedy
from application.notice import Notice
from application.ports.configuration import Author
from application.records import AccountId, BotId, DeskAccount, Key, Mark
from domain.instrument import Instrument, Symbol


class Asked(NamedTuple):
    """What a person wants done about a difference."""

    remedy: Remedy
    author: Author


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedMarket:
    """One (account, symbol) at a real venue, as our books have it now.

    ``ours`` sums all bots, short as negative; ``baseline`` is what is there besides and is
    not ours. While ``busy``, orders are under way and nothing can be compared. The very
    same difference (``last_ours``, ``last_theirs``) is there since ``same_since``; books
    and venue last agreed at ``matched_at``.
    """

    account: DeskAccount
    instrument: Instrument
    installation: str
    """With its epoch: what ids of orders are derived from."""
    ours: Decimal
    holders: tuple[Holder, ...]
    baseline: Decimal
    busy: bool
    differs_since: datetime | None
    same_since: datetime | None
    matched_at: datetime | None
    last_ours: Decimal | None
    last_theirs: Decimal | None
    gates: bool
    mark: Mark | None
    """The newest price that is known."""
    asked: Asked | None
    now: datetime
    on_difference: OnDifference = "ask"

    @property
    def key(self) -> Key:
        """Return what a worker claims to trade it."""
        return Key(self.account.id, self.instrument.symbol)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was seen; ``theirs`` is None where the venue did not tell."""

    theirs: Decimal | None
    differs: bool
    gates: bool
    notice: Notice | None = None
    """What people are to be told of it now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """What the venue has closed of a bot's position.

    ``held`` is what the bot was seen to hold. Without ``fills`` it is booked at the newest
    price that is known, and costs nothing.
    """

    bot: BotId
    held: Decimal
    quantity: Decimal
    fills: tuple[FillReport, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What was seen last. ``gates`` says that entries wait until somebody has looked.

    ``theirs`` is None where the venue did not tell. ``asked`` is what a person wants done,
    ``closing`` how the newest order stands that closes the surplus.
    """

    account: str
    account_id: AccountId
    symbol: Symbol
    base: str
    can_short: bool
    ours: Decimal
    holders: tuple[str, ...]
    theirs: Decimal | None
    baseline: Decimal
    differs_since: datetime | None
    gates: bool
    on_difference: OnDifference
    asked: Asked | None
    closing: str
    checked_at: datetime


class Comparisons(Protocol):
    """Where comparisons are kept, on the database's clock."""

    async def markets(self) -> Sequence[ComparedMarket]:
        """Return every market of a real venue that a bot trades or holds something in."""
        ...

    async def keep(self, market: ComparedMarket, reading: Reading) -> None:
        """Keep what was seen, and what is told of it, in one transaction.

        Since when it differs is kept until it no longer does; what a person asked for
        until then as well.
        """
        ...

    async def all(self) -> Sequence[Comparison]:
        """Return what was seen last of each market, differences first."""
        ...

    async def ignore(self, account: AccountId, symbol: Symbol, author: Author) -> bool:
        """Take what the venue holds beyond our books for not ours, and audit it.

        False where there is no difference.
        """
        ...

    async def ask(self, account: AccountId, symbol: Symbol, asked: Asked) -> bool:
        """Keep what is to be done about a difference, and audit who said so.

        False where there is no difference.
        """
        ...

    async def booked(self, key: Key, trade_ids: Sequence[str]) -> AbstractSet[str]:
        """Return those of these executions that our books have."""
        ...

    async def adopt(
        self, market: ComparedMarket, adopted: Sequence[Adopted], author: Author
    ) -> bool:
        """Queue the booking of what the venue closed, for every bot, and audit it.

        False where a bot's position has changed meanwhile, where it has unfinished work, or
        where no price is known to book at.
        """
        ...
