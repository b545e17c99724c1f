"""The fastest receiver there could be: it keeps nothing. What it answers is the ceiling."""

import asyncio
import sys
from typing import cast

import uvloop

BODY = b'{"alert_id":1,"status":"accepted"}'
ANSWER = b"HTTP/1.1 202 Accepted\r\ncontent-length: %d\r\n\r\n%b" % (len(BODY), BODY)


class Echo(asyncio.Protocol):
    """Answers every piece of data as if it were a request."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer."""
        del data
        self._transport.write(ANSWER)


async def serve(port: int) -> None:
    """Answer until interrupted."""
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
