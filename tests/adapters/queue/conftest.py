"""A real Valkey, and the runtimes that the contract holds for."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import redis

from adapters.embedded.valkey import EmbeddedValkey
from adapters.queue.celery_runtime import CeleryCarrier
from adapters.queue.dramatiq_runtime import DramatiqCarrier
from adapters.queue.memory import MemoryQueue
from adapters.queue.redis_queue import RedisQueue
from adapters.queue.runtime import Runtime
from tests.adapters.queue.workshop import Workshop

WAIT_SECONDS = 0.1
"""How soon a worker's threads notice that they are to stop; the tests stop many."""


@dataclass(slots=True)
class Server:
    """A Valkey that can be flushed, killed, frozen and started again."""

    embedded: EmbeddedValkey
    url: str
    client: redis.Redis = field(init=False)

    def __post_init__(self) -> None:
        """Connect to it."""
        self.client = redis.Redis.from_url(self.url)

    @property
    def pid(self) -> int:
        """Return the number of its process."""
        return int(self.client.info("server")["process_id"])

    @property
    def connections(self) -> int:
        """Return how many others are connected."""
        return len(self.client.client_list()) - 1


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="signalman-") as directory:
        embedded = EmbeddedValkey(Path(directory, "valkey"))
        server = Server(embedded, embedded.start())
        yield server
        server.client.close()
        embedded.stop()


@pytest.fixture
def valkey(valkey_server: Server) -> Server:
    """Give a Valkey that runs and is empty."""
    valkey_server.embedded.start()
    valkey_server.client.flushall()
    return valkey_server


@pytest.fixture(params=["dramatiq", "celery"])
def remote(request: pytest.FixtureRequest) -> str:
    """Give the name of each runtime that goes through Valkey."""
    return str(request.param)


@pytest.fixture(params=["memory", "dramatiq", "celery"])
def runtime(request: pytest.FixtureRequest) -> str:
    """Give the name of each runtime."""
    return str(request.param)


Opener = Callable[..., Runtime]


@pytest.fixture
async def open_queue(request: pytest.FixtureRequest) -> AsyncIterator[Opener]:
    """Give a way to open queues of a runtime, all of which are closed in the end."""
    opened: list[Runtime] = []

    def open_one(runtime: str, slots: int = 8) -> Runtime:
        queue: Runtime = MemoryQueue(slots)
        if runtime != "memory":
            url = request.getfixturevalue("valkey").url
            carrier = {"dramatiq": DramatiqCarrier, "celery": CeleryCarrier}[runtime]
            queue = RedisQueue(carrier(url, WAIT_SECONDS), slots)
        opened.append(queue)
        return queue

    yield open_one
    await asyncio.gather(*(queue.close() for queue in opened))


@pytest.fixture
def shop() -> Workshop:
    return Workshop()
