"""What the market is at now, told with its age; a price nobody knows is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from application.records import DeskAccount
from domain.instrument import Instrument, Symbol

STALE = timedelta(seconds=60)
"""How old a price may be before nothing is decided by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """One market's prices, in quote. ``at`` is when they were true, never later than asked.

    ``mark`` is what a perpetual's margin is counted by; bid and ask where they are told.
    """

    last: Decimal
    at: datetime
    mark: Decimal | None = None
    bid: Decimal | None = None
    ask: Decimal | None = None

    def is_fresh(self, now: datetime) -> bool:
        """Say whether something may be decided by it."""
        return now - self.at <= STALE


class MarketData(Protocol):
    """The port to prices. Nothing here raises for what a venue did not tell."""

    async def quotes(
        self, account: DeskAccount, markets: Sequence[Instrument]
    ) -> Mapping[Symbol, Quote]:
        """Return the prices of these markets at the account's venue.

        Those that were not told are missing. Reads come after exits and entries, and many
        markets take one request where the venue allows it.
        """
        ...


class ClosingMarketData(MarketData, Protocol):
    """A source of prices that holds connections."""

    async def close(self) -> None:
        """Let go of every connection. It may be used again afterwards."""
        ...
