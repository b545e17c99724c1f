"""Every contract runs on both stores."""

from collections.abc import AsyncIterator

import pytest

from tests.adapters.store.stores import Store, memory_store, postgres_store


@pytest.fixture(params=["memory", "postgres"])
def place(request: pytest.FixtureRequest) -> str | None:
    """Give the URL of an empty database, or None for memory."""
    if request.param == "memory":
        return None
    return str(request.getfixturevalue("database_url"))


@pytest.fixture
async def store(place: str | None) -> AsyncIterator[Store]:
    """Give an empty store."""
    async with memory_store() if place is None else postgres_store(place) as one:
        yield one
