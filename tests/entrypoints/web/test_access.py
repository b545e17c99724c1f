"""Who is let in over HTTP, and to what."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from adapters.vault.keys import new_key
from application.logging_in import Credentials, digest_of
from application.ports.access import Permission, Role
from application.secret import Secret
from entrypoints.web.access import COOKIE
from tests.entrypoints.stack import AUTHOR, Stack, running

PASSWORD = Secret("correct horse battery")
HALT = {"state": "halted", "reason": "a test"}
KEYS = {"keys": {"apiKey": "x-1234567"}}


@pytest.fixture
async def stack(database_url: str) -> AsyncIterator[Stack]:
    async with running(database_url, encryption_keys=(new_key(),)) as one:
        yield one


async def token(stack: Stack, *scopes: Permission) -> dict[str, str]:
    name = " ".join(scope.value for scope in scopes)
    await stack.container.api_tokens().add(name, digest_of(name), frozenset(scopes), AUTHOR)
    return {"authorization": f"Bearer {name}"}


async def logged_in(stack: Stack, role: Role) -> dict[str, str]:
    container = stack.container
    hashed = await container.passwords().hash(PASSWORD)
    await container.users().add(role.value, role, hashed, AUTHOR)
    id = await container.log_in()(Credentials(name=role.value, password=PASSWORD))
    return {"cookie": f"{COOKIE}={id.reveal()}"}


async def halt(stack: Stack, headers: dict[str, str]) -> httpx.Response:
    return await stack.client.post("/api/v1/state", json=HALT, headers=headers)


async def test_once_there_is_a_user_this_machine_must_log_in_too(stack: Stack) -> None:
    before = await stack.client.get("/api/v1/state")
    await logged_in(stack, Role.VIEWER)
    after = await stack.client.get("/api/v1/state")

    assert (before.status_code, after.status_code) == (200, 401)
    assert after.json()["code"] == "access.login_needed"


async def test_a_session_is_let_in_by_its_cookie(stack: Stack) -> None:
    cookie = await logged_in(stack, Role.OPERATOR)

    halted = await halt(stack, cookie)

    assert halted.status_code == 200
    assert (halted.json()[0]["author"], halted.json()[0]["source"]) == ("operator", "web")


async def test_a_viewer_sees_and_changes_nothing(stack: Stack) -> None:
    cookie = await logged_in(stack, Role.VIEWER)

    seen = await stack.client.get("/api/v1/state", headers=cookie)
    refused = await halt(stack, cookie)

    assert seen.status_code == 200
    assert (refused.status_code, refused.json()["code"]) == (403, "access.denied")


async def test_a_token_may_what_its_scopes_say(stack: Stack) -> None:
    reading = await token(stack, Permission.READ)
    trading = await token(stack, Permission.READ, Permission.TRADE)

    assert (await stack.client.get("/api/v1/bots", headers=reading)).status_code == 200
    assert (await halt(stack, reading)).status_code == 403
    assert (await halt(stack, trading)).status_code == 200


async def test_a_token_that_is_unknown_or_revoked_is_not_let_in(stack: Stack) -> None:
    known = await token(stack, Permission.READ)
    await stack.container.api_tokens().revoke("read", AUTHOR)

    for headers in (known, {"authorization": "Bearer made-up"}):
        answer = await stack.client.get("/api/v1/bots", headers=headers)
        assert answer.status_code == 401


async def test_a_session_is_no_use_to_another_sites_page(stack: Stack) -> None:
    cookie = await logged_in(stack, Role.OPERATOR)

    for header in (
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1:9999"},
        {"sec-fetch-site": "cross-site"},
    ):
        assert (await halt(stack, cookie | header)).status_code == 403


async def proved_long_ago(stack: Stack) -> None:
    async with stack.container.engine().begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE sessions SET proved_at = proved_at - interval '11 min'"
        )


async def test_keys_ask_for_the_password_that_was_given_long_ago(stack: Stack) -> None:
    cookie = await logged_in(stack, Role.ADMIN)
    path = "/api/v1/accounts/futures/keys"

    fresh = await stack.client.put(path, json=KEYS, headers=cookie)
    await proved_long_ago(stack)
    stale = await stack.client.put(path, json=KEYS, headers=cookie)

    assert fresh.status_code == 200, fresh.text
    assert (stale.status_code, stale.json()["code"]) == (403, "access.proof_needed")


async def test_stopping_never_waits_for_a_password_and_going_on_does(stack: Stack) -> None:
    cookie = await logged_in(stack, Role.OPERATOR)
    await proved_long_ago(stack)
    path = "/api/v1/state"

    halted = await halt(stack, cookie)
    reducing, active = [
        await stack.client.post(path, json=HALT | {"state": state}, headers=cookie)
        for state in ("reducing", "active")
    ]

    assert halted.status_code == 200
    assert {one.json()["code"] for one in (reducing, active)} == {"access.proof_needed"}


async def test_going_on_by_the_page_asks_for_the_password_and_leads_back(
    stack: Stack,
) -> None:
    cookie = await logged_in(stack, Role.OPERATOR)
    await halt(stack, cookie)
    page = await stack.client.get("/stop", headers=cookie)
    await proved_long_ago(stack)
    token = re.search(r'name="_csrf_token" value="([^"]+)"', page.text)
    assert token is not None

    form = {"_csrf_token": token[1], "target": "global:", "reason": "on"}
    names = {"accept": "text/html", "referer": "http://127.0.0.1/stop"}
    session = {**names, "cookie": "; ".join((cookie["cookie"], _form_cookie(page)))}
    asked = await stack.client.post("/resume", data=form, headers=session)

    assert asked.status_code == 303
    assert asked.headers["location"] == "/login/again?next=%2Fstop"
    assert (await stack.container.configuration().states())[0].state.name == "HALTED"


def _form_cookie(page: httpx.Response) -> str:
    return page.headers["set-cookie"].partition(";")[0]


async def test_limits_ask_for_the_password_and_the_rest_of_a_document_does_not(
    stack: Stack,
) -> None:
    cookie = await logged_in(stack, Role.ADMIN)
    exported = await stack.client.get("/api/v1/configuration", headers=cookie)
    await proved_long_ago(stack)

    async def applied(document: object) -> httpx.Response:
        body = {"document": document, "reason": "a test"}
        return await stack.client.post("/api/v1/configuration", json=body, headers=cookie)

    plain = await applied(exported.json() | {"feeds": [{"name": "another"}]})
    looser = await applied({"limits": {"open_positions": "50"}})

    assert plain.status_code == 200, plain.text
    assert (looser.status_code, looser.json()["code"]) == (403, "access.proof_needed")


async def test_a_deposit_is_recorded_once_by_whoever_may_configure(stack: Stack) -> None:
    path = "/api/v1/accounts/futures/movements"
    deposit = {
        "kind": "deposit",
        "amount": "250.5",
        "currency": "USDT",
        "at": "2026-10-01T00:00:00Z",
        "reference": "d-1",
    }
    configuring = await token(stack, Permission.READ, Permission.CONFIGURE)
    reading = await token(stack, Permission.READ)

    denied = await stack.client.post(path, json=deposit, headers=reading)
    kept = [await stack.client.post(path, json=deposit, headers=configuring) for _ in "ab"]
    other = deposit | {"amount": "1"}
    differs = await stack.client.post(path, json=other, headers=configuring)
    wrong = deposit | {"amount": "much"}
    refused = await stack.client.post(path, json=wrong, headers=configuring)
    listed = (await stack.client.get(path, headers=reading)).json()

    assert [one.status_code for one in (denied, *kept, differs, refused)] == [
        *(403, 201, 201, 409, 400)
    ]
    assert [(one["amount"], one["reference"]) for one in listed] == [("250.5", "d-1")]


async def test_going_back_to_earlier_settings_asks_for_the_password(stack: Stack) -> None:
    cookie = await logged_in(stack, Role.ADMIN)
    await proved_long_ago(stack)
    bot = await stack.client.get("/api/v1/bots/spot-long", headers=cookie)
    revision = bot.json()["revision"]

    asked = await stack.client.post(
        "/api/v1/revisions/bot/spot-long/rollback",
        json={"revision": revision, "reason": "x"},
        headers=cookie,
    )

    assert (asked.status_code, asked.json()["code"]) == (403, "access.proof_needed")
