"""The stream to the open pages: from where it stopped, and over when the server stops."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from litestar.response.sse import ServerSentEventMessage

from application.ports.news import BEGINNING, Place
from entrypoints.web.watching import Watch, told
from tests.entrypoints.stack import Stack, alert, running

SOON = 10


@pytest.fixture
async def stack(database_url: str) -> AsyncIterator[Stack]:
    async with running(database_url) as one:
        yield one


@pytest.fixture
async def watch(stack: Stack) -> AsyncIterator[Watch]:
    one = Watch(stack.container.news())
    yield one
    await one.close()


async def next_news(messages: AsyncIterator[ServerSentEventMessage]) -> tuple[str, Any]:
    """Return the place and the content of the next message that is no ping."""
    async with asyncio.timeout(SOON):
        async for message in messages:
            if message.event == "news":
                return str(message.id), msgspec.json.decode(str(message.data))
    raise AssertionError("the stream ended")


async def test_what_happens_is_told_to_an_open_page(stack: Stack, watch: Watch) -> None:
    messages = told(watch, await stack.container.news().newest())
    opened = await anext(messages)

    id = (await stack.send(alert())).json()["alert_id"]
    _, news = await next_news(messages)

    assert opened.event == "open"
    assert news == {"kinds": ["alert.received"], "alerts": [id]}


async def test_a_page_that_was_away_is_told_what_it_missed(
    stack: Stack, watch: Watch
) -> None:
    place = await stack.container.news().newest()
    ids = [(await stack.send(alert(rsi=rsi))).json()["alert_id"] for rsi in (50, 51, 52)]
    await stack.settle()

    last, news = await next_news(told(watch, place))

    assert news["alerts"] == ids
    assert "decision" in news["kinds"]
    again = await stack.container.news().since(Place.read(last) or BEGINNING, 9)
    assert again == []


async def test_streams_end_when_the_server_stops(stack: Stack, watch: Watch) -> None:
    async def listened() -> list[str | None]:
        return [one.event async for one in told(watch, BEGINNING)]

    listening = [asyncio.create_task(listened()) for _ in range(3)]
    await asyncio.sleep(0)
    await watch.close()

    async with asyncio.timeout(SOON):
        ended = await asyncio.gather(*listening)
    assert all(events[0] == "open" for events in ended)
    assert stack.token
