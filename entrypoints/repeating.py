"""Work that is begun again and again beside a loop, which never waits for it."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from application.ports.inbox import StoreUnavailable

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Repeating:
    """One kind of work, at most one at a time."""

    name: str
    work: Callable[[], Awaitable[object]]
    every_seconds: float
    _next: float = 0.0
    _under_way: "asyncio.Task[None] | None" = None

    def tick(self) -> None:
        """Begin the work if it is due and none is under way."""
        if self._under_way is not None and not self._under_way.done():
            return
        now = time.monotonic()
        if now >= self._next:
            self._next = now + self.every_seconds
            self._under_way = asyncio.create_task(self._logged())

    async def stop(self) -> None:
        """End what is under way; nothing is lost by it."""
        if self._under_way is not None:
            self._under_way.cancel()
            with suppress(asyncio.CancelledError):
                await self._under_way

    async def _logged(self) -> None:
        facts = {"work": self.name}
        try:
            await self.work()
        except StoreUnavailable as error:
            log.warning("the database does not answer", extra=facts | {"error": str(error)})
        except Exception:
            log.exception("failed and is tried again", extra=facts)
