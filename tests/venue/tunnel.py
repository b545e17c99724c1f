"""A proxy that leads every name to one port: DNS redirection for whoever honors a proxy."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

CHUNK = 65_536


@dataclass(slots=True)
class Tunnel:
    """Where the proxy listens, and where it leads."""

    host: str
    target: int
    port: int = 0
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set["asyncio.Task[None]"])

    @classmethod
    @contextlib.asynccontextmanager
    async def running(cls, host: str, target: int) -> AsyncIterator["Tunnel"]:
        """Lead connections to ``target`` until the block ends."""
        tunnel = cls(host, target)
        server = await asyncio.start_server(tunnel._accept, host, 0)
        tunnel.port = server.sockets[0].getsockname()[1]
        try:
            yield tunnel
        finally:
            server.close()
            for task in list(tunnel._tasks):
                task.cancel()
            await asyncio.gather(*tunnel._tasks, return_exceptions=True)

    async def _accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await self._lead(reader, writer)
        writer.close()

    async def _lead(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"CONNECT "):
            writer.write(b"HTTP/1.1 405 Method Not Allowed\r\n\r\n")
            return
        inner_reader, inner_writer = await asyncio.open_connection(self.host, self.target)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while chunk := await source.read(CHUNK):
            target.write(chunk)
            await target.drain()
    finally:
        target.close()
