"""The queue of record and the desk: what is unfinished, and who works it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from application.records import Changes, Desk, Job, Key, Planned, WorkingOrder
from application.sending import Leave

LEASE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to work a key until its lease ends; ``fence`` grows with every claim."""

    key: Key
    owner: str
    fence: int


class ClaimLost(Exception):
    """Somebody else has claimed the key since: nothing was written, stop working on it."""


Planner = Callable[[Desk], Planned]
Sender = Callable[[Desk, Job, WorkingOrder], Leave]
Recorder = Callable[[Desk, Job, WorkingOrder], Changes]


class WorkQueue(Protocol):
    """Who works what. Leases are measured by the database's clock."""

    async def due(self, limit: int) -> Sequence[Key]:
        """Return keys with unfinished jobs that nobody holds and that need not wait."""
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

    async def release(self, claim: Claim, retry_at: datetime | None) -> None:
        """Give the key back, due again not before ``retry_at``. Nothing if it was lost."""
        ...

    async def ring_timers(self, limit: int) -> Sequence[Key]:
        """Turn the timers that are due, oldest first, into jobs with the cause TIMER.

        One transaction: a timer is gone when its job is there. Returns the keys that got
        work, without repeats.
        """
        ...


class Workbench(Protocol):
    """One transaction a call, never open while a venue is asked.

    Every call raises ``ClaimLost``, having written nothing, when the claim's fence is old.
    """

    async def plan(self, claim: Claim, planner: Planner) -> Planned:
        """Load the desk with the key's unfinished jobs, plan, and keep what was planned.

        When the planner asks for usage, the limits are locked (installation, then account),
        what is in use is loaded for that job and moment, and the planner starts again in
        the same transaction. When it asks for the balance, what was planned before is kept
        and the question is returned.
        """
        ...

    async def send(
        self, claim: Claim, working: WorkingOrder, sender: Sender
    ) -> Leave | None:
        """Keep that the order leaves now, or that it was denied at the last moment.

        None when the order is not PLANNED any more. A denied order ends its intent.
        """
        ...

    async def record(
        self, claim: Claim, working: WorkingOrder, recorder: Recorder
    ) -> Changes | None:
        """Keep what became of the order; None when its job is no longer unfinished."""
        ...
