"""Orders that a person settles: which they are, and how their work is taken up again."""

from dataclasses import dataclass
from typing import Protocol

from application.ports.configuration import Author
from application.ports.workbench import Claim
from application.records import Key
from domain.instrument import Instrument
from domain.order import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledOrder:
    """An order, whose it is, and on which market."""

    order: Order
    key: Key
    account: str
    bot: str
    instrument: Instrument


class Settlements(Protocol):
    """Finds orders by their id, and opens their work once more."""

    async def find(self, id: str) -> tuple[SettledOrder, ...]:
        """Return the orders whose client or venue id is this, or begins with it."""
        ...

    async def take_up(
        self, claim: Claim, found: SettledOrder, author: Author, told: dict[str, str]
    ) -> None:
        """Audit what a person says of an order, and open its job for it.

        A job that nothing came of is over again with the next round of its key.

        Raises:
            ClaimLost: If somebody else has claimed the key since; nothing was written.
        """
        ...
