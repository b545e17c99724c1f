"""What a venue says of an order, and what that means."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal


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
class Execution:
    """An execution of an account in a market, by whatever order."""

    fill: FillReport
    buys: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """The venue has the order. ``fills`` are all so far; ``ended`` if it is over."""

    venue_order_id: str
    fills: tuple[FillReport, ...] = ()
    ended: bool = False
    evidence: str = ""


ALREADY_FLAT = "venue.already_flat"
"""The code of a reduction that was refused because nothing is held any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The venue has answered no: the order does not and will not exist."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotPlaced:
    """The order certainly does not exist, for a reason that passes: it may be tried again.

    It never left, or the venue turned it away for the clock's or the traffic's sake.
    """

    evidence: str
    retry_after: timedelta = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """The order may or may not exist. ``evidence`` is what was seen."""

    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFound:
    """The venue knows no such order. ``authoritative`` if that proves there is none."""

    authoritative: bool
    evidence: str


Answer = Acknowledged | Refused | NotPlaced | Unknown
Lookup = Acknowledged | Refused | NotFound | Unknown
Report = Answer | Lookup
"""Whatever a venue may have said about an order."""
