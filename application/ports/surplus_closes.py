"""Orders that close what a venue holds beyond our books: no bot's, and kept apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.ports.comparisons import ComparedMarket
from application.ports.configuration import Author
from application.ports.workbench import Claim
from application.records import DeskAccount
from domain.instrument import Instrument
from domain.order import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class SurplusClose:
    """One such order, reduce-only and at the market; ``now`` is the database's time."""

    account: DeskAccount
    instrument: Instrument
    order: Order
    now: datetime


class SurplusCloses(Protocol):
    """Where they are kept: before anything is sent, and with every answer."""

    async def live(self) -> Sequence[SurplusClose]:
        """Return those whose end is not known."""
        ...

    async def attempts(self, market: ComparedMarket) -> int:
        """Return how many there were already for the difference that a market has."""
        ...

    async def begin(
        self, claim: Claim, market: ComparedMarket, order: Order, author: Author
    ) -> SurplusClose | None:
        """Keep an order that is about to leave, and audit it with the numbers.

        None where another one of that market has not ended.

        Raises:
            ClaimLost: If somebody else has claimed the key since.
        """
        ...

    async def keep(self, close: SurplusClose, order: Order, evidence: str) -> None:
        """Keep how an order stands now, and audit what the venue said of it."""
        ...
