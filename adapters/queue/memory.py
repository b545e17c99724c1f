"""Workers in this process: rung through memory, claiming from the store of record.

A ring is a hint. Keys wait in the order they were rung; a key that is rung while it is
worked is worked once more. At most half of the slots serve one account.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from application.records import AccountId, Key

log = logging.getLogger(__name__)


@dataclass(slots=True)
class MemoryQueue:
    """A doorbell and its slots."""

    slots: int = 8
    _routing: asyncio.Event = field(default_factory=asyncio.Event)
    _waiting: dict[Key, None] = field(default_factory=dict[Key, None])
    _running: set[Key] = field(default_factory=set[Key])
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def ring(self, keys: Sequence[Key]) -> None:
        """Wake a slot for each key; without keys, wake the fan-out."""
        if not keys:
            self._routing.set()
            return
        self._waiting.update(dict.fromkeys(keys))
        self._changed.set()

    async def run(
        self,
        route: Callable[[], Awaitable[object]],
        work: Callable[[Key], Awaitable[object]],
    ) -> None:
        """Serve until canceled; what is under way then is finished first."""
        async with asyncio.TaskGroup() as group:
            routing = group.create_task(self._route(route))
            tasks: set[asyncio.Task[None]] = set()
            try:
                while True:
                    await self._changed.wait()
                    self._changed.clear()
                    while (key := self._next()) is not None:
                        task = asyncio.create_task(self._work(key, work))
                        tasks.add(task)
                        task.add_done_callback(tasks.discard)
            finally:
                routing.cancel()
                with suppress(asyncio.CancelledError):
                    await asyncio.gather(*tasks)

    def _next(self) -> Key | None:
        """Take the first waiting key that may be worked now."""
        if len(self._running) >= self.slots:
            return None
        busy: Counter[AccountId] = Counter(key.account for key in self._running)
        share = max(self.slots // 2, 1)
        for key in self._waiting:
            if key not in self._running and busy[key.account] < share:
                del self._waiting[key]
                self._running.add(key)
                return key
        return None

    async def _route(self, route: Callable[[], Awaitable[object]]) -> None:
        while True:
            await self._routing.wait()
            self._routing.clear()
            await _guarded("fan-out failed; the sweep tries again", route())

    async def _work(self, key: Key, work: Callable[[Key], Awaitable[object]]) -> None:
        try:
            await _guarded("work failed; the sweep tries again", work(key))
        finally:
            self._running.discard(key)
            self._changed.set()


async def _guarded(message: str, work: Awaitable[object]) -> None:
    """The outermost loop of a worker: say what failed, and go on with the next."""
    try:
        await work
    except Exception:
        log.exception(message)
