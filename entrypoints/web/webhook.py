"""`POST /webhooks/tradingview/{token}`: keep first, answer then."""

from litestar import MediaType, Request, Response, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath

from application.ports.inbox import StoreUnavailable
from application.receive_alert import BODY_BYTES_MAX, Answer, Incoming, ReceiveAlert
from domain.reasons import Reason
from entrypoints.web.client import source_of
from entrypoints.web.schemas import Accepted, Problem

HttpRequest = Request[object, object, State]
STATUS = {Reason.AUTH_BAD_TOKEN: 401, Reason.BODY_TOO_LARGE: 413}


@post("/webhooks/tradingview/{token:str}", status_code=202, request_max_body_size=None)
async def receive_by_url(
    request: HttpRequest, token: FromPath[str], receive: NamedDependency[ReceiveAlert]
) -> Response[Accepted | Problem]:
    """Take an alert whose feed is named by the token in the URL."""
    return await _received(request, token, receive)


@post("/webhooks/tradingview", status_code=202, request_max_body_size=None)
async def receive_by_body(
    request: HttpRequest, receive: NamedDependency[ReceiveAlert]
) -> Response[Accepted | Problem]:
    """Take an alert that carries its token as the field `token`."""
    return await _received(request, None, receive)


async def _received(
    request: HttpRequest, token: str | None, receive: ReceiveAlert
) -> Response[Accepted | Problem]:
    incoming = Incoming(
        token=token,
        body=await _bytes(request),
        source=source_of(request),
        content_type=request.headers.get("content-type", ""),
    )
    try:
        return _answered(await receive(incoming))
    except StoreUnavailable:
        detail = "The alert is not known to be kept. Please send it again."
        return _problem(503, Problem(code=Reason.STORE_UNAVAILABLE.value, detail=detail))


async def _bytes(request: HttpRequest) -> bytes:
    """Return the body, read no further than one byte past the limit."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            return bytes(body[: BODY_BYTES_MAX + 1])
    return bytes(body)


def _answered(answer: Answer) -> Response[Accepted | Problem]:
    if answer.reason is None and answer.alert is not None:
        status = "duplicate" if answer.duplicate else "accepted"
        return Response(
            Accepted(alert_id=answer.alert, status=status),
            status_code=200 if answer.duplicate else 202,
            media_type=MediaType.JSON,
        )
    reason = answer.reason or Reason.BODY_NOT_JSON
    problem = Problem(code=reason.value, detail=answer.detail, alert_id=answer.alert)
    return _problem(STATUS.get(reason, 400), problem)


def _problem(status: int, problem: Problem) -> Response[Accepted | Problem]:
    return Response(problem, status_code=status, media_type=MediaType.JSON)
