"""When venues are asked what they hold: at the start, every minute, after a difference.

A venue may take its time to answer, so the sweep goes on beside it.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from application.ports.inbox import StoreUnavailable
from application.reconcile import Reconcile

EVERY_SECONDS = 60.0
FIRST_SECONDS = 20.0
LOOK_AGAIN_SECONDS = 6.0
"""A difference must survive two reads that are five seconds apart."""
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Reconciling:
    """The comparisons of one process, at most one at a time."""

    reconcile: Reconcile
    _next: float = 0.0
    _look_again: float = 0.0
    _under_way: "asyncio.Task[None] | None" = None

    def tick(self) -> None:
        """Begin a comparison if one is due and none is under way."""
        if self._under_way is not None and not self._under_way.done():
            return
        now = time.monotonic()
        if now >= self._next:
            self._next = now + EVERY_SECONDS
            self._begin(self._all)
        elif now >= self._look_again:
            self._begin(self.reconcile.again)
        else:
            return
        self._look_again = now + LOOK_AGAIN_SECONDS

    async def first(self) -> None:
        """Compare before anything is worked: entries wait for it, though not for ever."""
        try:
            async with asyncio.timeout(FIRST_SECONDS):
                await _logged(self._all)
        except TimeoutError:
            log.warning("the venues did not say in time what they hold")

    async def stop(self) -> None:
        """End what is under way; nothing is lost by it."""
        if self._under_way is not None:
            self._under_way.cancel()
            with suppress(asyncio.CancelledError):
                await self._under_way

    async def _all(self) -> None:
        await self.reconcile()

    def _begin(self, work: Callable[[], Awaitable[object]]) -> None:
        self._under_way = asyncio.create_task(_logged(work))


async def _logged(work: Callable[[], Awaitable[object]]) -> None:
    try:
        await work()
    except StoreUnavailable as error:
        log.warning("the database does not answer", extra={"error": str(error)})
    except Exception:
        log.exception("comparing with the venues failed and is tried again")
