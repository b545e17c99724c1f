"""`signalman scheduler`: routes what waits, and turns timers that are due into work."""

import asyncio
from contextlib import suppress

from entrypoints.session import opened
from entrypoints.settings import Settings
from entrypoints.stopping import until_stopped
from entrypoints.worker import sweep_for_ever


def run(settings: Settings) -> None:
    """Schedule until interrupted."""
    asyncio.run(_main(settings))


async def _main(settings: Settings) -> None:
    async with opened(settings) as container:
        sweeping = asyncio.create_task(sweep_for_ever(container.sweep()))
        stopping = asyncio.create_task(until_stopped())
        await asyncio.wait((sweeping, stopping), return_when=asyncio.FIRST_COMPLETED)
        sweeping.cancel()
        with suppress(asyncio.CancelledError):
            await sweeping
