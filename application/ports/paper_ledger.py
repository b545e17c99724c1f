"""The paper venue's own books: what it accepted and executed, apart from ours."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from application.ports.broker import Acknowledged, Refused, VenueOrder
from application.records import AccountId


@dataclass(frozen=True, slots=True)
class Holding:
    """What the paper venue holds of one symbol: signed base quantity and its signed cost.

    ``realized`` in a perpetual is what closing adds to the balance.
    """

    quantity: Decimal
    cost: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What a fill is made against: cash in the settlement currency, and what is held."""

    balance: Decimal
    holding: Holding
    margin_used: Decimal
    """Sum of |cost| over all perpetual holdings of the account, this symbol left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Executed:
    """What an order did to the books; an answer that has not ended rests in them."""

    answer: Acknowledged
    balance_change: Decimal
    holding: Holding


def rests(known: Acknowledged | Refused) -> bool:
    """Say whether an order that was taken still waits for its price."""
    return isinstance(known, Acknowledged) and not known.ended


Matcher = Callable[[VenueOrder, Books], Executed | Refused]


class PaperLedger(Protocol):
    """Keeps orders, executions and balances in a transaction of its own."""

    async def execute(
        self, order: VenueOrder, match: Matcher
    ) -> Acknowledged | Refused | None:
        """Match the order against the books and keep the result, once for its id.

        A known id returns what was kept the first time. A first use opens the account with
        ``order.account.start_balance``. None, and nothing kept, when the ledger's clock is
        past ``order.may_arrive_until``.
        """
        ...

    async def look_again(
        self, order: VenueOrder, match: Matcher
    ) -> Acknowledged | Refused | None:
        """Match an order that rests in the books against them once more.

        One that is over stays as it was kept; None for one that was never taken.
        """
        ...

    async def find(self, order: VenueOrder) -> Acknowledged | Refused | None:
        """Return what was kept for the order's id; None when nothing was."""
        ...

    async def held(self, account: AccountId, symbol: str) -> Decimal:
        """Return how much of a market is held, short as negative; 0 for nothing."""
        ...

    async def balance(self, account: AccountId) -> Decimal | None:
        """Return the cash of an account; None before its first order."""
        ...
