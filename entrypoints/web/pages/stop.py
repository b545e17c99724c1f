"""Stopping and going on: the trading states, what they reach, and what was missed."""

from dataclasses import dataclass, replace
from datetime import datetime

from litestar import Request, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException, ValidationException
from litestar.params import FromQuery, SkipValidation, URLEncodedBody
from litestar.response import Redirect, Template

from application.flatten import Flatten
from application.ports.configuration import (
    Author,
    ConfigurationStore,
    Deployed,
    Scope,
    loosens,
)
from application.ports.flattening import Flattenings
from application.ports.overview import Overviews, Reach
from application.ports.views import Only, Views
from domain.reasons import Reason
from domain.risk import TradingState
from entrypoints.web.access import Identity, may_trade
from entrypoints.web.pages.frame import Frame
from entrypoints.web.pages.lines import work_line
from entrypoints.web.pages.lists import PAGE

Framed = SkipValidation[NamedDependency[Frame]]
Who = SkipValidation[NamedDependency[Identity]]
Sums = SkipValidation[NamedDependency[Overviews]]
Configuration = SkipValidation[NamedDependency[ConfigurationStore]]
Requests = SkipValidation[NamedDependency[Flattenings]]
TYPED = "FLATTEN"
LEVELS = {"reducing": TradingState.REDUCING, "halted": TradingState.HALTED}
FLATTENINGS_SHOWN = 10
HELD_BACK = (Reason.STATE_HALTED, Reason.STATE_REDUCING)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the form of a stop asks for."""

    target: str = "global:"
    level: str = "halted"
    reason: str = ""
    typed: str = ""
    since: str = ""


@get("/stop", include_in_schema=False)
async def stop(  # noqa: PLR0913, PLR0917 - each is a part that the page shows
    request: Request[object, object, State],
    frame: Framed,
    overviews: Sums,
    configuration: Configuration,
    requests: Requests,
    target: FromQuery[str] = "global:",
) -> Template:
    """Show who may trade, and the form that stops; in a dialog the form alone."""
    context = await _form(target, overviews, configuration)
    if request.headers.get("hx-request"):
        return Template("_stop.html", context=context)
    context |= {
        "frame": frame,
        "states": await configuration.states(),
        "flattenings": await requests.newest(FLATTENINGS_SHOWN),
    }
    return Template("stop.html", context=context)


@get("/stop/reach", include_in_schema=False)
async def reach(overviews: Sums, target: FromQuery[str] = "global:") -> Template:
    """Return what a stop would reach now."""
    found = await overviews.reach(*scope_of(target))
    return Template("_reach.html", context={"reach": found})


@post("/stop", include_in_schema=False, guards=[may_trade])
async def stop_now(
    data: URLEncodedBody[Wish],
    identity: Who,
    overviews: Sums,
    configuration: Configuration,
    flatten: NamedDependency[Flatten],
) -> Redirect:
    """Set a trading state, or flatten; it is kept who asked for it and why."""
    scope, name = scope_of(data.target)
    author = _author(identity, data.reason)
    if data.level == "flatten":
        must_be_meant(data, await overviews.reach(scope, name))
        done = await flatten(scope, name, author) is not None
    else:
        level = level_of(data.level)
        if loosens(level, scope, name, await configuration.states()):
            identity.must_have_proved()
        done = await configuration.change_state(scope, name, level, author)
    if not done:
        raise NotFoundException(f"There is no {scope.value} {name!r}.")
    return Redirect("/stop", status_code=303)


@post("/resume", include_in_schema=False, guards=[may_trade])
async def resume(
    data: URLEncodedBody[Wish], identity: Who, configuration: Configuration
) -> Redirect:
    """Let trading go on; what was missed is listed, and never replayed."""
    scope, name = scope_of(data.target)
    author = _author(identity, data.reason)
    identity.must_have_proved()
    if not await configuration.change_state(scope, name, TradingState.ACTIVE, author):
        raise NotFoundException(f"There is no {scope.value} {name!r}.")
    return Redirect("/missed", query_params={"since": data.since}, status_code=303)


@get("/missed", include_in_schema=False)
async def missed(
    frame: Framed, views: SkipValidation[NamedDependency[Views]], since: FromQuery[datetime]
) -> Template:
    """List what was held back since trading was stopped."""
    only = Only(reasons=HELD_BACK, since=since)
    rows = await views.work(limit=PAGE, only=only)
    lines = [work_line(row) for row in rows]
    context = {"frame": frame, "since": since, "lines": lines}
    return Template("missed.html", context=context)


def scope_of(text: str) -> tuple[Scope, str]:
    """Return what ``account:paper`` names.

    Raises:
        ValidationException: Saying what would be right.
    """
    kind, _, name = text.partition(":")
    known = {one.value: one for one in Scope}
    if kind not in known or (known[kind] is Scope.GLOBAL) == bool(name):
        message = f"target: must be global:, account:NAME or bot:NAME, was {text!r}"
        raise ValidationException(message)
    return known[kind], name


def level_of(text: str) -> TradingState:
    """Return the state that a level of stopping means.

    Raises:
        ValidationException: Saying what would be right.
    """
    if text not in LEVELS:
        message = f"level: must be reducing, halted or flatten, was {text!r}"
        raise ValidationException(message)
    return LEVELS[text]


def targets(deployed: Deployed) -> list[tuple[str, str]]:
    """Return everything that can be stopped, as the form names it."""
    accounts = [one.config.name for one in deployed.accounts if not one.archived]
    bots = [one.config.name for one in deployed.bots if not one.archived]
    return [
        ("global:", "Everything"),
        *((f"account:{name}", f"Account {name}") for name in accounts),
        *((f"bot:{name}", f"Bot {name}") for name in bots),
    ]


async def _form(
    target: str, overviews: Overviews, configuration: ConfigurationStore
) -> dict[str, object]:
    return {
        "target": target,
        "targets": targets(await configuration.deployed()),
        "reach": await overviews.reach(*scope_of(target)),
    }


def _author(identity: Identity, reason: str) -> Author:
    return replace(identity.author(reason.strip()), source="web")


def must_be_meant(data: Wish, reach: Reach) -> None:
    """Ask for the word where real positions would be closed.

    Raises:
        ValidationException: If it was not typed.
    """
    if reach.live_accounts and data.typed.strip() != TYPED:
        message = f"Real positions would be closed. Type {TYPED} to confirm it."
        raise ValidationException(message)
