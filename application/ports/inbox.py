"""Where alerts are kept before anything is answered, and where their bots are found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Protocol

from application.records import BotId, FeedId, Key
from domain.reasons import Reason
from domain.signal import AlertId, Direction, Signal


class StoreUnavailable(Exception):
    """The store could not be reached: nothing is known to be kept."""


class TokenGone(Exception):
    """The token of an arrival is not its feed's any more: nothing was kept of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A named intake with a token of its own."""

    id: FeedId
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One authenticated request, ready to be kept. ``body`` is masked text.

    ``signal`` is None when the body was refused; ``reason`` and ``detail`` then say why.
    ``key`` is what makes two arrivals the same alert; None keeps no key (a refused body).
    ``token`` is the SHA-256 of what authenticated it; None where nothing had to.
    """

    feed: FeedId
    body: str
    digest: str
    size: int
    source: str
    content_type: str
    key: str | None
    key_expires: bool
    signal: Signal | None
    reason: Reason | None = None
    detail: str = ""
    token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A request without a valid token, or too large to be read."""

    reason: Reason
    detail: str
    source: str
    size: int
    body: str
    """At most the first 2,000 characters, masked."""
    feed: FeedId | None = None


class Outcome(Enum):
    """What keeping an arrival led to."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    DUPLICATE = "duplicate"
    ID_REUSED = "id_reused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The answer to an arrival, known only once it is committed.

    ``alert`` is the row it was kept under; of a duplicate, the row of the first arrival.
    """

    alert: AlertId
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class RosterBot:
    """A bot as routing sees it."""

    id: BotId
    name: str
    enabled: bool
    chart_key: str
    key: Key
    held: Direction | None = None
    """The side it holds; None when it is flat."""
    guarded: bool = False
    """Whether an exit rule of a position there is tested on every price that comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """The bots of the alert's feed that may be meant. Archived bots are left out."""

    on_charts: tuple[RosterBot, ...] = ()
    """Those whose chart is one of the alert's charts, in order of their id."""
    named: RosterBot | None = None
    """The one the alert names."""
    enabled: tuple[RosterBot, ...] = ()
    """At most two enabled bots of the feed; asked for only when the alert has no chart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """Where an alert goes: to these bots, or to none for a reason."""

    bots: tuple[RosterBot, ...] = ()
    reason: Reason = Reason.ROUTED
    value: str = ""
    limit: str = ""
    exits: tuple[Key, ...] = ()
    """Where the alert may close something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FannedOut:
    """What one round of fan-out did."""

    alerts: int
    keys: tuple[Key, ...]
    exits: tuple[Key, ...] = ()
    """Those of the keys where something may be closed."""


Router = Callable[[Signal, Candidates], Routed]
ChartKeys = Callable[[Signal], tuple[str, ...]]


class Inbox(Protocol):
    """The intake. Alert ids rise in the order in which alerts were committed."""

    async def feed(self, token_digest: str) -> Feed | None:
        """Return the feed whose token (or, for 24 h, previous token) has this SHA-256.

        One that was found before may be answered from memory: ``receive`` looks again.

        Raises:
            StoreUnavailable: If the store could not be asked.
        """
        ...

    async def receive(self, arrival: Arrival) -> Receipt:
        """Keep the arrival and its duplicate key in one transaction, committed on return.

        The same key with the same digest is a duplicate: counted on the first arrival's
        row, nothing else is kept. With another digest it is kept as a refused alert
        (id_reused).
        A key that expires binds for 60 s by the database's clock.

        Raises:
            TokenGone: If the arrival's token is not its feed's by now.
            StoreUnavailable: If it is not known to be kept.
        """
        ...

    async def refuse(self, refusal: Refusal) -> None:
        """Count the refusal, and keep a bounded sample of the newest ones."""
        ...

    async def fan_out(self, charts: ChartKeys, router: Router, limit: int) -> FannedOut:
        """Route the oldest alerts that are not routed yet, strictly in order of receipt.

        One transaction, one at a time in the whole installation; makes one job for every
        (alert, bot) and keeps the outcome of alerts that go nowhere.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLimits:
    """How long keys that expire bind."""

    key_seconds: int = 60


class Urgency(IntEnum):
    """What a key is rung for; the lower number is worked first."""

    EXIT = 0
    """A position is to be closed or protected."""
    ENTRY = 3
    """A signal is to be decided: anything that is not known to be one of the others."""
    RECONCILE = 6
    """The venue is to be asked whether it agrees."""
    NOTIFY = 9
    """Somebody is to be told."""


class Doorbell(Protocol):
    """Says that there is work. Losing a ring loses nothing: a sweep rings again."""

    async def ring(self, keys: Sequence[Key], urgency: Urgency = Urgency.ENTRY) -> None:
        """Wake whoever may work these keys; with none given, whoever fans out.

        With none given and the urgency NOTIFY, whoever tells people.

        Neither waits for the workers nor fails where they cannot be reached.
        """
        ...
