"""What every route of the API may answer beside its own, and which methods a path has."""

import re

from litestar import Litestar
from litestar.datastructures import MutableScopeHeaders
from litestar.exceptions import ClientException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.routes import HTTPRoute
from litestar.types import Message, Scope

from entrypoints.web.schemas import Problem

NO_CONTENT = 204
_WORDS = {
    400: "The request is not as described here; the detail says where.",
    401: "Nobody is logged in, and no token was sent that is known.",
    403: "Whoever asks may not do this, or must give the password once more.",
    404: "There is no such thing.",
    409: "It cannot be done as things stand; the detail says why.",
    422: "It is as described, and what it says cannot be: all that is wrong with it.",
    503: "The database does not answer.",
}
REFUSALS = {
    status: ResponseSpec(Problem, description=words, generate_examples=False)
    for status, words in _WORDS.items()
}


class Unusable(ClientException):
    """A request is as described, and yet what it says cannot be."""

    status_code = 422


def methods_of(app: Litestar, path: str) -> list[str]:
    """Return what may be asked of a path; empty where there is none."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            names = "[^/]+".join(re.split(r"\{[^}]+\}", route.path))
            if re.fullmatch(names, path.rstrip("/") or "/"):
                return sorted(route.methods)
    return []


async def tell_methods(message: Message, scope: Scope) -> None:
    """Let an answer to OPTIONS name every method, where Litestar names only the first."""
    if message["type"] != "http.response.start" or message["status"] != NO_CONTENT:
        return
    if scope.get("method") == "OPTIONS":
        known = methods_of(scope["litestar_app"], scope["path"])
        MutableScopeHeaders.from_message(message)["Allow"] = ", ".join(known)


def documented(handlers: list[HTTPRouteHandler]) -> list[HTTPRouteHandler]:
    """Return the handlers, each with the refusals that it may answer with."""
    for handler in handlers:
        handler.responses = REFUSALS | dict(handler.responses or {})
    return handlers
