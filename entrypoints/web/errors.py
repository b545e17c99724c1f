"""What went wrong, said once for people and once for programs."""

import logging
from urllib.parse import quote, urlsplit

from litestar import MediaType, Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.response import Template
from litestar.types import ExceptionHandlersMap

from application.ports.inbox import StoreUnavailable
from domain.reasons import Reason
from entrypoints.web.answers import methods_of
from entrypoints.web.schemas import Problem

log = logging.getLogger(__name__)
AnyRequest = Request[object, object, State]
Answer = Response[Problem] | Response[None] | Template
UNAUTHORIZED, NOT_ALLOWED = 401, 405
LOGIN, LOGIN_AGAIN = "/login", "/login/again"
PROOF_NEEDED = "access.proof_needed"
CODES = {
    400: "request.invalid",
    401: "access.login_needed",
    403: "access.loopback_only",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    422: "request.unusable",
}
TITLES = {
    400: "That was not understood",
    401: "Please log in",
    403: "Not from here",
    404: "There is no such page",
    405: "That cannot be done here",
    500: "Something went wrong",
    503: "The database does not answer",
}
FOR_PROGRAMS = ("/api/", "/webhooks/", "/schema", "/health/")


def _refused(request: AnyRequest, error: HTTPException) -> Answer:
    known = CODES.get(error.status_code, f"http.{error.status_code}")
    code = getattr(error, "code", known)
    detail = error.detail or "The request cannot be answered."
    extra = error.extra if isinstance(error.extra, list) else []
    lines = [f"{one.get('key', '')}: {one.get('message', '')}" for one in extra]
    problem = Problem(code=code, detail="; ".join([detail, *lines]))
    answer = _answer(request, problem, error.status_code)
    if error.status_code == NOT_ALLOWED:
        answer.headers["Allow"] = ", ".join(methods_of(request.app, request.url.path))
    return answer


def _failed(request: AnyRequest, error: Exception) -> Answer:
    # The route, not the path: that of a webhook has the token in it.
    route = request.scope.get("path_template", "")
    log.error("request failed", exc_info=error, extra={"route": route})
    detail = "Something went wrong here. The log says what; nothing is known to be changed."
    return _answer(request, Problem(code="system.error", detail=detail), 500)


def _unavailable(request: AnyRequest, _error: StoreUnavailable) -> Answer:
    detail = "The database does not answer. Try again in a moment."
    problem = Problem(code=Reason.STORE_UNAVAILABLE.value, detail=detail)
    return _answer(request, problem, 503)


def _answer(request: AnyRequest, problem: Problem, status: int) -> Answer:
    """Return a page where a browser shows it, and JSON to everybody else."""
    is_page = "text/html" in request.headers.get("accept", "")
    if not is_page or request.url.path.startswith(FOR_PROGRAMS):
        return Response(problem, status_code=status, media_type=MediaType.JSON)
    if status == UNAUTHORIZED:
        return _to_login(request, LOGIN)
    if problem.code == PROOF_NEEDED:
        return _to_login(request, LOGIN_AGAIN)
    context = {
        "title": TITLES.get(status, "That did not work"),
        "detail": problem.detail,
        "code": problem.code,
    }
    return Template("error.html", context=context, status_code=status)


def _to_login(request: AnyRequest, login: str) -> Response[None]:
    """Send a browser to the login, and back to the page afterwards.

    A form that was sent is not sent again: the page that had it is shown.
    """
    if "hx-request" in request.headers:
        return Response(None, status_code=200, headers={"HX-Redirect": login})
    is_get = request.method == "GET"
    at = urlsplit(str(request.url) if is_get else request.headers.get("referer", ""))
    path = f"{at.path}?{at.query}" if at.query else at.path
    if path:
        login += f"?next={quote(path, safe='')}"
    return Response(None, status_code=303, headers={"Location": login})


HANDLERS: ExceptionHandlersMap = {
    HTTPException: _refused,
    StoreUnavailable: _unavailable,
    Exception: _failed,
}
