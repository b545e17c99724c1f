"""The web application: routes and what they need, and one place for errors."""

from collections.abc import Callable
from typing import cast

from litestar import Litestar, Router
from litestar.datastructures import CacheControlHeader, State
from litestar.di import Provide
from litestar.static_files import create_static_files_router
from litestar.template import TemplateConfig
from litestar.types import (
    LifeSpanReceive,
    LifeSpanScope,
    LifeSpanSend,
    Receive,
    Scope,
    Send,
)

from application.configuration.charts import Listings
from application.receive_alert import ReceiveAlert
from entrypoints.container import Container
from entrypoints.web import api, health
from entrypoints.web.access import Gate, identity_of
from entrypoints.web.answers import tell_methods
from entrypoints.web.description import DESCRIBED
from entrypoints.web.errors import HANDLERS
from entrypoints.web.pages import COMPRESSED, router
from entrypoints.web.pages.login import login_router
from entrypoints.web.pages.templates import STATIC, engine
from entrypoints.web.protection import protect
from entrypoints.web.watching import Watch
from entrypoints.web.webhook import is_webhook, take

A_YEAR_SECONDS = 31_536_000


class Application(Litestar):
    """Litestar, asked for everything but the webhook."""

    receive_alert: ReceiveAlert

    async def __call__(
        self,
        scope: Scope | LifeSpanScope,
        receive: Receive | LifeSpanReceive,
        send: Send | LifeSpanSend,
    ) -> None:
        """Answer a request."""
        if is_webhook(scope):
            channel = cast("Receive", receive), cast("Send", send)
            await take(self.receive_alert, scope, *channel)
        else:
            await super().__call__(scope, receive, send)


def create_app(container: Container) -> Application:
    """Return the application over what the container wires."""
    watch = Watch(container.news())
    app = Application(
        route_handlers=[
            health.live,
            health.ready,
            api.router,
            router(),
            login_router(),
            _static(),
        ],
        state=State(
            {
                "gate": _gate(container),
                "watch": watch,
                "installation": container.installation(),
            }
        ),
        dependencies=_dependencies(container, watch),
        before_send=[protect, tell_methods],
        template_config=TemplateConfig(instance=engine()),
        exception_handlers=HANDLERS,
        openapi_config=DESCRIBED,
        logging_config=None,
    )
    app.receive_alert = container.receive()
    return app


def _static() -> Router:
    """Return the files for browsers; their addresses change with their content."""
    forever = CacheControlHeader(max_age=A_YEAR_SECONDS, public=True, immutable=True)
    return create_static_files_router(
        "/static", [STATIC], cache_control=forever, middleware=[COMPRESSED]
    )


def _dependencies(container: Container, watch: Watch) -> dict[str, Provide]:
    known = Listings(container.known_listings())
    parts: dict[str, Callable[[], object]] = {
        "explain": container.explain,
        "write": container.write_scenario,
        "views": container.views,
        "configuration": container.configuration,
        "apply": container.apply,
        "flatten": container.flatten,
        "settle": container.settle_order,
        "settle_market": container.settle_difference,
        "comparisons": container.comparisons,
        "requests": container.flattenings,
        "seal": container.seal_secret,
        "sealed": container.sealed_secrets,
        "moved": container.movements,
        "clearances": container.clearances,
        "log_in": container.log_in,
        "sessions": container.sessions,
        "enroll": container.enroll,
        "replay": container.replay,
        "backtests": container.backtests,
        "probe": container.probe,
        "standings": container.standings,
        "overviews": container.overviews,
        "outflows": container.outflows,
        "links": container.page_links,
        "listings": lambda: known,
        "watch": lambda: watch,
    }
    given = {name: _provided(part) for name, part in parts.items()}
    return {**given, "identity": Provide(identity_of, sync_to_thread=False)}


def _gate(container: Container) -> Gate:
    return Gate(
        users=container.users(),
        sessions=container.sessions(),
        tokens=container.api_tokens(),
        clock=container.clock(),
    )


def _provided(part: Callable[[], object]) -> Provide:
    async def provide() -> object:
        return part()

    return Provide(provide, use_cache=True)
