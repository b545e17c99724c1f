"""Who is asking, and whether they may: a session, a token, or this machine itself.

Until there is a user, everything answers to this machine alone, and it may do everything.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler

from application.logging_in import IDLE, LASTS, PROVED, digest_of
from application.ports.access import ApiTokens, Permission, Session, Sessions, Users
from application.ports.clock import Clock
from application.ports.configuration import Author
from entrypoints.web.client import loopback_only

Connection = ASGIConnection[object, object, object, State]
COOKIE, SAFE_COOKIE = "signalman", "__Host-signalman"
"""Over https the cookie's name begins with ``__Host-``: no neighbor can plant it."""
WORDS = {
    Permission.READ: "see anything",
    Permission.TRADE: "change who trades",
    Permission.CONFIGURE: "change the configuration",
    Permission.ADMIN: "manage users and keys",
}


class NotAllowed(PermissionDeniedException):
    """Somebody who may come in may not do this."""

    code = "access.denied"


class ProofNeeded(PermissionDeniedException):
    """A person must give the password once more."""

    code = "access.proof_needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Somebody who may come in."""

    name: str
    source: str
    permissions: frozenset[Permission]
    session: Session | None = None
    has_proved: bool = True
    """Whether the password was given lately; a program's token is proof enough."""

    def must_have_proved(self) -> None:
        """Ask a person for the password once more, if it was too long ago.

        Raises:
            ProofNeeded: If it was.
        """
        if not self.has_proved:
            raise ProofNeeded("Give the password once more: it was too long ago for this.")

    def author(self, reason: str = "") -> Author:
        """Return who is kept as having done something."""
        return Author(name=self.name, source=self.source, reason=reason)


LOCAL = Identity(name="local", source="api", permissions=frozenset(Permission))


@dataclass(slots=True, kw_only=True)
class Gate:
    """Finds out who is asking."""

    users: Users
    sessions: Sessions
    tokens: ApiTokens
    clock: Clock
    _has_users: bool = False

    async def has_users(self) -> bool:
        """Say whether anybody must log in; once so, for ever."""
        if not self._has_users:
            self._has_users = await self.users.exist()
        return self._has_users

    async def identify(
        self, connection: Connection, handler: BaseRouteHandler
    ) -> Identity | None:
        """Return who is asking; None for a stranger.

        Raises:
            PermissionDeniedException: If there are no users, and it is another machine; or
                if another site's page uses the session.
        """
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        if scheme.casefold() == "bearer" and token:
            return await self._program(token.strip())
        session = await self.session(connection)
        if session is not None:
            if _is_another_site(connection):
                raise NotAllowed("Another site's page may not ask here.")
            user = session.user
            return Identity(
                name=user.name,
                source="web",
                permissions=user.role.permissions,
                session=session,
                has_proved=self.clock.now() - session.proved_at < PROVED,
            )
        if await self.has_users():
            return None
        loopback_only(connection, handler)
        return LOCAL

    async def session(self, connection: Connection) -> Session | None:
        """Return the session of a browser that is logged in."""
        id = connection.cookies.get(cookie_name(connection))
        if not id:
            return None
        return await self.sessions.find(digest_of(id), IDLE, LASTS)

    async def _program(self, token: str) -> Identity | None:
        known = await self.tokens.find(digest_of(token))
        if known is None:
            return None
        return Identity(name=known.name, source="api", permissions=known.scopes)


@dataclass(frozen=True, slots=True)
class May:
    """The guard of a route. ``proved`` asks a person for the password once more."""

    permission: Permission
    proved: bool = False

    async def __call__(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """Let in whoever may.

        Raises:
            NotAuthorizedException: If nobody is logged in.
            PermissionDeniedException: If they may not.
        """
        gate: Gate = connection.app.state.gate
        identity = await gate.identify(connection, handler)
        if identity is None:
            raise NotAuthorizedException("Log in, or send a token: Authorization: Bearer …")
        if self.permission not in identity.permissions:
            what = WORDS[self.permission]
            raise NotAllowed(f"{identity.name} may not {what}.")
        if self.proved:
            identity.must_have_proved()
        connection.state.identity = identity


def _is_another_site(connection: Connection) -> bool:
    """Say whether a page that is not ours sends the request."""
    origin = connection.headers.get("origin")
    if origin and urlsplit(origin).netloc != connection.headers.get("host", ""):
        return True
    return connection.headers.get("sec-fetch-site", "none") not in ("none", "same-origin")


def identity_of(request: Request[object, object, State]) -> Identity:
    """Return who passed the guard."""
    found: Identity = request.state.identity
    return found


def cookie_name(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """Return the name of the session's cookie here."""
    return SAFE_COOKIE if connection.scope.get("scheme") == "https" else COOKIE


may_read = May(Permission.READ)
may_trade = May(Permission.TRADE)
may_configure = May(Permission.CONFIGURE)
may_admin = May(Permission.ADMIN)
may_admin_proved = May(Permission.ADMIN, proved=True)
