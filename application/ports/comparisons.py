"""What venues say they hold, beside what our books say, market by market."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from application.configuration.values import OnDifference
from application.ports.configuration import Author
from application.records import AccountId, DeskAccount, Key
from domain.instrument import Instrument, Symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedMarket:
    """One (account, symbol) at a real venue, as our books have it now.

    ``ours`` sums all bots, short as negative; ``baseline`` is what is there besides and is
    not ours. While ``busy``, orders are under way and nothing can be compared.
    """

    account: DeskAccount
    instrument: Instrument
    ours: Decimal
    baseline: Decimal
    busy: bool
    differs_since: datetime | None
    now: datetime
    on_difference: OnDifference = "ask"

    @property
    def key(self) -> Key:
        """Return what a worker claims to trade it."""
        return Key(self.account.id, self.instrument.symbol)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What was seen last. ``gates`` says that entries wait until somebody has looked.

    ``theirs`` is None where the venue did not tell.
    """

    account: str
    symbol: Symbol
    ours: Decimal
    theirs: Decimal | None
    baseline: Decimal
    differs_since: datetime | None
    gates: bool
    checked_at: datetime


class Comparisons(Protocol):
    """Where comparisons are kept, on the database's clock."""

    async def markets(self) -> Sequence[ComparedMarket]:
        """Return every market of a real venue that a bot trades or holds something in."""
        ...

    async def keep(
        self, market: ComparedMarket, theirs: Decimal | None, *, differs: bool, gates: bool
    ) -> None:
        """Keep what was seen. Since when it differs is kept until it no longer does."""
        ...

    async def all(self) -> Sequence[Comparison]:
        """Return what was seen last of each market, differences first."""
        ...

    async def ignore(self, account: AccountId, symbol: Symbol, author: Author) -> bool:
        """Take what the venue holds beyond our books for not ours, and audit it.

        False where there is no difference.
        """
        ...

    async def adopt(self, market: ComparedMarket) -> bool:
        """Queue the booking of a close that the venue made, for every bot that holds.

        False where no price is known to book it at.
        """
        ...
