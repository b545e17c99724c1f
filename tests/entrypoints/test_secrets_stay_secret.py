"""Secrets are planted everywhere, and looked for in everything that comes out."""

import io
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, redirect_stderr
from typing import Any

import httpx
import pytest
import structlog

from adapters.vault.keys import new_key
from application.ports.vault import SecretKind, SecretPlace
from application.secret import Secret
from entrypoints import log
from entrypoints.settings import Settings
from tests.entrypoints.stack import Stack, alert, running

KEY, SECRET = "PLANTED-api-key-1", 'PLANTED-"secret"/2+3'
KEYS = {"keys": {"apiKey": KEY, "secret": SECRET}}
ENCRYPTION_KEY = new_key()
READS = (
    *("alerts", "alerts/1", "refused", "bots", "bots/futures-both", "accounts", "orders"),
    *("positions", "trades", "stats", "state", "flattenings"),
)


@pytest.fixture
async def stack(database_url: str) -> AsyncIterator[Stack]:
    async with running(database_url, encryption_keys=(ENCRYPTION_KEY,)) as one:
        sealed = await one.client.put("/api/v1/accounts/futures/keys", json=KEYS)
        assert sealed.status_code == 200, sealed.text
        yield one


@contextmanager
def logged(form: str) -> Iterator[io.StringIO]:
    """Give everything that is logged meanwhile, at the finest level."""
    root = logging.getLogger()
    before, level = root.handlers, root.level
    lines = io.StringIO()
    with redirect_stderr(lines):
        log.configure(Settings(log_format=form, log_level="DEBUG"))
        try:
            yield lines
        finally:
            root.handlers = before
            root.setLevel(level)
            structlog.reset_defaults()


def planted(stack: Stack, text: str) -> list[str]:
    """Return which secrets a text shows."""
    secrets = ("PLANTED", ENCRYPTION_KEY, stack.token)
    return [secret for secret in secrets if secret in text]


async def answers(stack: Stack) -> list[httpx.Response]:
    """Ask for everything that can be read, and for much that cannot be answered."""
    client = stack.client
    path = "/api/v1/accounts/futures/keys"
    wrong: list[Any] = [
        {"keys": {"apiKey": [KEY]}},
        {"keys": {KEY: "x"}},
        {"keys": {"apiKey": ""}, "reason": "x"},
        {"keys": KEY},
        {"keys": {}, KEY: SECRET},
    ]
    return [
        *[await client.get(f"/api/v1/{name}") for name in READS],
        *[await client.put(path, json=body) for body in wrong],
        await client.put(path, content=f'{{"keys": "{KEY}'),
        await client.put("/api/v1/accounts/nobody/keys", json=KEYS),
        await client.get(path),
        await client.get(f"{stack.path}/{KEY}"),
        await client.post(f"{stack.path}x", content="{}"),
        await stack.send("{" + KEY),
        await stack.send(alert(rsi=25, token=KEY, note="hello")),
    ]


async def test_no_answer_shows_a_secret(stack: Stack) -> None:
    await stack.send(alert(rsi=25))
    await stack.settle()

    found = [*await answers(stack), *await answers(stack)]

    assert {one.status_code for one in found} >= {200, 202, 400, 401, 404, 405}
    shown = {one.url.path: planted(stack, one.text) for one in found}
    assert not {path: secrets for path, secrets in shown.items() if secrets}


@pytest.mark.parametrize("form", ["json", "console"])
async def test_no_log_line_shows_a_secret(stack: Stack, form: str) -> None:
    with logged(form) as lines:
        await answers(stack)
        await stack.settle()
        opened = await stack.container.open_secret()(SecretPlace(SecretKind.ACCOUNT, 2))
        assert opened is not None
        for word in (opened, opened["secret"].reveal(), KEY, {"deep": [SECRET, KEY]}):
            logging.getLogger("venue").debug("signing %s", word, extra={"with": word})
            structlog.get_logger().warning(f"sent {word}", headers={"key": word})
        try:
            int(opened["secret"].reveal() + stack.token)
        except ValueError:
            logging.getLogger("venue").exception("it broke")

    assert "it broke" in lines.getvalue()
    assert planted(stack, lines.getvalue()) == []


async def test_a_database_that_is_away_shows_no_token(stack: Stack) -> None:
    await stack.container.engine().dispose()
    with logged("json") as lines:
        answer = await stack.client.post(f"{stack.path}/x", content=KEY)

    assert planted(stack, answer.text + lines.getvalue()) == []


async def test_the_keys_are_there_all_the_same(stack: Stack) -> None:
    accounts = (await stack.client.get("/api/v1/accounts")).json()
    opened = await stack.container.open_secret()(SecretPlace(SecretKind.ACCOUNT, 2))

    assert [one["keys"] for one in accounts] == [[], ["apiKey", "secret"]]
    assert opened == {"apiKey": Secret(KEY), "secret": Secret(SECRET)}


async def test_without_an_encryption_key_nothing_is_kept(database_url: str) -> None:
    async with running(database_url) as stack:
        refused = await stack.client.put("/api/v1/accounts/futures/keys", json=KEYS)
        accounts = (await stack.client.get("/api/v1/accounts")).json()

    assert refused.status_code == 409
    assert "signalman keys new" in refused.json()["detail"]
    assert [one["keys"] for one in accounts] == [[], []]
