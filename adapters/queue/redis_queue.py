"""The queue whose rings travel through Redis or Valkey, by whatever carries them.

::

    ring ─▶ Ringer ─▶ Redis ─▶ Carrier ─▶ Shift ─▶ work(key)
    any process, never blocks     threads     the worker's event loop

A message is done with as soon as its key waits in the worker's ``Shift``: from there on the
lease in PostgreSQL and the sweep carry, as they do from everywhere else. So no message is
ever held for as long as a venue takes, and none comes back because it took too long.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from adapters.queue.ringer import Ringer
from adapters.queue.shift import GRACE_SECONDS, Route, Shift, Work, nothing
from adapters.queue.slots import SLOTS, Slots, VenueOf, unknown_venue
from adapters.queue.tasks import CallRefused, Calls, Ring, calls, keyless, read
from application.ports.inbox import Urgency
from application.records import Key

HAND_OVER_SECONDS = 30.0
STOP_SECONDS = 40.0
"""Given to a carrier's threads to end; longer than handing over may take."""

WAITING_MAX = 5_000
"""Messages of a queue. Where so many wait nobody hears them, and the sweep rings later."""

Hear = Callable[[str, Mapping[str, object]], None]
"""Takes a message, by the name of its task; blocks until the worker's loop has it."""

log = logging.getLogger(__name__)


class Carrier(Protocol):
    """What carries rings through Redis. Its methods block: they are called in threads."""

    def send(self, rings: Sequence[Ring]) -> None:
        """Send a message for each; raises anything when they are not known to be sent."""
        ...

    def let_go(self) -> None:
        """Close what ``send`` has opened."""
        ...

    def listen(self, hear: Hear) -> None:
        """Hand every message over until ``stop``; returns at once, and never gives up."""
        ...

    def stop(self) -> None:
        """Hand nothing over any more; leave no thread and no connection behind."""
        ...


@dataclass(slots=True)
class RedisQueue:
    """A doorbell in any process, and the slots of this one where it runs."""

    carrier: Carrier
    slots: int = SLOTS
    venue_of: VenueOf = unknown_venue
    grace_seconds: float = GRACE_SECONDS
    _shift: Shift = field(init=False)
    _ringer: Ringer = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nobody waiting, and nothing opened."""
        self._shift = Shift(Slots(self.slots, self.venue_of), self.grace_seconds)
        self._ringer = Ringer(self.carrier.send, self.carrier.let_go)

    @property
    def tasks(self) -> Mapping[str, Calls]:
        """Return every task by its name, to be called as Celery's are."""
        return calls(lambda ring: self._ringer.ring((ring,)))

    async def ring(self, keys: Sequence[Key], urgency: Urgency = Urgency.ENTRY) -> None:
        """Send a ring for each key; without keys, one for the fan-out or for telling.

        Never waits.

        A key that waits in this very process, or has a free slot here, needs no message:
        it is worked. A message would pass through four threads to come back.
        """
        if not keys:
            self._ringer.ring((keyless(urgency),))
            return
        away: list[Ring] = []
        for key in keys:
            if self._shift.takes(key):
                self._shift.ring((key,), urgency)
            else:
                away.append(Ring(key, urgency))
        self._ringer.ring(away)

    async def run(self, route: Route, work: Work, tell: Route = nothing) -> None:
        """Serve until canceled.

        Then the keys that still wait are rung for others, and what is under way finishes.
        """
        hear = _Ear(self._shift, asyncio.get_running_loop())
        self._shift.begin(route, work, tell)
        listening = asyncio.create_task(asyncio.to_thread(self.carrier.listen, hear))
        try:
            await asyncio.shield(listening)
            await asyncio.get_running_loop().create_future()
        finally:
            await asyncio.wait((listening,))  # a thread cannot be canceled
            await asyncio.to_thread(self.carrier.stop)
            self._ringer.ring(self._shift.leave())
            await self._shift.end()
            await self.close()

    async def close(self) -> None:
        """Send what is pending, and let go of every thread and connection."""
        await asyncio.to_thread(self._ringer.close)


@dataclass(frozen=True, slots=True)
class _Ear:
    """Hands messages from the carrier's threads to the worker's event loop."""

    shift: Shift
    loop: asyncio.AbstractEventLoop

    def __call__(self, name: str, payload: Mapping[str, object]) -> None:
        try:
            ring = read(name, payload)
        except CallRefused as refusal:
            log.warning("a message was refused", extra={"error": str(refusal)})
            return
        handed_over = asyncio.run_coroutine_threadsafe(self._take(ring), self.loop)
        try:
            handed_over.result(HAND_OVER_SECONDS)
        except TimeoutError:
            log.warning("the event loop is busy", extra={"seconds": HAND_OVER_SECONDS})

    async def _take(self, ring: Ring) -> None:
        self.shift.ring(() if ring.key is None else (ring.key,), ring.urgency)
