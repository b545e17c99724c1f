"""How things stand at this moment: who may trade, what lives, what waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.ports.configuration import StateChange
from application.ports.news import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueStanding:
    """An account that is not archived. ``unsettled`` counts orders whose fate is open."""

    account: str
    exchange: str
    mode: str
    bots: int
    """Bots on it that are not archived."""
    unsettled: int
    unprotected: int = 0
    """Positions whose rules ask for a stop that nobody holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What every page shows at its top."""

    now: datetime
    """By the store's clock, as all times here."""
    worker_at: datetime | None
    """The newest sign of life of a worker; None when there never was one."""
    installation: StateChange | None
    """None while nobody ever set a state: trading is active."""
    restricted: Sequence[StateChange]
    """Accounts and bots that are not active themselves."""
    venues: Sequence[VenueStanding]
    open_positions: int
    last_alert_at: datetime | None
    newest: Place
    """What of the news this already shows."""


class Standings(Protocol):
    """Reads how things stand."""

    async def standing(self) -> Standing:
        """Return how things stand now.

        Raises:
            StoreUnavailable: If the store could not be asked.
        """
        ...
