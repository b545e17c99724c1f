"""The pages: each handler reads a view, hands it to a template, and does nothing else."""

from collections.abc import Sequence

from litestar import Router, get
from litestar.config.compression import CompressionConfig
from litestar.di import NamedDependency, Provide
from litestar.handlers import HTTPRouteHandler
from litestar.middleware import DefineMiddleware
from litestar.middleware.compression import CompressionMiddleware
from litestar.params import SkipValidation
from litestar.response import Template

from entrypoints.web.access import may_read
from entrypoints.web.pages import (
    alerts,
    backtests,
    book,
    bots,
    home,
    promises,
    revisions,
    stop,
)
from entrypoints.web.pages.frame import Frame, frame
from entrypoints.web.protection import FormTokens
from entrypoints.web.watching import events


@get("/frame", include_in_schema=False)
async def top(frame: SkipValidation[NamedDependency[Frame]]) -> Template:
    """Return the top of a page, as things stand now."""
    return Template("_top.html", context={"frame": frame})


COMPRESSED = DefineMiddleware(
    CompressionMiddleware,
    config=CompressionConfig(backend="gzip", gzip_compress_level=5, exclude="^/events"),
)
"""Pages are mostly the same words again; a stream is told as it comes."""


def router() -> Router:
    """Return every page."""
    return Router(
        path="/",
        guards=[may_read],
        middleware=[FormTokens, COMPRESSED],
        dependencies={
            "frame": Provide(frame),
            "held": Provide(book.all_held),
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
    alerts.scenario,
    home.overview,
    book.orders,
    book.positions,
    book.trades,
    bots.bots,
    bots.bot,
    revisions.revisions,
    revisions.go_back,
    backtests.kept,
    backtests.kept_one,
    backtests.report,
    backtests.compared,
    promises.scorecard,
    promises.health,
    promises.reasons,
    promises.reason,
    promises.licenses,
    promises.open_once,
    stop.stop,
    stop.reach,
    stop.stop_now,
    stop.resume,
    stop.missed,
)
