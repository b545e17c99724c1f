"""`signalman worker`: works what is due until it is told to stop."""

import asyncio
import logging
from contextlib import suppress

from application.ports.inbox import StoreUnavailable
from application.sweep import Sweep
from entrypoints.container import Container
from entrypoints.session import opened
from entrypoints.settings import Settings
from entrypoints.stopping import until_stopped

SWEEP_SECONDS = 0.25
RETRY_SECONDS = 1
log = logging.getLogger(__name__)


def run(settings: Settings) -> None:
    """Work until interrupted."""
    asyncio.run(_main(settings))


async def work(container: Container) -> None:
    """Hear the doorbell and sweep, until canceled; what is under way is finished first."""
    queue = container.queue()
    execute = container.execute()
    async with asyncio.TaskGroup() as group:
        group.create_task(sweep_for_ever(container.sweep()))
        group.create_task(queue.run(container.fan_out(), execute))


async def sweep_for_ever(sweep: Sweep) -> None:
    """Ring for what is due again and again; a database that is away is waited for."""
    while True:
        try:
            await sweep()
        except StoreUnavailable as error:
            log.warning("the database does not answer", extra={"error": str(error)})
            await asyncio.sleep(RETRY_SECONDS)
        except Exception:
            log.exception("the sweep failed and is tried again")
            await asyncio.sleep(RETRY_SECONDS)
        await asyncio.sleep(SWEEP_SECONDS)


async def _main(settings: Settings) -> None:
    async with opened(settings) as container:
        working = asyncio.create_task(work(container))
        stopping = asyncio.create_task(until_stopped())
        await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
