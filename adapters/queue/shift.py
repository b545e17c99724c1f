"""A worker process at work: what the slots admit is run here, in every runtime alike.

It belongs to one event loop. Every method is called on that loop, whatever threads a
runtime hears its messages in.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from adapters.queue.slots import Slots
from adapters.queue.tasks import FAN_OUT, WORK_KEY, Ring, ring_for_alerts
from application.ports.inbox import Urgency
from application.records import Key

Route = Callable[[], Awaitable[object]]
Work = Callable[[Key], Awaitable[object]]

GRACE_SECONDS = 20.0
"""How long what is under way may take to finish. Longer than a venue may take to answer."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Shift:
    """Takes rings at any time, and works them between ``begin`` and ``end``."""

    slots: Slots
    grace_seconds: float = GRACE_SECONDS
    time_limit: timedelta = WORK_KEY.policy.time_limit
    """Of work; the fan-out has its own."""
    _route: Route | None = None
    _work: Work | None = None
    _routing: asyncio.Task[None] | None = None
    _alerts_wait: bool = False
    _under_way: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    def ring(self, keys: Sequence[Key], urgency: Urgency = Urgency.ENTRY) -> None:
        """Let these keys wait for a slot; without keys, route the alerts that wait."""
        if not keys:
            self._alerts_wait = True
        for key in keys:
            self.slots.ring(key, urgency)
        self._admit()

    def has_in_hand(self, key: Key) -> bool:
        """Say whether this process will work the key from now on, unless it dies."""
        return self._work is not None and self.slots.is_waiting(key)

    def begin(self, route: Route, work: Work) -> None:
        """Work what waits and what is rung from now on."""
        self._route, self._work = route, work
        self._admit()

    def leave(self) -> list[Ring]:
        """Admit nobody any more; return what waited, to be rung elsewhere."""
        self._route = self._work = None
        alerts, self._alerts_wait = self._alerts_wait, False
        return [
            *([ring_for_alerts()] if alerts else []),
            *(Ring(key, urgency) for key, urgency in self.slots.leave().items()),
        ]

    async def end(self) -> None:
        """Admit nobody any more, and return when nothing is under way.

        What takes longer than ``grace_seconds`` is canceled, as if the process had died:
        its lease runs out, and somebody else takes over.
        """
        self._route = self._work = None
        late = set(self._under_way)
        try:
            if late:
                _, late = await asyncio.wait(late, timeout=self.grace_seconds)
        finally:
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _admit(self) -> None:
        """Start whatever may start now."""
        if self._route is not None and self._alerts_wait and self._routing is None:
            self._alerts_wait = False
            limit = FAN_OUT.policy.time_limit
            self._routing = self._start(_guarded(self._route, limit, {}))
            self._routing.add_done_callback(self._routed)
        while self._work is not None and (key := self.slots.take()) is not None:
            work, facts = partial(self._work, key), key._asdict()
            task = self._start(_guarded(work, self.time_limit, facts))
            task.add_done_callback(partial(self._worked, key))

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    def _routed(self, _: object) -> None:
        self._routing = None
        self._admit()

    def _worked(self, key: Key, _: object) -> None:
        self.slots.give_back(key)
        self._admit()


async def _guarded(work: Route, limit: timedelta, facts: Mapping[str, object]) -> None:
    """The outermost loop of a worker: say what failed, and go on with the next."""
    try:
        async with asyncio.timeout(limit.total_seconds()):
            await work()
    except Exception:
        log.exception("work failed; the sweep rings again", extra=dict(facts))
