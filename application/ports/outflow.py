"""How many orders left, beside how many were called for, account by account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from domain.outflow import Outflow
from domain.reasons import Finding

OVERDUE = timedelta(seconds=60)
"""How long an intent may be under way without an order, while workers live."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOutflow:
    """What left for one account."""

    account: str
    counted: Outflow


class Outflows(Protocol):
    """The tables, and the books of venues that are kept here, counted."""

    async def counted(self, span: timedelta) -> Sequence[AccountOutflow]:
        """Return what left in the last ``span`` for every account that is not archived.

        An account that a person resumed meanwhile is counted from then on.

        Raises:
            StoreUnavailable: If the store could not be asked.
        """
        ...

    async def brake(self, account: str, finding: Finding) -> bool:
        """Set the account to REDUCING, audit it and tell people, in one transaction.

        False, and nothing happens, where it is as strict already.
        """
        ...
