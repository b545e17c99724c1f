"""The pages: each handler reads a view, hands it to a template, and does nothing else."""

from collections.abc import Sequence

from litestar import Router, get
from litestar.di import NamedDependency, Provide
from litestar.handlers import HTTPRouteHandler
from litestar.middleware import DefineMiddleware
from litestar.params import SkipValidation
from litestar.response import Template

from entrypoints.web.access import may_read
from entrypoints.web.pages import alerts
from entrypoints.web.pages.frame import Frame, frame
from entrypoints.web.protection import FormTokens
from entrypoints.web.watching import events


@get("/frame", include_in_schema=False)
async def top(frame: SkipValidation[NamedDependency[Frame]]) -> Template:
    """Return the top of a page, as things stand now."""
    return Template("_top.html", context={"frame": frame})


def router(secret: str) -> Router:
    """Return every page; ``secret`` signs the tokens that their forms carry."""
    return Router(
        path="/",
        guards=[may_read],
        middleware=[DefineMiddleware(FormTokens, secret=secret)],
        dependencies={
            "frame": Provide(frame),
            "only": Provide(alerts.asked, sync_to_thread=False),
        },
        route_handlers=HANDLERS,
    )


HANDLERS: Sequence[HTTPRouteHandler] = (
    top,
    events,
    alerts.live,
    alerts.live_rows,
    alerts.alerts,
    alerts.alert,
    alerts.evidence,
)
