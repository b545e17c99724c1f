"""`POST /webhooks/tradingview/{token}`: keep first, answer then.

Asked before Litestar, and no route of it: its layers cost 20 us a request, and a route's
parameters 120, more than to read and keep an alert, and a bar's close brings them all at
once.
"""

from http import HTTPStatus
from typing import Any, TypeGuard, cast

import msgspec
from litestar.enums import ScopeType
from litestar.types import HTTPScope, LifeSpanScope, Receive, Scope, Send

from application.ports.inbox import StoreUnavailable
from application.receive_alert import BODY_BYTES_MAX, Answer, Incoming, ReceiveAlert
from domain.reasons import Reason
from entrypoints.web.schemas import Accepted, Problem

PATH = "/webhooks/tradingview"
BY_URL, BY_BODY = f"{PATH}/{{token}}", PATH
STATUS = {Reason.AUTH_BAD_TOKEN: 401, Reason.BODY_TOO_LARGE: 413}
ALLOW = (b"allow", b"POST")
_JSON = (b"content-type", b"application/json")
_ENCODER = msgspec.json.Encoder()

Told = tuple[int, Accepted | Problem]
"""What is answered: the status and the content."""


def is_webhook(scope: Scope | LifeSpanScope) -> TypeGuard[HTTPScope]:
    """Say whether a request is for the webhook."""
    if scope["type"] != ScopeType.HTTP:
        return False
    path = cast("HTTPScope", scope)["path"]
    return path.startswith(PATH) and path.removeprefix(PATH)[:1] in {"", "/"}


async def take(
    use_case: ReceiveAlert, scope: HTTPScope, receive: Receive, send: Send
) -> None:
    """Take an alert, and answer once it is kept; its token is in the URL or in the body."""
    if scope["method"] != "POST":
        await _answer(send, *_not_allowed(), ALLOW)
        return
    token = scope["path"].removeprefix(PATH).strip("/") or None
    if token is not None and "/" in token:
        await _answer(send, *_nowhere())
        return
    body = await _bytes(receive)
    if body is not None:
        await _answer(send, *await _received(use_case, _incoming(scope, token, body)))


async def _received(receive: ReceiveAlert, incoming: Incoming) -> Told:
    try:
        return _told(await receive(incoming))
    except StoreUnavailable:
        detail = "The alert is not known to be kept. Please send it again."
        return 503, Problem(code=Reason.STORE_UNAVAILABLE.value, detail=detail)


def _incoming(scope: HTTPScope, token: str | None, body: bytes) -> Incoming:
    peer = scope.get("client")
    kinds = [value for name, value in scope["headers"] if name == b"content-type"]
    return Incoming(
        token=token,
        body=body,
        source=peer[0] if peer else "",
        content_type=kinds[0].decode("latin-1") if kinds else "",
    )


async def _bytes(receive: Receive) -> bytes | None:
    """Return the body, read no further than just past the limit; None if they hung up."""
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if len(body) > BODY_BYTES_MAX or not message.get("more_body", False):
            return body[: BODY_BYTES_MAX + 1]


def _told(answer: Answer) -> Told:
    if answer.reason is None and answer.alert is not None:
        status = "duplicate" if answer.duplicate else "accepted"
        content = Accepted(alert_id=answer.alert, status=status)
        return 200 if answer.duplicate else 202, content
    reason = answer.reason or Reason.BODY_NOT_JSON
    problem = Problem(code=reason.value, detail=answer.detail, alert_id=answer.alert)
    return STATUS.get(reason, 400), problem


def _not_allowed() -> Told:
    detail = "An alert is sent by POST."
    return HTTPStatus.METHOD_NOT_ALLOWED, Problem(code="method_not_allowed", detail=detail)


def _nowhere() -> Told:
    detail = "The webhook's address ends with the feed's token."
    return HTTPStatus.NOT_FOUND, Problem(code="not_found", detail=detail)


async def _answer(
    send: Send, status: int, content: Accepted | Problem, *more: tuple[bytes, bytes]
) -> None:
    body = _ENCODER.encode(content)
    length = (b"content-length", b"%d" % len(body))
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [_JSON, length, *more],
        }
    )
    await send({"type": "http.response.body", "body": body, "more_body": False})


def described() -> dict[str, Any]:
    """Return what the API's description says of it, which a mount does not say itself."""
    problem = {"$ref": "#/components/schemas/Problem"}
    accepted = {
        "type": "object",
        "required": ["alert_id", "status"],
        "properties": {
            "alert_id": {"type": "integer"},
            "status": {"enum": ["accepted", "duplicate"]},
        },
    }
    words = {
        "202": ("Kept: an alert of its own.", accepted),
        "200": ("Known already: the alert that it repeats.", accepted),
        "400": ("Refused; it is kept with its reason.", problem),
        "401": ("The token is that of no feed.", problem),
        "413": (f"Larger than {BODY_BYTES_MAX:,} bytes.", problem),
        "503": ("Nothing is known to be kept: send it again.", problem),
    }
    answers = {
        status: {"description": said, "content": {"application/json": {"schema": schema}}}
        for status, (said, schema) in words.items()
    }
    body = {"required": True, "content": {"*/*": {"schema": {}}}}
    token = {"name": "token", "in": "path", "required": True, "schema": {"type": "string"}}
    by_body = {"summary": "Take an alert that carries its token as a field", "security": []}
    by_url = {"summary": "Take an alert of the feed in the URL", "security": []}
    common = {"requestBody": body, "responses": answers}
    return {
        BY_URL: {"post": {**by_url, "parameters": [token], **common}},
        BY_BODY: {"post": {**by_body, **common}},
    }
