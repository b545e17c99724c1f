"""Where flattenings are kept: what a person wants closed, and how far that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import NewType, Protocol

from application.ports.configuration import Author, Scope
from application.records import DeskAccount, Key
from domain.instrument import Instrument

FlatteningId = NewType("FlatteningId", int)


class FlatteningStatus(Enum):
    """RUNNING goes on by itself, DONE the venue has confirmed; else a person must look."""

    RUNNING = "RUNNING"
    DONE = "DONE"
    NEEDS_OPERATOR = "NEEDS_OPERATOR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flattening:
    """One request to flatten. ``attempts`` counts how often closes were asked for."""

    id: FlatteningId
    scope: Scope
    name: str
    author: Author
    status: FlatteningStatus
    attempts: int
    outcome: str
    """What came of it in words; while it runs, what it waits for."""
    requested_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketHeld:
    """One (account, symbol) that a flattening covers, by our own books.

    ``ours`` sums all bots there, short as negative, so that a venue can be held against it;
    ``open`` names the covered bots that still hold more than dust, with how much.
    """

    account: DeskAccount
    instrument: Instrument
    ours: Decimal
    open: tuple[tuple[str, Decimal], ...] = ()

    @property
    def key(self) -> Key:
        """Return what a worker claims to close it."""
        return Key(self.account.id, self.instrument.symbol)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a flattening is.

    ``waits_for`` are keys with work of the covered bots that is not over; ``unresolved``
    names bots with an entry whose fate only a person can settle.
    """

    flattening: Flattening
    now: datetime
    halted: bool
    waits_for: tuple[Key, ...]
    markets: tuple[MarketHeld, ...]
    unresolved: tuple[str, ...]
    differs_since: datetime | None


class Flattenings(Protocol):
    """Requests to flatten, on the database's clock."""

    async def begin(self, scope: Scope, name: str, author: Author) -> Flattening | None:
        """Halt, keep the request, audit both and queue the closes, in one transaction.

        Where one of the same scope is running already, that one is returned. None when
        there is no such account or bot.
        """
        ...

    async def progress(self, id: FlatteningId) -> Progress | None:
        """Return how far it is; None when there is none of this id."""
        ...

    async def again(self, id: FlatteningId) -> None:
        """Queue a close for every covered bot that holds something, and count it."""
        ...

    async def differs(self, id: FlatteningId, outcome: str) -> None:
        """Keep what a venue said that our books do not; since when is kept once."""
        ...

    async def end(self, id: FlatteningId, status: FlatteningStatus, outcome: str) -> None:
        """Keep and audit how it ended; nothing when it has ended before."""
        ...

    async def newest(self, limit: int) -> Sequence[Flattening]:
        """Return the newest requests, running ones first."""
        ...
