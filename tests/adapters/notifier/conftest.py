"""A Valkey for the emulator of the Bot API, and a store whose time can be moved."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from adapters.embedded.valkey import running_valkey
from tests.adapters.notifier.bot_api import FaultyBotApi, faulty
from tests.adapters.store.stores import Store, memory_store


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    with (
        tempfile.TemporaryDirectory(prefix="signalman-") as directory,
        running_valkey(Path(directory)) as url,
    ):
        yield url


@pytest.fixture
async def api() -> AsyncIterator[FaultyBotApi]:
    """Give a Bot API that can be told to misbehave."""
    async with faulty() as one:
        yield one


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    """Give an empty store in memory."""
    async with memory_store() as one:
        yield one
