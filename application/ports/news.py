"""What happened, for those who watch: in order, without a gap, from where they stopped."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, Protocol

from domain.signal import AlertId


class EventKind(Enum):
    """What may have happened."""

    ALERT_RECEIVED = "alert.received"
    ALERT_REFUSED = "alert.refused"
    ALERT_ROUTED = "alert.routed"
    DECISION = "decision"
    ORDER = "order"
    FILL = "fill"
    TRADE = "trade"
    STATE = "state"
    CONFIGURATION = "configuration"


class Place(NamedTuple):
    """A place in the order of everything that happened: its transaction, its number.

    Numbers are given before they are committed, so a number alone would skip what commits
    late; a transaction is read only when none before it can still commit.
    """

    transaction: int
    number: int

    def __str__(self) -> str:
        """Return it as a reader keeps it."""
        return f"{self.transaction}-{self.number}"

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """Return the place that ``text`` names; None when it names none."""
        first, _, second = text.partition("-")
        if not (_is_number(first) and _is_number(second)):
            return None
        return cls(int(first), int(second))


BEGINNING = Place(0, 0)
_DIGITS_MAX = 18


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened, with the alert it belongs to, if any."""

    place: Place
    kind: EventKind
    alert: AlertId | None


class News(Protocol):
    """The record of what happened."""

    async def newest(self) -> Place:
        """Return the place of the newest happening; the beginning when there is none.

        Raises:
            StoreUnavailable: If the store could not be asked.
        """
        ...

    async def since(self, place: Place, limit: int) -> Sequence[Happening]:
        """Return the oldest happenings after ``place``, each once, in their order.

        Raises:
            StoreUnavailable: If the store could not be asked.
        """
        ...
