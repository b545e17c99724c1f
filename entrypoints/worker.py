"""`signalman worker`: works what is due until it is told to stop."""

import asyncio
from contextlib import suppress

import uvloop

from entrypoints.collecting import calm
from entrypoints.container import Container
from entrypoints.pulse import beat
from entrypoints.reconciling import Reconciling
from entrypoints.scheduling import schedule
from entrypoints.session import serving
from entrypoints.settings import Settings
from entrypoints.stopping import until_stopped


def run(settings: Settings) -> None:
    """Work until interrupted."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_main(settings))


async def work(container: Container) -> None:
    """Hear the doorbell and sweep, until canceled; what is under way is finished first."""
    queue = container.queue()
    execute = container.execute()
    deliver = container.deliver()
    try:
        await Reconciling(container.reconcile()).first()
        calm()
        async with asyncio.TaskGroup() as group:
            group.create_task(beat(container, "worker"))
            group.create_task(schedule(container))
            group.create_task(queue.run(container.fan_out(), execute, deliver))
    finally:
        await container.notifier().close()


async def _main(settings: Settings) -> None:
    async with serving(settings) as container:
        working = asyncio.create_task(work(container))
        stopping = asyncio.create_task(until_stopped())
        await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
