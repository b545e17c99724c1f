"""What every route of the API may answer beside its own, and which methods a path has."""

from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec

from entrypoints.web.schemas import Problem

_WORDS = {
    400: "What is wrong with the request, all of it.",
    401: "Nobody is logged in, and no token was sent that is known.",
    403: "Whoever asks may not do this, or must give the password once more.",
    404: "There is no such thing.",
    409: "It cannot be done as things stand; the detail says why.",
    503: "The database does not answer.",
}
REFUSALS = {
    status: ResponseSpec(Problem, description=words, generate_examples=False)
    for status, words in _WORDS.items()
}


def documented(handlers: list[HTTPRouteHandler]) -> list[HTTPRouteHandler]:
    """Return the handlers, each with the refusals that it may answer with."""
    for handler in handlers:
        handler.responses = REFUSALS | dict(handler.responses or {})
    return handlers
