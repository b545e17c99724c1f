"""`/events`: what happens, told to every open tab, from where it stopped."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import msgspec
from litestar import Request, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromQuery, SkipValidation
from litestar.response import ServerSentEvent
from litestar.response.sse import ServerSentEventMessage

from application.ports.inbox import StoreUnavailable
from application.ports.news import Happening, News, Place

LOOK_SECONDS = 0.2
"""How often one query looks for all tabs; asking costs less than being told at a commit."""
PING_SECONDS = 5.0
BATCH = 500
RETRY_MILLISECONDS = 1_000


@dataclass(slots=True)
class Watch:
    """Wakes the open tabs of this process when something happened.

    One task looks while anybody listens; each listener then reads from its own place, so
    that nothing is missed however often it was away.
    """

    news: News
    _listeners: int = 0
    _seen: Place | None = None
    _closed: bool = False
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _looking: asyncio.Task[None] | None = None

    async def listen(self, place: Place) -> AsyncIterator[Sequence[Happening]]:
        """Yield what happens after ``place``; nothing new is a sign of life.

        Ends when the server stops.
        """
        self._listeners += 1
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        try:
            at = place
            while not self._closed:
                found = await self._read(at)
                at = found[-1].place if found else at
                yield found
                if len(found) < BATCH:
                    await self._something(at)
        finally:
            self._listeners -= 1
            if not self._listeners and self._looking is not None:
                self._looking.cancel()
                self._looking = None

    async def close(self) -> None:
        """End every stream, so that the server need not wait for the browsers."""
        async with self._changed:
            self._closed = True
            self._changed.notify_all()

    async def _read(self, place: Place) -> Sequence[Happening]:
        try:
            return await self.news.since(place, BATCH)
        except StoreUnavailable:
            return ()

    async def _something(self, place: Place) -> None:
        """Return when something happened after ``place``, or it is time for a ping."""

        def is_news() -> bool:
            return self._closed or (self._seen is not None and self._seen > place)

        with suppress(TimeoutError):
            async with asyncio.timeout(PING_SECONDS), self._changed:
                await self._changed.wait_for(is_news)

    async def _look(self) -> None:
        while True:
            with suppress(StoreUnavailable):
                newest = await self.news.newest()
                if newest != self._seen:
                    async with self._changed:
                        self._seen = newest
                        self._changed.notify_all()
            await asyncio.sleep(LOOK_SECONDS)


@get("/events", include_in_schema=False)
async def events(
    request: Request[object, object, State],
    watch: SkipValidation[NamedDependency[Watch]],
    last: FromQuery[str | None] = None,
) -> ServerSentEvent:
    """Tell what happens, after the id that the browser saw last."""
    newest = await watch.news.newest()  # without a database it is said at once
    seen = Place.read(request.headers.get("last-event-id") or last or "")
    return ServerSentEvent(told(watch, seen or newest))


async def told(watch: Watch, place: Place) -> AsyncIterator[ServerSentEventMessage]:
    """Yield the messages of one stream."""
    yield ServerSentEventMessage(data="", event="open", retry=RETRY_MILLISECONDS)
    async for happened in watch.listen(place):
        yield _message(happened)


def _message(happened: Sequence[Happening]) -> ServerSentEventMessage:
    """Return happenings as one message: their kinds, and the alerts they belong to."""
    if not happened:
        return ServerSentEventMessage(data="", event="ping")
    kinds = sorted({one.kind.value for one in happened})
    alerts = sorted({one.alert for one in happened if one.alert is not None})
    data = msgspec.json.encode({"kinds": kinds, "alerts": alerts}).decode()
    return ServerSentEventMessage(data=data, event="news", id=str(happened[-1].place))
