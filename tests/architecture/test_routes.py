"""Every route is open on purpose, and then named here, or asks who wants to come in."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from application.ports.access import Role
from application.ports.configuration import Author
from entrypoints.container import Container
from entrypoints.settings import Settings
from entrypoints.web.access import May
from entrypoints.web.app import create_app
from entrypoints.web.protection import UNSIGNED

PUBLIC = {
    "/health/live",
    "/health/ready",
    "/static/{file_path:path}",
    "/login",
    "/logout",
    "/login/link/{code:str}",
}
WEBHOOK = "/webhooks/tradingview"
PUBLIC_BELOW = "/schema"
"""The description of the API: what it looks like is no secret, what it says is."""

NOBODY_IS_THERE = "postgresql://nobody@127.0.0.1:1/none"
STRANGER = "203.0.113.7"
PATH_PARAMETER = re.compile(r"\{[^}]+\}")

JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def app() -> Litestar:
    return create_app(
        Container(settings=Settings(queue="memory"), database_url=NOBODY_IS_THERE)
    )


def test_every_route_is_public_by_name_or_asks_who_wants_to_come_in(
    app: Litestar,
) -> None:
    unguarded = {path for path, handler in handlers(app) if not is_guarded(handler)}

    assert {path for path in unguarded if not path.startswith(PUBLIC_BELOW)} == PUBLIC


@pytest.mark.parametrize(("users", "answer"), [(0, 403), (1, 401)])
async def test_a_stranger_is_turned_away_from_every_guarded_route(
    database_url: str, users: int, answer: int
) -> None:
    container = Container(settings=Settings(queue="memory"), database_url=database_url)
    for number in range(users):
        author = Author(name="test", source="command line")
        await container.users().add(f"user {number}", Role.VIEWER, None, author)
    guarded = [one for one in requests(create_app(container)) if one.is_guarded]
    forms = {f"{one.method} {one.path}" for one in guarded if one.is_form}

    answers = await asked(create_app(container), guarded, STRANGER)
    await container.engine().dispose()

    assert len(answers) > 5
    assert {status for call, status in answers.items() if call not in forms} == {answer}
    assert {answers[call] for call in forms} == {403}  # without a token of ours


async def test_the_webhook_takes_nothing_but_posts(app: Litestar) -> None:
    calls = [
        Asked(method, WEBHOOK, is_guarded=False, is_form=False)
        for method in ("GET", "PUT", "PATCH", "DELETE")
    ]

    assert set((await asked(app, calls, STRANGER)).values()) == {405}


async def test_without_a_database_every_route_still_answers_and_none_of_them_breaks(
    app: Litestar,
) -> None:
    answers = await asked(app, list(requests(app)), "127.0.0.1")

    assert set(answers.values()) <= {200, 400, 403, 404, 503}, answers


class Asked(NamedTuple):
    """One way to call a route."""

    method: str
    path: str
    is_guarded: bool
    is_form: bool


def requests(app: Litestar) -> Iterator[Asked]:
    """Yield every method of every route, with 1 for every parameter of its path."""
    for path, handler in handlers(app):
        for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
            form = method == "POST" and not handler.opt.get(UNSIGNED)
            address = PATH_PARAMETER.sub("1", path)
            yield Asked(method, address, is_guarded(handler), form)


async def asked(app: Litestar, calls: list[Asked], source: str) -> dict[str, int]:
    """Return the status of each call, made from an address."""
    asgi: Any = app
    door = httpx.ASGITransport(asgi, client=(source, 50_000))
    async with httpx.AsyncClient(transport=door, base_url="http://localhost") as client:
        return {
            f"{one.method} {one.path}": (
                await client.request(one.method, one.path, headers=JSON)
            ).status_code
            for one in calls
        }


def handlers(app: Litestar) -> Iterator[tuple[str, HTTPRouteHandler]]:
    """Yield every path of the application with each of its handlers."""
    for route in app.routes:
        assert isinstance(route, HTTPRoute), f"{route.path} needs a test of its own kind"
        for handler in route.route_handlers:
            if handler.http_methods != {"OPTIONS"}:
                yield route.path, handler


def is_guarded(handler: HTTPRouteHandler) -> bool:
    return any(
        isinstance(guard, May)
        for layer in handler.ownership_layers
        for guard in layer.guards or ()
    )
