"""Logging in and out, giving the password once more, and one-time links."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from litestar import MediaType, Request, Router, get, post
from litestar.datastructures import Cookie, State
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, SkipValidation
from litestar.response import Redirect, Template

from application import wording
from application.logging_in import (
    LASTS,
    Credentials,
    Enroll,
    LinkRefused,
    LogIn,
    LoginRefused,
    Refused,
    digest_of,
    password_problem,
)
from application.ports.access import Sessions, TooBusy
from application.secret import Secret
from entrypoints.web.access import SAFE_COOKIE, Identity, cookie_name, may_read
from entrypoints.web.client import source_of
from entrypoints.web.protection import FormTokens

PageRequest = Request[object, object, State]
HOME = "/"
BUSY = "Too many passwords are being checked just now. Try again in a few seconds."
GONE = "This link was used before, is older than a day, or never was one."
STATUS = {Refused.WRONG: 401, Refused.CODE_NEEDED: 401, Refused.WAIT: 429}
NAME_LONGEST = 64
_Sessions = SkipValidation[NamedDependency[Sessions]]
_Who = SkipValidation[NamedDependency[Identity]]


@get("/login", include_in_schema=False)
async def login(next: FromQuery[str] = HOME) -> Template:
    """Ask for name and password."""
    return _login_page(_local(next))


@post("/login", include_in_schema=False, media_type=MediaType.HTML)
async def log_in(
    request: PageRequest, log_in: NamedDependency[LogIn], sessions: _Sessions
) -> Template | Redirect:
    """Let somebody in, under a session of its own."""
    form = await _form(request)
    given, next = _credentials(request, form), _local(form.get("next", HOME))
    try:
        id = await log_in(given)
    except LoginRefused as refused:
        return _login_page(next, given.name, _told(refused))
    except TooBusy:
        return _login_page(next, given.name, _BUSY)
    before = request.cookies.get(cookie_name(request))
    if before:
        await sessions.end(digest_of(before))
    return Redirect(next, status_code=303, cookies=[_cookie(request, id.reveal())])


@post("/logout", include_in_schema=False)
async def log_out(request: PageRequest, sessions: _Sessions) -> Redirect:
    """End the session, here and on the server."""
    id = request.cookies.get(cookie_name(request))
    if id:
        await sessions.end(digest_of(id))
    return Redirect("/login", status_code=303, cookies=[_cookie(request, "", gone=True)])


@get("/login/again", include_in_schema=False, guards=[may_read])
async def login_again(identity: _Who, next: FromQuery[str] = HOME) -> Template:
    """Ask for the password once more."""
    return _login_page(_local(next), identity.name, again=True)


@post("/login/again", include_in_schema=False, guards=[may_read])
async def prove(
    request: PageRequest, identity: _Who, log_in: NamedDependency[LogIn]
) -> Template | Redirect:
    """Take the password once more."""
    form = await _form(request)
    next = _local(form.get("next", HOME))
    if identity.session is None:
        return Redirect(next, status_code=303)
    given = _credentials(request, {**form, "name": identity.name})
    try:
        await log_in.again(identity.session, given)
    except LoginRefused as refused:
        return _login_page(next, identity.name, _told(refused), again=True)
    except TooBusy:
        return _login_page(next, identity.name, _BUSY, again=True)
    return Redirect(next, status_code=303)


@get("/login/link/{code:str}", include_in_schema=False)
async def link(code: FromPath[str], enroll: NamedDependency[Enroll]) -> Template:
    """Ask whoever has a one-time link for a password."""
    try:
        _, user = await enroll.peek(Secret(code))
    except LinkRefused:
        return _link_page("", GONE, is_good=False)
    return _link_page(user.name if user else "", is_first=user is None)


@post("/login/link/{code:str}", include_in_schema=False)
async def enlist(
    request: PageRequest, code: FromPath[str], enroll: NamedDependency[Enroll]
) -> Template | Redirect:
    """Keep the password, and use the link up."""
    form = await _form(request)
    password = Secret(form.get("password", ""))
    try:
        _, user = await enroll.peek(Secret(code))
        name = user.name if user else form.get("name", "").strip()[:NAME_LONGEST]
        problem = _problem(name, password, form.get("again", ""))
        if problem:
            return _link_page(name, problem, is_first=user is None)
        await enroll(Secret(code), name, password)
    except LinkRefused:
        return _link_page("", GONE, is_good=False)
    except TooBusy:
        return _link_page(form.get("name", ""), BUSY)
    return Redirect("/login", status_code=303)


def login_router() -> Router:
    """Return the pages that somebody sees who is not logged in."""
    handlers: list[HTTPRouteHandler] = [
        *(login, log_in, log_out, login_again, prove, link, enlist)
    ]
    return Router(
        path="/",
        middleware=[FormTokens],
        route_handlers=handlers,
    )


class _Told(NamedTuple):
    """Why somebody is not let in, by which status, and for how many seconds."""

    problem: str = ""
    status: int = 200
    wait_seconds: int = 0


_NOTHING = _Told()
_BUSY = _Told(BUSY, 503)


def _told(refused: LoginRefused) -> _Told:
    problem, status = refused.why.value, STATUS[refused.why]
    if not refused.wait > timedelta():
        return _Told(problem, status)
    seconds = int(refused.wait.total_seconds()) + 1
    wait = wording.duration(timedelta(seconds=seconds))
    return _Told(f"{problem} Wait {wait}.", status, seconds)


def _login_page(
    next: str, name: str = "", told: _Told = _NOTHING, *, again: bool = False
) -> Template:
    wait = told.wait_seconds
    return Template(
        "login.html",
        context={"next": next, "name": name, "problem": told.problem, "again": again},
        status_code=told.status,
        headers={"Retry-After": str(wait)} if wait else {},
    )


def _link_page(
    name: str, problem: str = "", *, is_first: bool = False, is_good: bool = True
) -> Template:
    context = {"name": name, "problem": problem, "first": is_first, "good": is_good}
    return Template("link.html", context=context, status_code=200 if is_good else 410)


def _problem(name: str, password: Secret, again: str) -> str:
    if not name:
        return "Choose a name."
    if password != Secret(again):
        return "The two passwords differ."
    return password_problem(password, name)


def _credentials(request: PageRequest, form: Mapping[str, str]) -> Credentials:
    return Credentials(
        name=form.get("name", "").strip()[:NAME_LONGEST],
        password=Secret(form.get("password", "")[:1_000]),
        code=form.get("code", "").replace(" ", "")[:16],
        address=source_of(request),
        agent=request.headers.get("user-agent", ""),
    )


async def _form(request: PageRequest) -> dict[str, str]:
    form = await request.form()
    return {str(name): value for name, value in form.items() if isinstance(value, str)}


def _local(next: str) -> str:
    """Return where to go on, never off this site."""
    is_path = next.startswith("/") and not next.startswith(("//", "/\\", "/login"))
    return next if is_path else HOME


def _cookie(request: PageRequest, id: str, *, gone: bool = False) -> Cookie:
    name = cookie_name(request)
    more: dict[str, Any] = {"max_age": 0 if gone else int(LASTS.total_seconds())}
    return Cookie(
        key=name,
        value=id,
        path="/",
        httponly=True,
        secure=name == SAFE_COOKIE,
        # Links from Telegram open logged in; what changes anything needs a form's token.
        samesite="lax",
        **more,
    )
