"""The server leaves at once, although pages are open that would listen for ever."""

import asyncio

import httpx

from entrypoints.settings import Settings
from entrypoints.web.serve import GRACE_SECONDS, server
from tests.entrypoints.stack import running, unused_port

AT_ONCE = GRACE_SECONDS / 2
"""Well before the time after which streams are cut off without a word."""


async def test_open_pages_do_not_hold_up_the_end(database_url: str) -> None:
    port = unused_port()
    async with running(database_url) as stack:
        web = server(stack.container, Settings(queue="memory"), port)
        serving = asyncio.create_task(web.serve())
        while not web.started:  # noqa: ASYNC110 - uvicorn has no event to wait for
            await asyncio.sleep(0.01)
        address = f"http://127.0.0.1:{port}/events"
        async with httpx.AsyncClient() as client, client.stream("GET", address) as stream:
            lines = stream.aiter_lines()
            assert await anext(lines) == "event: open"

            web.should_exit = True
            async with asyncio.timeout(AT_ONCE):
                await serving
                rest = [line async for line in lines]

        assert "event: news" not in rest
