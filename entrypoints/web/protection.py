"""What every answer tells the browser to refuse, and the token that forms must carry."""

import hashlib

from litestar.config.csrf import CSRFConfig
from litestar.datastructures import MutableScopeHeaders
from litestar.middleware.base import MiddlewareProtocol
from litestar.middleware.csrf import CSRFMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from application.ports.installation import Installation

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": a form would then be sent with the origin "null".
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
COOKIE, SAFE_COOKIE = "signalman-form", "__Host-signalman-form"
UNSIGNED = "exclude_from_csrf"
"""The option of a route that takes JSON from programs, and no form of a page."""


async def protect(message: Message, scope: Scope) -> None:
    """Add the headers to an answer that begins; nothing of a page is kept by caches.

    TradingView is no browser, and the webhook has no time to lose.
    """
    if message["type"] != "http.response.start" or scope["path"].startswith("/webhooks/"):
        return
    headers = MutableScopeHeaders.from_message(message)
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("Cache-Control", "no-store")


class FormTokens(MiddlewareProtocol):
    """Double submit: what a form carries must be what the browser's own cookie says.

    Over https the cookie's name begins with ``__Host-``, so that no neighbor can set it.
    Tokens are signed by the installation, so any of its processes knows them.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Guard ``app``, whose state knows the installation."""
        self._app = app
        self._guards: dict[bool, CSRFMiddleware] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer 403."""
        if not self._guards:
            installation: Installation = scope["litestar_app"].state.installation
            secret = form_secret(await installation.id())
            self._guards = {safe: self._guard(secret, safe=safe) for safe in (True, False)}
        await self._guards[scope.get("scheme") == "https"](scope, receive, send)

    def _guard(self, secret: str, *, safe: bool) -> CSRFMiddleware:
        config = CSRFConfig(
            secret=secret,
            cookie_name=SAFE_COOKIE if safe else COOKIE,
            cookie_secure=safe,
            cookie_httponly=True,
            cookie_samesite="strict",
        )
        return CSRFMiddleware(self._app, config)


def form_secret(installation: str) -> str:
    """Return what signs the tokens of an installation's forms."""
    return hashlib.sha256(f"forms of {installation}".encode()).hexdigest()
