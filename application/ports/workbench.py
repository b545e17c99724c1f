"""The queue of record and the desk: what is unfinished, and who works it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from application.records import Answered, Desk, JobId, Key, Planned

LEASE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to work a key until its lease ends; ``fence`` grows with every claim."""

    key: Key
    owner: str
    fence: int


class ClaimLost(Exception):
    """Somebody else has claimed the key since: nothing was written, stop working on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What the venue has said since the last round of a key."""

    answers: tuple[Answered, ...] = ()
    balance: Decimal | None = None
    asked_for: JobId | None = None
    """The job for whose sake it was asked how resting entries stand."""

    @property
    def told(self) -> dict[str, Any]:
        """Return the fields of a desk that the news fill."""
        return {
            "answers": self.answers,
            "balance": self.balance,
            "asked_for": self.asked_for,
        }


NO_NEWS = News()
Planner = Callable[[Desk], Planned]


class WorkQueue(Protocol):
    """Who works what. Leases are measured by the database's clock."""

    async def due(self, limit: int, *, open_only: bool = False) -> Sequence[Key]:
        """Return keys with unfinished jobs that nobody holds and that need not wait.

        With ``open_only``, those alone where a position is open, so that it may be closed.
        """
        ...

    async def claim(self, key: Key, owner: str) -> Claim | None:
        """Take the key for ``LEASE``; None while somebody else holds it."""
        ...

    async def renew(self, claim: Claim) -> None:
        """Hold the key for another ``LEASE``.

        Raises:
            ClaimLost: If somebody else holds it by now.
        """
        ...

    async def release(self, claim: Claim, retry_at: datetime | None) -> bool:
        """Give the key back, due again not before ``retry_at``. Nothing if it was lost.

        Returns whether unfinished work of the key is due now, which nobody may have heard
        of: whoever was rung while it was held could not claim it.
        """
        ...

    async def ring_timers(self, limit: int) -> Sequence[Key]:
        """Turn the timers that are due, oldest first, into jobs with the cause TIMER.

        One transaction: a timer is gone when its job is there. Returns the keys that got
        work, without repeats.
        """
        ...


class Workbench(Protocol):
    """The desk of a key, one transaction a call, never open while a venue is asked."""

    async def advance(self, claim: Claim, news: News, planner: Planner) -> Planned:
        """Load the key's desk with the news, plan, and keep what was planned, or nothing.

        The desk holds the oldest unfinished jobs of the key with all that came of them.
        The planner is pure: it may be called again from the start, and only what it says
        last is kept.

        When it asks for usage, the limits are locked until the commit (installation, then
        account), and it goes on from the desk after its steps, with what is in use for
        that job and moment, this round's own steps included, and with the trading states
        and the time as they are now. When it asks for the balance, what was planned before
        is kept and the question is returned.

        Raises:
            ClaimLost: If somebody else has claimed the key since; nothing was written.
            StoreUnavailable: If it is not known to be kept.
        """
        ...
