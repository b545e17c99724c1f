"""The page of a thing's revisions: what differs, and the way back."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from adapters.configuration.yaml_file import read_yaml
from application.ports.configuration import Kind
from application.proposal import Wishes
from tests.entrypoints.stack import AUTHOR, BOTS, Stack, running

PATH = "/revisions/bot/futures-both"
BROWSER = {"accept": "text/html"}


@pytest.fixture
async def stack(database_url: str) -> AsyncIterator[Stack]:
    async with running(database_url) as one:
        await apply(one, "5")
        yield one


async def apply(stack: Stack, entries: str) -> None:
    text = BOTS.replace("max_entries: 3", f"max_entries: {entries}")
    await stack.container.apply()(read_yaml(text), Wishes(), AUTHOR)


async def numbers(stack: Stack) -> list[int]:
    rows = await stack.container.configuration().history(Kind.BOT, "futures-both")
    return [row.id for row in rows]


async def sent(stack: Stack, page: str, **fields: str) -> httpx.Response:
    token = re.search(r'name="_csrf_token" value="([0-9a-f]+)"', page)
    assert token is not None
    form = {"_csrf_token": token[1], **fields}
    return await stack.client.post(PATH, data=form, headers=BROWSER)


async def test_any_two_revisions_are_compared(stack: Stack) -> None:
    newest, first = await numbers(stack)

    page = (await stack.client.get(PATH, params={"old": first, "new": newest})).text
    same = (await stack.client.get(PATH, params={"old": newest, "new": newest})).text

    assert '<th scope="row">scaling.max_entries</th><td>3</td><td>5</td>' in page
    assert f"Go back to revision {first}" in page
    assert "say the same" in same
    assert "Go back" not in same


async def test_going_back_is_refused_where_somebody_was_faster(stack: Stack) -> None:
    newest, first = await numbers(stack)
    page = (await stack.client.get(PATH)).text
    asked = {"revision": str(first), "seen": str(newest), "reason": "too many"}
    await apply(stack, "7")

    late = await sent(stack, page, **asked)
    made = await sent(stack, page, **asked | {"seen": str((await numbers(stack))[0])})

    assert (late.status_code, made.status_code) == (409, 303)
    assert "changed meanwhile" in late.text
    (row, *_) = await stack.container.configuration().history(Kind.BOT, "futures-both")
    assert (row.tree["scaling"]["max_entries"], row.author.reason) == ("3", "too many")


async def test_what_has_no_revisions_has_no_page(stack: Stack) -> None:
    for path in ("/revisions/bot/nobody", "/revisions/moon/x", f"{PATH}?old=999"):
        assert (await stack.client.get(path, headers=BROWSER)).status_code in (400, 404)
