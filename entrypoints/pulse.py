"""A process's sign of life, for as long as it lives."""

import asyncio
import logging

from application.ports.inbox import StoreUnavailable
from entrypoints.container import Container

BEAT_SECONDS = 2.0
log = logging.getLogger(__name__)


async def beat(container: Container, role: str) -> None:
    """Say for ever that this process lives; a database that is away is waited for."""
    process = container.process()
    while True:
        try:
            await container.pulse().beat(process, role)
        except StoreUnavailable as error:
            log.warning("the sign of life could not be kept", extra={"error": str(error)})
        await asyncio.sleep(BEAT_SECONDS)
