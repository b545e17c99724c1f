"""How often a venue may be asked, by all processes together; the urgent first."""

from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from decimal import Decimal
from enum import IntEnum
from typing import NamedTuple, Protocol

from application.records import AccountId


class Urgency(IntEnum):
    """What a request is for. The more urgent may use what the others must leave."""

    EXIT = 0
    ENTRY = 1
    READ = 2


class Allowance(NamedTuple):
    """What a venue allows: so many units at once, and how fast they come back."""

    units: Decimal
    per_second: Decimal


class VenueBudget(Protocol):
    """The port to what all processes share of a venue's patience."""

    async def take(
        self, venue: str, cost: Decimal, urgency: Urgency, allowance: Allowance
    ) -> timedelta:
        """Take what a request costs, and return zero; else how long to wait, untaken.

        While the venue has banned us nobody is let through. While it rests, after failing
        several times in a row, exits are.
        """
        ...

    async def ban(self, venue: str, pause: timedelta) -> None:
        """Let nobody ask the venue for so long."""
        ...

    async def rest(self, venue: str, pause: timedelta) -> None:
        """Let only exits through for so long."""
        ...

    def turn(self, account: AccountId) -> AbstractAsyncContextManager[None]:
        """Hold an account's keys: whose nonces must rise are used by one at a time."""
        ...
