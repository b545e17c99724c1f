"""What an account can and may do at its venue, asked before it trades."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Protocol

from application.records import AccountId
from domain.instrument import Instrument


class Health(Enum):
    """How a check went."""

    GOOD = "ok"
    WARN = "warning"
    BAD = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueFinding:
    """One line of an account's test: what was seen, and what to do about it."""

    name: str
    health: Health
    detail: str
    fix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BotNeeds:
    """What one bot will ask of the venue. ``notional`` is its first entry's, if fixed."""

    bot: str
    instrument: Instrument
    notional: Decimal | None
    leverage: Decimal
    has_stop: bool


class VenueCheck(Protocol):
    """The port to a venue's answers about an account."""

    async def check(
        self, account: AccountId, needs: Sequence[BotNeeds]
    ) -> Sequence[VenueFinding]:
        """Ask everything; a question that fails is a finding, not an exception."""
        ...


class ClosingVenueCheck(VenueCheck, Protocol):
    """One that holds connections."""

    async def close(self) -> None:
        """Let go of every connection."""
        ...
