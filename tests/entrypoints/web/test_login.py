"""Logging in with a browser."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from application.ports.access import Role
from application.secret import Secret
from entrypoints.web.access import COOKIE
from tests.entrypoints.stack import AUTHOR, Stack, running

PASSWORD = "correct horse battery"  # noqa: S105 - of a user that lives for a test
TOKEN = re.compile(r'name="_csrf_token" value="([^"]+)"')
HTML = {"accept": "text/html"}


@pytest.fixture
async def stack(database_url: str) -> AsyncIterator[Stack]:
    async with running(database_url) as one:
        yield one


@pytest.fixture
async def ada(stack: Stack) -> None:
    hashed = await stack.container.passwords().hash(Secret(PASSWORD))
    await stack.container.users().add("ada", Role.ADMIN, hashed, AUTHOR)


async def submit(stack: Stack, path: str, **fields: str) -> httpx.Response:
    """Fill a page's form in, as a browser does."""
    page = await stack.client.get(path, headers=HTML)
    found = TOKEN.search(page.text)
    assert found is not None, page.text
    url = path.partition("?")[0]
    return await stack.client.post(url, data={"_csrf_token": found[1], **fields})


async def log_in(stack: Stack, **more: str) -> httpx.Response:
    return await submit(stack, "/login", **{"name": "ada", "password": PASSWORD} | more)


@pytest.mark.usefixtures("ada")
async def test_who_is_not_logged_in_is_sent_to_the_login_and_back(stack: Stack) -> None:
    sent = await stack.client.get("/alerts?bot=x", headers=HTML)
    let_in = await log_in(stack, next="/alerts?bot=x")
    page = await stack.client.get("/alerts", headers=HTML)

    assert sent.status_code == 303
    assert sent.headers["location"] == "/login?next=%2Falerts%3Fbot%3Dx"
    assert (let_in.status_code, let_in.headers["location"]) == (303, "/alerts?bot=x")
    assert page.status_code == 200
    assert "ada, log out" in page.text


@pytest.mark.usefixtures("ada")
async def test_the_cookie_is_out_of_reach_for_scripts(stack: Stack) -> None:
    cookie = (await log_in(stack)).headers["set-cookie"]

    assert cookie.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))


@pytest.mark.usefixtures("ada")
async def test_a_planted_session_is_not_the_one_that_is_let_in(stack: Stack) -> None:
    stack.client.cookies.set(COOKIE, "planted", domain="127.0.0.1")

    let_in = await log_in(stack)

    assert "planted" not in let_in.headers["set-cookie"]


@pytest.mark.usefixtures("ada")
async def test_a_wrong_password_is_told_and_not_repeated(stack: Stack) -> None:
    told = await log_in(stack, password="wrong horse battery")  # noqa: S106 - a wrong one

    assert told.status_code == 401
    assert "is not right" in told.text
    assert "wrong horse" not in told.text
    assert COOKIE not in stack.client.cookies


@pytest.mark.usefixtures("ada")
async def test_too_many_attempts_are_told_how_long_to_wait(stack: Stack) -> None:
    for _ in range(5):
        await log_in(stack, password="wrong horse battery")  # noqa: S106 - a wrong one

    told = await log_in(stack)

    assert (told.status_code, told.headers["retry-after"]) == (429, "1")


@pytest.mark.usefixtures("ada")
async def test_logging_out_ends_the_session_on_the_server(stack: Stack) -> None:
    await log_in(stack)
    kept = stack.client.cookies[COOKIE]

    page = await stack.client.get("/alerts", headers=HTML)
    form = TOKEN.search(page.text)
    assert form is not None
    left = await stack.client.post("/logout", data={"_csrf_token": form[1]})
    stack.client.cookies.set(COOKIE, kept, domain="127.0.0.1")
    after = await stack.client.get("/alerts", headers=HTML)

    assert (left.status_code, left.headers["location"]) == (303, "/login")
    assert after.status_code == 303


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize(
    "next", ["https://evil.example", "//evil.example", "/\\evil.example", "/login/again"]
)
async def test_the_way_back_never_leads_elsewhere(stack: Stack, next: str) -> None:
    assert (await log_in(stack, next=next)).headers["location"] == "/"


@pytest.mark.usefixtures("ada")
async def test_a_form_without_its_token_is_refused(stack: Stack) -> None:
    answer = await stack.client.post("/login", data={"name": "ada", "password": PASSWORD})

    assert answer.status_code == 403


async def test_the_first_administrator_comes_in_by_the_printed_link(stack: Stack) -> None:
    code = await stack.container.enroll().first_link()
    assert code is not None
    path = f"/login/link/{code.reveal()}"
    chosen = {"name": "ada", "password": PASSWORD, "again": PASSWORD}

    differs = await submit(stack, path, **chosen | {"again": "something else"})
    kept = await submit(stack, path, **chosen)
    again = await stack.client.get(path, headers=HTML)

    assert "The two passwords differ." in differs.text
    assert (kept.status_code, kept.headers["location"]) == (303, "/login")
    assert again.status_code == 410
    assert (await log_in(stack)).status_code == 303


@pytest.mark.usefixtures("ada")
async def test_the_password_is_taken_once_more(stack: Stack) -> None:
    await log_in(stack)
    stale = "UPDATE sessions SET proved_at = proved_at - interval '1 hour'"
    async with stack.container.engine().begin() as connection:
        await connection.exec_driver_sql(stale)

    proved = await submit(
        stack, "/login/again?next=/alerts", password=PASSWORD, next="/alerts"
    )
    session = (await stack.container.sessions().of(1))[0]  # type: ignore[arg-type]

    assert (proved.status_code, proved.headers["location"]) == (303, "/alerts")
    assert session.proved_at > session.created_at
