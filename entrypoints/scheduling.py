"""What must happen again and again: routing what waits, timers, keys that are due.

One process of the installation does it, whichever leads. The `memory` runtime hears no
other process, so there everybody looks for itself.
"""

import asyncio
import logging

from application.ports.inbox import StoreUnavailable
from entrypoints.container import Container
from entrypoints.reconciling import Reconciling
from entrypoints.repeating import Repeating

SWEEP_SECONDS = {"memory": 0.25}
SWEEP_SECONDS_RUNG = 1.0
"""How often a sweep looks where a doorbell rings for everything new."""
RETRY_SECONDS = 1.0
WATCH_SECONDS = 3.0
"""How often open positions at real venues are held against the market."""
log = logging.getLogger(__name__)


async def schedule(container: Container) -> None:
    """Sweep for ever, while this process leads; a database that is away is waited for."""
    queue = container.settings().queue
    reconciling = Reconciling(container.reconcile())
    watching = Repeating("watching prices", container.watch_prices(), WATCH_SECONDS)
    protecting = Repeating("protecting", container.protect_all(), WATCH_SECONDS)
    alarming = Repeating("watching stops", container.watch_stops(), WATCH_SECONDS)
    counting = Repeating("counting orders", container.watch_outflow(), WATCH_SECONDS)
    try:
        while True:
            pause = SWEEP_SECONDS.get(queue, SWEEP_SECONDS_RUNG)
            try:
                if queue == "memory" or await container.leadership().lead():
                    await container.sweep()()
                    await container.pursue_flattenings()()
                    await container.keep_audit()()
                    reconciling.tick()
                    watching.tick()
                    protecting.tick()
                    alarming.tick()
                    counting.tick()
                await _learn_venues(container)
            except StoreUnavailable as error:
                log.warning("the database does not answer", extra={"error": str(error)})
                pause = RETRY_SECONDS
            except Exception:
                log.exception("the sweep failed and is tried again")
                pause = RETRY_SECONDS
            await asyncio.sleep(pause)
    finally:
        await reconciling.stop()
        await watching.stop()
        await protecting.stop()
        await alarming.stop()
        await counting.stop()


async def _learn_venues(container: Container) -> None:
    venues = container.venues()
    if venues.is_stale:
        deployed = await container.configuration().deployed()
        venues.learn({one.id: one.config.exchange for one in deployed.accounts})
