"""What makes losing a ring harmless: whatever is kept and unfinished is rung again."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.inbox import Doorbell, Inbox, Urgency
from application.ports.outbox import Outbox
from application.ports.workbench import WorkQueue
from application.records import Key
from application.routing import chart_keys, route

BATCH = 500


@dataclass(frozen=True, slots=True)
class FanOut:
    """Route alerts that were kept but not routed yet, and ring for their bots."""

    inbox: Inbox
    doorbell: Doorbell

    async def __call__(self) -> Sequence[Key]:
        """Route until nothing waits; return the keys that got work, without repeats."""
        keys: dict[Key, None] = {}
        while True:
            done = await self.inbox.fan_out(chart_keys, route, BATCH)
            keys.update(dict.fromkeys(done.keys))
            exits = set(done.exits)
            if exits:
                await self.doorbell.ring(done.exits, Urgency.EXIT)
            others = [key for key in done.keys if key not in exits]
            if others:
                await self.doorbell.ring(others)
            if done.alerts < BATCH:
                return tuple(keys)


@dataclass(frozen=True, slots=True)
class Sweep:
    """Ring for everything that is due: alerts, timers, unfinished jobs, notifications."""

    fan_out: FanOut
    queue: WorkQueue
    doorbell: Doorbell
    outbox: Outbox
    channel: str

    async def __call__(self) -> Sequence[Key]:
        """Return the keys that were rung."""
        await self.fan_out()
        left = await self.queue.ring_timers(BATCH)
        if left:
            await self.doorbell.ring(left, Urgency.EXIT)
        closing = await self.queue.due(BATCH, open_only=True)
        if closing:
            await self.doorbell.ring(closing, Urgency.EXIT)
        known = set(closing)
        others = [key for key in await self.queue.due(BATCH) if key not in known]
        if others:
            await self.doorbell.ring(others)
        if await self.outbox.due(self.channel):
            await self.doorbell.ring((), Urgency.NOTIFY)
        return (*closing, *others)
