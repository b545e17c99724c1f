"""`signalman scheduler`: a process that does nothing but schedule, if it leads."""

import asyncio
from contextlib import suppress

from entrypoints.container import Container
from entrypoints.pulse import beat
from entrypoints.scheduling import schedule
from entrypoints.session import serving
from entrypoints.settings import Settings
from entrypoints.stopping import until_stopped


def run(settings: Settings) -> None:
    """Schedule until interrupted."""
    asyncio.run(_main(settings))


async def _scheduled(container: Container) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(beat(container, "scheduler"))
        group.create_task(schedule(container))


async def _main(settings: Settings) -> None:
    async with serving(settings) as container:
        scheduling = asyncio.create_task(_scheduled(container))
        stopping = asyncio.create_task(until_stopped())
        await asyncio.wait((scheduling, stopping), return_when=asyncio.FIRST_COMPLETED)
        scheduling.cancel()
        with suppress(asyncio.CancelledError):
            await scheduling
        await container.leadership().step_down()
