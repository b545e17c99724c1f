"""The web application: routes and what they need, and one place for errors."""

import logging
from collections.abc import Callable, Coroutine
from typing import Any

from litestar import Litestar, MediaType, Request, Response
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from application.ports.inbox import StoreUnavailable
from domain.reasons import Reason
from entrypoints.container import Container
from entrypoints.web import api, health, webhook
from entrypoints.web.access import Gate, identity_of
from entrypoints.web.schemas import Problem

log = logging.getLogger(__name__)
AnyRequest = Request[object, object, State]
CODES = {
    400: "request.invalid",
    401: "access.login_needed",
    403: "access.loopback_only",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
}


def create_app(container: Container) -> Litestar:
    """Return the application over what the container wires."""
    return Litestar(
        route_handlers=[
            webhook.receive_by_url,
            webhook.receive_by_body,
            health.live,
            health.ready,
            api.router,
        ],
        state=State({"gate": _gate(container)}),
        dependencies=_parts(container),
        exception_handlers={
            HTTPException: _refused,
            StoreUnavailable: _unavailable,
            Exception: _failed,
        },
        openapi_config=OpenAPIConfig(
            title="Signalman",
            version="0.1.0",
            path="/schema",
            render_plugins=[JsonRenderPlugin()],
        ),
        logging_config=None,
    )


def _parts(container: Container) -> dict[str, Provide]:
    """Return what handlers may ask for by name."""
    parts: dict[str, Callable[[], object]] = {
        "receive": container.receive,
        "explain": container.explain,
        "views": container.views,
        "configuration": container.configuration,
        "flatten": container.flatten,
        "requests": container.flattenings,
        "seal": container.seal_secret,
        "sealed": container.sealed_secrets,
        "probe": container.probe,
    }
    given = {name: Provide(_given(part)) for name, part in parts.items()}
    return {**given, "identity": Provide(identity_of, sync_to_thread=False)}


def _gate(container: Container) -> Gate:
    return Gate(
        users=container.users(),
        sessions=container.sessions(),
        tokens=container.api_tokens(),
        clock=container.clock(),
    )


def _given(part: Callable[[], object]) -> Callable[[], Coroutine[None, None, Any]]:
    async def give() -> Any:
        return part()

    return give


def _refused(_request: AnyRequest, error: HTTPException) -> Response[Problem]:
    known = CODES.get(error.status_code, f"http.{error.status_code}")
    code = getattr(error, "code", known)
    detail = error.detail or "The request cannot be answered."
    extra = error.extra if isinstance(error.extra, list) else []
    lines = [f"{one.get('key', '')}: {one.get('message', '')}" for one in extra]
    return Response(
        Problem(code=code, detail="; ".join([detail, *lines])),
        status_code=error.status_code,
        media_type=MediaType.JSON,
    )


def _failed(request: AnyRequest, error: Exception) -> Response[Problem]:
    # The route, not the path: that of a webhook has the token in it.
    route = request.scope.get("path_template", "")
    log.error("request failed", exc_info=error, extra={"route": route})
    detail = "Something went wrong here. The log says what; nothing is known to be changed."
    return Response(
        Problem(code="system.error", detail=detail),
        status_code=500,
        media_type=MediaType.JSON,
    )


def _unavailable(_request: AnyRequest, _error: StoreUnavailable) -> Response[Problem]:
    return Response(
        Problem(
            code=Reason.STORE_UNAVAILABLE.value,
            detail="The database does not answer. Try again in a moment.",
        ),
        status_code=503,
        media_type=MediaType.JSON,
    )
