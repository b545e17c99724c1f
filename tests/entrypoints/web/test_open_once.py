"""A printed link opens its page once, and not for ever."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from application.logging_in import digest_of
from tests.entrypoints.stack import Stack, running

AN_HOUR = timedelta(hours=1)


@pytest.fixture
async def stack(database_url: str) -> AsyncIterator[Stack]:
    async with running(database_url) as one:
        yield one


async def test_a_link_works_once(stack: Stack) -> None:
    await stack.container.page_links().add(digest_of("secret"), "/alerts/7", AN_HOUR)

    first = await stack.client.get("/open/secret")
    second = await stack.client.get("/open/secret")

    assert (first.status_code, first.headers["location"]) == (303, "/alerts/7")
    assert second.status_code == 404
    assert "used before" in second.text


async def test_a_link_that_is_too_old_or_unknown_opens_nothing(stack: Stack) -> None:
    links = stack.container.page_links()
    await links.add(digest_of("old"), "/alerts/7", timedelta(seconds=-1))

    for token in ("old", "never"):
        assert (await stack.client.get(f"/open/{token}")).status_code == 404
