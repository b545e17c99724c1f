"""Every route is open on purpose, and then named here, or open to this machine only."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from entrypoints.container import Container
from entrypoints.settings import Settings
from entrypoints.web.app import create_app
from entrypoints.web.client import loopback_only

PUBLIC = {
    "/webhooks/tradingview",
    "/webhooks/tradingview/{token:str}",
    "/health/live",
    "/health/ready",
}
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


def test_every_route_is_public_by_name_or_answers_to_this_machine_only(
    app: Litestar,
) -> None:
    unguarded = {path for path, handler in handlers(app) if not is_guarded(handler)}

    assert {path for path in unguarded if not path.startswith(PUBLIC_BELOW)} == PUBLIC


async def test_a_stranger_is_turned_away_from_every_guarded_route(app: Litestar) -> None:
    guarded = [one for one in requests(app) if one.is_guarded]

    answers = await asked(app, guarded, STRANGER)

    assert len(answers) > 5
    assert set(answers.values()) == {403}


async def test_without_a_database_every_route_still_answers_and_none_of_them_breaks(
    app: Litestar,
) -> None:
    answers = await asked(app, list(requests(app)), "127.0.0.1")

    assert set(answers.values()) <= {200, 400, 404, 503}, answers


class Asked(NamedTuple):
    """One way to call a route."""

    method: str
    path: str
    is_guarded: bool


def requests(app: Litestar) -> Iterator[Asked]:
    """Yield every method of every route, with 1 for every parameter of its path."""
    for path, handler in handlers(app):
        for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
            yield Asked(method, PATH_PARAMETER.sub("1", path), is_guarded(handler))


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
        guard is loopback_only
        for layer in handler.ownership_layers
        for guard in layer.guards or ()
    )
