"""`signalman web`: the HTTP server."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
import uvloop

from entrypoints.collecting import calm
from entrypoints.container import Container
from entrypoints.session import serving
from entrypoints.settings import Settings
from entrypoints.stopping import until_stopped
from entrypoints.web.app import create_app
from entrypoints.web.links import print_first_link
from entrypoints.web.watching import Watch

PORTS_TRIED = 50
KEEP_ALIVE_SECONDS = 75
"""Longer than a reverse proxy keeps an idle connection, which must never be dead."""
GRACE_SECONDS = 10
"""How long requests under way may take once the server is told to stop."""


class PortTaken(Exception):
    """No port is free to listen on."""


def run(settings: Settings) -> None:
    """Serve until interrupted."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_main(settings))


class Server(uvicorn.Server):
    """The HTTP server. Signals are ours: it must end before the database does."""

    def __init__(self, config: uvicorn.Config, watch: Watch) -> None:
        """Take the streams as well, which would never end by themselves."""
        super().__init__(config)
        self._watch = watch

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, so that no open page is waited for; then everything else."""
        await self._watch.close()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def server(container: Container, settings: Settings, port: int) -> Server:
    """Return the HTTP server over the application."""
    app = create_app(container)
    return Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=port,
            http="httptools",
            loop="none",
            log_config=None,
            access_log=False,
            server_header=False,
            backlog=4096,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=GRACE_SECONDS,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=list(settings.trusted_proxies),
        ),
        app.state.watch,
    )


def free_port(host: str, wanted: int) -> int:
    """Return ``wanted``, or the next port that nobody listens on.

    Raises:
        PortTaken: If fifty in a row are taken.
    """
    for port in range(wanted, wanted + PORTS_TRIED):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    message = f"ports {wanted} to {wanted + PORTS_TRIED - 1} on {host} are all taken"
    raise PortTaken(message)


async def _main(settings: Settings) -> None:
    async with serving(settings) as container:
        web = server(container, settings, settings.port)
        await print_first_link(container)
        calm()
        answering = asyncio.create_task(web.serve())
        stopping = asyncio.create_task(until_stopped())
        await asyncio.wait((answering, stopping), return_when=asyncio.FIRST_COMPLETED)
        web.should_exit = True
        await answering
