"""The audit's chain: rows of money and of people, each bound to the one before."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import NamedTuple, Protocol

from application.records import BotId
from domain.instrument import Symbol
from domain.position import Fill, Position

FORM = 1
"""How the content of a row is written; a later form keeps this one readable."""
BEGINNING = bytes(32)


class Source(Enum):
    """What is chained, in the order within one transaction."""

    REVISION = "revision"
    ACTION = "action"
    DECISION = "decision"
    TRANSITION = "transition"
    FILL = "fill"


class Entry(NamedTuple):
    """A link of the chain: which row, the hash of its content, and of all before it."""

    position: int
    source: Source
    ref: str
    content: bytes
    previous: bytes
    hash: bytes


class Head(NamedTuple):
    """Where the chain ends. Position 0 is an empty chain."""

    position: int
    hash: bytes


class Anchor(NamedTuple):
    """A head that was kept outside the database."""

    at: datetime
    head: Head


def content_hash(text: str) -> bytes:
    """Return the hash of a row's content."""
    return hashlib.sha256(f"{FORM}\n{text}".encode()).digest()


def link_hash(
    previous: bytes, position: int, name: tuple[Source, str], content: bytes
) -> bytes:
    """Return the hash of a link, which depends on every link before it."""
    source, ref = name
    named = f"{position}\n{source.value}\n{ref}\n".encode()
    return hashlib.sha256(previous + named + content).digest()


class AuditChain(Protocol):
    """The chain in the database."""

    async def extend(self, limit: int) -> int:
        """Chain up to so many rows of transactions that are over; return how many.

        One at a time, and a row once, however often it is called; 0 while somebody else is
        chaining, for whoever leads waits for nobody.
        """
        ...

    async def head(self) -> Head:
        """Return where the chain ends by its own account."""
        ...

    async def entries(self, after: int, limit: int) -> Sequence[tuple[Entry, str | None]]:
        """Return links in order, each with its row's content now; None where it is gone."""
        ...

    async def unchained(self) -> Sequence[tuple[Source, str]]:
        """Return rows older than the chain's end that are not in it; a few of them."""
        ...

    async def waiting(self) -> int:
        """Return how many rows are still to be chained."""
        ...


class Anchors(Protocol):
    """Heads kept outside the database, so that a cut-off tail is missed."""

    def keep(self, at: datetime, head: Head) -> None:
        """Keep a head."""
        ...

    def all(self) -> Sequence[Anchor]:
        """Return what was kept, oldest first; empty where nothing can be read."""
        ...


class KeptPosition(NamedTuple):
    """A bot's position as its table has it, with the executions that led to it."""

    bot: BotId
    name: str
    symbol: Symbol
    position: Position
    quantity: Decimal
    cost: Decimal
    fills: tuple[Fill | None, ...]
    """None stands for what was left then, and counted no more: dust."""


class KeptTurnover(NamedTuple):
    """An hour's sums of one market: as they are kept, and as its executions come to."""

    name: str
    """Of the account."""
    symbol: str
    hour: datetime
    kept: str | None
    executed: str | None


class KeptBooks(NamedTuple):
    """What is derived from executions, as one moment saw it."""

    positions: Sequence[KeptPosition]
    turnovers: Sequence[KeptTurnover]
    """Those that are not what their executions come to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionRow:
    """One execution, with everything an accountant asks for."""

    id: int
    at: datetime
    account: str
    exchange: str
    mode: str
    bot: str
    symbol: str
    buys: bool
    reduces: bool
    quantity: Decimal
    price: Decimal
    fee: Decimal
    fee_currency: str
    realized: Decimal
    order: str
    venue_order: str
    trade: str
    reason: str
    alert: int | None
    revision: int


class Journal(Protocol):
    """What happened, in the order in which it did."""

    async def books(self) -> KeptBooks:
        """Return every bot's position with the executions of its present market.

        With them come the hours whose turnover is not that of their executions.
        """
        ...

    async def executions(
        self, account: str | None, since: datetime, until: datetime
    ) -> Sequence[ExecutionRow]:
        """Return executions of a span of time, oldest first."""
        ...
