"""`signalman up`: everything in one process, on embedded servers."""

import asyncio
import sys
from contextlib import suppress

import uvloop

from entrypoints import address
from entrypoints.container import Container
from entrypoints.session import serving
from entrypoints.settings import Settings
from entrypoints.stopping import until_stopped
from entrypoints.web.links import print_first_link
from entrypoints.web.serve import free_port, server
from entrypoints.worker import work


def run(settings: Settings) -> None:
    """Serve, work and schedule until interrupted."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_main(settings))


async def _main(settings: Settings) -> None:
    async with serving(settings) as container:
        port = free_port(settings.host, settings.port)
        web = server(container, settings, port)
        working = asyncio.create_task(work(container))
        answering = asyncio.create_task(web.serve())
        stopping = asyncio.create_task(until_stopped())
        address.write(settings, port)
        await _announce(container, settings, port)
        parts = (answering, working, stopping)
        await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        address.forget(settings)
        web.should_exit = True
        await answering
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working


async def _announce(container: Container, settings: Settings, port: int) -> None:
    deployed = await container.configuration().deployed()
    bots = [bot for bot in deployed.bots if not bot.archived]
    lines = [
        f"Signalman is up at http://{settings.host}:{port}  (stop with Ctrl-C)",
        f"  bots      {len(bots)} deployed, all on paper",
        f"  data      {settings.data_dir}",
        f"  health    http://{settings.host}:{port}/health/ready",
        f"  API       http://{settings.host}:{port}/schema/openapi.json",
    ]
    if not bots:
        lines.append(
            "  next      signalman apply FILE.yaml   deploys feeds, accounts and bots"
        )
    sys.stderr.write("\n".join(lines) + "\n")
    await print_first_link(container)
