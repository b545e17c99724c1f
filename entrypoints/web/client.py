"""Who is asking: the peer's address, and whether it is this machine."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.exceptions import PermissionDeniedException
from litestar.handlers import BaseRouteHandler

from entrypoints.web.protection import UNSIGNED

Connection = ASGIConnection[object, object, object, State]
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


def source_of(request: Request[object, object, State]) -> str:
    """Return the peer's address; empty when the server does not tell."""
    return request.client.host if request.client else ""


def loopback_only(connection: Connection, handler: BaseRouteHandler) -> None:
    """Let only this machine in, until there are users to tell apart.

    A request that a proxy passed on came from outside; one that names another host, or is
    sent by another site's page, comes from a browser that is being used.

    Raises:
        PermissionDeniedException: Saying what to do.
    """
    signed = not handler.opt.get(UNSIGNED)
    if _is_local(connection) and not _is_from_elsewhere(connection, signed=signed):
        return
    raise PermissionDeniedException(
        "Pages and API answer on the machine itself only, until users exist. "
        "Reach it through an SSH tunnel: ssh -L 8000:127.0.0.1:8000 your-server"
    )


def _is_from_elsewhere(connection: Connection, *, signed: bool) -> bool:
    """Say whether another site asks, or a form that carries no token of ours."""
    origin = urlsplit(connection.headers.get("origin", "")).hostname
    if origin is not None and origin not in LOCAL_NAMES:
        return True
    if connection.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return True
    changes = connection.scope.get("method", "GET") not in ("GET", "HEAD", "OPTIONS")
    kind = connection.headers.get("content-type", "")
    return changes and not signed and not kind.startswith("application/json")


def _is_local(connection: Connection) -> bool:
    if any(name in connection.headers for name in FORWARDED):
        return False
    host = connection.headers.get("host", "").rsplit(":", 1)[0] or "localhost"
    if host.strip("[]") not in LOCAL_NAMES:
        return False
    peer = connection.client.host if connection.client else ""
    try:
        return ip_address(peer).is_loopback
    except ValueError:
        return False
