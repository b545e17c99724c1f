"""A venue, live or paper: what may be asked of it, and what its answers mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from application.answers import (
    ALREADY_FLAT,
    Acknowledged,
    Answer,
    Execution,
    FillReport,
    Lookup,
    NotFound,
    NotPlaced,
    Refused,
    Unknown,
)
from application.records import DeskAccount
from domain.instrument import Instrument
from domain.money import ONE
from domain.order import Order

__all__ = [
    "ALREADY_FLAT",
    "Acknowledged",
    "Answer",
    "Broker",
    "Execution",
    "FillReport",
    "Lookup",
    "NotFound",
    "NotPlaced",
    "Refused",
    "Unknown",
    "VenueOrder",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueOrder:
    """An order with everything an adapter needs to place or find it."""

    account: DeskAccount
    instrument: Instrument
    order: Order
    leverage: Decimal = ONE
    margin_mode: str | None = None
    """`cross` or `isolated`; None leaves it as the venue has it."""
    market: Decimal | None = None
    """The price that a venue without a market of its own is at; None as was decided on."""
    waits_for_trigger: bool = False
    """Whether it is to rest at the venue until the market is at ``order.trigger_price``."""


class Broker(Protocol):
    """The port to a venue. Nothing here raises for what the venue did or did not do."""

    async def place(self, order: VenueOrder) -> Answer:
        """Place the order, once for its id however often this is called.

        After ``order.may_arrive_until`` it must not be taken any more.
        """
        ...

    async def find(self, order: VenueOrder) -> Lookup:
        """Ask what became of the order, by its client order id."""
        ...

    async def cancel(self, order: VenueOrder) -> Lookup:
        """Ask the venue to end the order, and then what became of it.

        An order that was over before stays as it was: what it filled is told.
        """
        ...

    def rests(self, account: DeskAccount, instrument: Instrument) -> bool:
        """Say whether orders may rest in this market until a price triggers them.

        Where they cannot, the watchdog holds exit rules against prices. Asks nobody.
        """
        ...

    async def balance(self, account: DeskAccount) -> Decimal | None:
        """Return what is held in the settlement currency; None if it cannot be told."""
        ...

    async def held(self, account: DeskAccount, instrument: Instrument) -> Decimal | None:
        """Return how much of a market is held, short as negative, in base.

        On spot that is what there is of the base currency. None if it cannot be told.
        """
        ...

    async def executions(
        self, account: DeskAccount, instrument: Instrument, since: datetime
    ) -> Sequence[Execution] | None:
        """Return what was executed in a market since then, whoever ordered it.

        Oldest first. None if it cannot be told.
        """
        ...


class ClosingBroker(Broker, Protocol):
    """A broker that holds connections."""

    async def close(self) -> None:
        """Let go of every connection. It may be used again afterwards."""
        ...
