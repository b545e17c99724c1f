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
from adapters.queue.tasks import DELIVER, FAN_OUT, WORK_KEY, Ring, Task, keyless
from application.ports.inbox import Urgency
from application.records import Key

Route = Callable[[], Awaitable[object]]
Work = Callable[[Key], Awaitable[object]]


async def nothing() -> None:
    """Do nothing: where a process is not asked to."""


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
    _work: Work | None = None
    _chores: dict[str, Route] = field(default_factory=dict[str, Route])
    """What is done without a key and beside the slots, by the name of its task."""
    _rung: dict[str, Ring] = field(default_factory=dict[str, Ring])
    """Chores that wait."""
    _doing: set[str] = field(default_factory=set[str])
    _under_way: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    def ring(self, keys: Sequence[Key], urgency: Urgency = Urgency.ENTRY) -> None:
        """Let these keys wait for a slot; without keys, route alerts or tell people."""
        if not keys:
            ring = keyless(urgency)
            self._rung[ring.task.name] = ring
        for key in keys:
            self.slots.ring(key, urgency)
        self._admit()

    def takes(self, key: Key) -> bool:
        """Say whether this process works the key at once, or has it waiting already."""
        waits = self.slots.is_waiting(key)
        return self._work is not None and (waits or self.slots.has_one_for(key))

    def begin(self, route: Route, work: Work, tell: Route = nothing) -> None:
        """Work what waits and what is rung from now on."""
        self._work = work
        self._chores = {FAN_OUT.name: route, DELIVER.name: tell}
        self._admit()

    def leave(self) -> list[Ring]:
        """Admit nobody any more; return what waited, to be rung elsewhere."""
        self._stop_admitting()
        rung, self._rung = self._rung, {}
        return [
            *rung.values(),
            *(Ring(key, urgency) for key, urgency in self.slots.leave().items()),
        ]

    async def end(self) -> None:
        """Admit nobody any more, and return when nothing is under way.

        What takes longer than ``grace_seconds`` is canceled, as if the process had died:
        its lease runs out, and somebody else takes over.
        """
        self._stop_admitting()
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
        for chore in (FAN_OUT, DELIVER):
            if chore.name in self._rung and chore.name not in self._doing:
                self._do(chore)
        while self._work is not None and (key := self.slots.take()) is not None:
            work, facts = partial(self._work, key), key._asdict()
            task = self._start(_guarded(work, self.time_limit, facts))
            task.add_done_callback(partial(self._worked, key))

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    def _do(self, task: Task) -> None:
        """Start a chore, unless nobody works here; never twice at the same time."""
        chore = self._chores.get(task.name)
        if chore is None:
            return
        del self._rung[task.name]
        self._doing.add(task.name)
        doing = self._start(_guarded(chore, task.policy.time_limit, {"task": task.name}))
        doing.add_done_callback(partial(self._done, task))

    def _done(self, task: Task, _: object) -> None:
        self._doing.discard(task.name)
        self._admit()

    def _stop_admitting(self) -> None:
        self._work, self._chores = None, {}

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
