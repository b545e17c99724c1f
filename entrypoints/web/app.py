"""The web application: routes and what they need, and one place for errors."""

import logging

from litestar import Litestar, MediaType, Request, Response
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from application.explain_alert import ExplainAlert
from application.flatten import Flatten
from application.ports.configuration import ConfigurationStore
from application.ports.flattening import Flattenings
from application.ports.inbox import StoreUnavailable
from application.ports.probe import Probe
from application.ports.views import Views
from application.receive_alert import ReceiveAlert
from domain.reasons import Reason
from entrypoints.container import Container
from entrypoints.web import api, health, webhook
from entrypoints.web.schemas import Problem

log = logging.getLogger(__name__)
AnyRequest = Request[object, object, State]
CODES = {
    400: "request.invalid",
    403: "access.loopback_only",
    404: "not_found",
    405: "method_not_allowed",
}


def create_app(container: Container) -> Litestar:
    """Return the application over what the container wires."""

    async def receive() -> ReceiveAlert:
        return container.receive()

    async def explain() -> ExplainAlert:
        return container.explain()

    async def views() -> Views:
        return container.views()

    async def configuration() -> ConfigurationStore:
        return container.configuration()

    async def flatten() -> Flatten:
        return container.flatten()

    async def requests() -> Flattenings:
        return container.flattenings()

    async def probe() -> Probe:
        return container.probe()

    return Litestar(
        route_handlers=[
            webhook.receive_by_url,
            webhook.receive_by_body,
            health.live,
            health.ready,
            api.router,
        ],
        dependencies={
            "receive": Provide(receive),
            "explain": Provide(explain),
            "views": Provide(views),
            "configuration": Provide(configuration),
            "flatten": Provide(flatten),
            "requests": Provide(requests),
            "probe": Provide(probe),
        },
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


def _refused(_request: AnyRequest, error: HTTPException) -> Response[Problem]:
    code = CODES.get(error.status_code, f"http.{error.status_code}")
    detail = error.detail or "The request cannot be answered."
    extra = error.extra if isinstance(error.extra, list) else []
    lines = [f"{one.get('key', '')}: {one.get('message', '')}" for one in extra]
    return Response(
        Problem(code=code, detail="; ".join([detail, *lines])),
        status_code=error.status_code,
        media_type=MediaType.JSON,
    )


def _failed(request: AnyRequest, error: Exception) -> Response[Problem]:
    log.error("request failed", exc_info=error, extra={"path": request.url.path})
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
