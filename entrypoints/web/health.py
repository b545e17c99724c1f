"""Health without login: whether the process lives, and whether it can do its work."""

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from application.ports.inbox import StoreUnavailable
from application.ports.probe import Probe
from entrypoints.web.schemas import Health


@get("/health/live")
async def live() -> Health:
    """Say that the process answers."""
    return Health(status="ok")


@get("/health/ready")
async def ready(probe: SkipValidation[NamedDependency[Probe]]) -> Response[Health]:
    """Say whether alerts can be kept now: 503 when the database does not answer."""
    try:
        await probe.ping()
    except StoreUnavailable:
        detail = "The database does not answer; alerts are answered 503 and sent again."
        return Response(Health(status="unavailable", detail=detail), status_code=503)
    return Response(Health(status="ok"))
