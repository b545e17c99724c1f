"""Calls that wait at the same moment are made together, in one transaction.

The first does not wait; those that come while it is under way go together in the next::

    a ─▶ [a]          committed
       b, c, d ─▶ [b, c, d]       committed, and each is answered
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from application.ports.inbox import StoreUnavailable

Asked = TypeVar("Asked")
Told = TypeVar("Told")


class Gathering(Generic[Asked, Told]):
    """Gathers calls of one event loop. Each returns, or raises, what became of it alone.

    Where a group fails for another reason than the store's absence, nothing of it is kept
    and every call is made alone, so that one that cannot be kept does not fail the others.
    """

    def __init__(
        self,
        together: Callable[[Sequence[Asked]], Awaitable[Sequence[Told | Exception]]],
        *,
        most: int,
        at_once: int = 1,
    ) -> None:
        """Make at most ``most`` calls together, and ``at_once`` groups beside each other.

        ``together`` answers in the order in which it was asked; an exception among its
        answers is raised by that call.
        """
        self._together = together
        self._most = most
        self._waiting: deque[tuple[Asked, asyncio.Future[Told]]] = deque()
        self._free = at_once
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, asked: Asked) -> Told:
        """Make one call, with whatever else waits."""
        answer: asyncio.Future[Told] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answer))
        if self._free:
            self._free -= 1
            task = asyncio.create_task(self._run())
            self._tasks.add(task)  # the event loop itself holds no task
            task.add_done_callback(self._tasks.discard)
        return await answer

    async def _run(self) -> None:
        try:
            while self._waiting:
                await asyncio.sleep(0)  # whoever is ready at this moment comes along
                size = min(len(self._waiting), self._most)
                group = [self._waiting.popleft() for _ in range(size)]
                group = [(asked, answer) for asked, answer in group if not answer.done()]
                if group:
                    await self._settle(group)
        finally:
            self._free += 1

    async def _settle(self, group: Sequence[tuple[Asked, asyncio.Future[Told]]]) -> None:
        try:
            told = await self._together([asked for asked, _ in group])
        except Exception as error:  # noqa: BLE001 - it is raised where it was called
            if len(group) > 1 and not isinstance(error, StoreUnavailable):
                for one in group:
                    await self._settle([one])
                return
            told = [error] * len(group)
        for (_, answer), found in zip(group, told, strict=True):
            if answer.done():
                continue
            if isinstance(found, Exception):
                answer.set_exception(found)
            else:
                answer.set_result(found)
