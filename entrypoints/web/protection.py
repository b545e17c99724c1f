"""What every answer tells the browser to refuse, and the token that forms must carry."""

from typing import Any

from litestar.config.csrf import CSRFConfig
from litestar.datastructures import MutableScopeHeaders
from litestar.middleware.base import MiddlewareProtocol
from litestar.middleware.csrf import CSRFMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

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
    """

    def __init__(self, app: ASGIApp, secret: str) -> None:
        """Guard ``app``; all processes of an installation share the secret."""
        strict: dict[str, Any] = {
            "secret": secret,
            "cookie_httponly": True,
            "cookie_samesite": "strict",
        }
        plain = CSRFConfig(cookie_name="signalman-form", **strict)
        named = CSRFConfig(
            cookie_name="__Host-signalman-form", cookie_secure=True, **strict
        )
        self._plain = CSRFMiddleware(app, plain)
        self._named = CSRFMiddleware(app, named)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer 403."""
        guard = self._named if scope.get("scheme") == "https" else self._plain
        await guard(scope, receive, send)
