"""Workers in this process: rung through memory, claiming from the store of record."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from adapters.queue.shift import GRACE_SECONDS, Route, Shift, Work, nothing
from adapters.queue.slots import SLOTS, Slots, VenueOf, unknown_venue
from adapters.queue.tasks import Calls, Ring, calls
from application.ports.inbox import Urgency
from application.records import Key


@dataclass(slots=True)
class MemoryQueue:
    """A doorbell and its slots, in one process and on one event loop."""

    slots: int = SLOTS
    venue_of: VenueOf = unknown_venue
    grace_seconds: float = GRACE_SECONDS
    _shift: Shift = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nobody waiting."""
        self._shift = Shift(Slots(self.slots, self.venue_of), self.grace_seconds)

    @property
    def tasks(self) -> Mapping[str, Calls]:
        """Return every task by its name, to be called as Celery's are."""
        return calls(self._send)

    async def ring(self, keys: Sequence[Key], urgency: Urgency = Urgency.ENTRY) -> None:
        """Wake a slot for each key; without keys, the fan-out or whoever tells people."""
        self._shift.ring(keys, urgency)

    async def run(self, route: Route, work: Work, tell: Route = nothing) -> None:
        """Serve until canceled; what is under way then is finished first."""
        self._shift.begin(route, work, tell)
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            await self._shift.end()

    async def close(self) -> None:
        """Do nothing: there is nothing to let go of."""

    def _send(self, ring: Ring) -> None:
        self._shift.ring(() if ring.key is None else (ring.key,), ring.urgency)
