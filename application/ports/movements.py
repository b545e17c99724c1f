"""Money that came to an account or left it otherwise than by trading."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Protocol

from application.ports.configuration import Author
from application.records import AccountId


class MovementKind(Enum):
    """What moved it."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    FUNDING = "funding"
    """Between longs and shorts of a perpetual; below 0 what was paid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One movement. ``reference`` names it once an account: the venue's own number of it.

    ``amount`` is above 0, but for funding that was paid.
    """

    kind: MovementKind
    amount: Decimal
    currency: str
    at: datetime
    reference: str

    def __post_init__(self) -> None:
        """Refuse what moves nothing, or the wrong way."""
        if not self.amount.is_finite() or self.amount == 0:
            raise ValueError(f"amount must be a number other than 0, was {self.amount}")
        if self.amount < 0 and self.kind is not MovementKind.FUNDING:
            raise ValueError(f"the amount of a {self.kind.value} is above 0")
        if not self.currency or not self.reference:
            raise ValueError("a movement has a currency and a reference")

    @property
    def change(self) -> Decimal:
        """Return what it adds to the balance."""
        leaves = self.kind is MovementKind.WITHDRAWAL
        return self.amount.copy_negate() if leaves else self.amount


class MovementDiffers(Exception):
    """A movement of this reference is kept already, and it is another one."""


class Movements(Protocol):
    """Movements of accounts. Each is an operator's action as well, and so in the audit."""

    async def add(self, account: AccountId, movement: Movement, author: Author) -> bool:
        """Keep a movement; false when exactly this one is kept already.

        Raises:
            MovementDiffers: If another one has its reference.
        """
        ...

    async def of(
        self, account: AccountId, since: datetime, until: datetime
    ) -> Sequence[Movement]:
        """Return an account's movements of a time, oldest first; ``until`` is left out."""
        ...
