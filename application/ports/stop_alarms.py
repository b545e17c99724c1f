"""Positions whose rules ask for a stop: who holds it, and since when nobody does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from application.notice import Notice
from application.records import BotId, DeskAccount
from domain.instrument import Instrument


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldStop:
    """A position at a real venue whose rules ask for a stop.

    ``resting`` is how much the stops at the venue cover, ``said`` what the venue said last
    of one; ``priced_at`` is when the newest price known was true.
    """

    bot: BotId
    name: str
    account: DeskAccount
    instrument: Instrument
    quantity: Decimal
    resting: Decimal
    said: str
    priced_at: datetime | None
    missing_since: datetime | None
    told: bool
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StopMissing:
    """A position without its stop, and why. ``notice`` is what is to be told of it now."""

    bot: BotId
    since: datetime
    why: str
    notice: Notice | None = None


class StopAlarms(Protocol):
    """What is known of missing stops."""

    async def held_stops(self) -> Sequence[HeldStop]:
        """Return every open position at a real venue whose rules ask for a stop."""
        ...

    async def keep(self, missing: Sequence[StopMissing], again: Sequence[Notice]) -> None:
        """Keep these as all that are missing now, and tell people, in one transaction.

        ``again`` is told of those that were missing and are not any more.
        """
        ...
