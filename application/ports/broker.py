"""A venue, live or paper: what may be asked of it, and what its answers mean."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from application.records import DeskAccount
from domain.instrument import Instrument
from domain.money import ONE
from domain.order import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class FillReport:
    """One execution, as the venue tells it. Quantities are in base."""

    trade_id: str
    quantity: Decimal
    price: Decimal
    fee: Decimal
    fee_currency: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """The venue has the order. ``fills`` are all so far; ``ended`` if it is over."""

    venue_order_id: str
    fills: tuple[FillReport, ...] = ()
    ended: bool = False
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The venue has answered no: the order does not and will not exist."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """The order may or may not exist. ``evidence`` is what was seen."""

    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFound:
    """The venue knows no such order. ``authoritative`` if that proves there is none."""

    authoritative: bool
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueOrder:
    """An order with everything an adapter needs to place or find it."""

    account: DeskAccount
    instrument: Instrument
    order: Order
    leverage: Decimal = ONE


Answer = Acknowledged | Refused | Unknown
Lookup = Acknowledged | Refused | NotFound | Unknown


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

    async def balance(self, account: DeskAccount) -> Decimal | None:
        """Return what is held in the settlement currency; None if it cannot be told."""
        ...

    async def held(self, account: DeskAccount, instrument: Instrument) -> Decimal | None:
        """Return how much of a market is held, short as negative, in base.

        On spot that is what there is of the base currency. None if it cannot be told.
        """
        ...
