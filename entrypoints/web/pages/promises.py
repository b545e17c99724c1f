"""The scorecard, health, and what is written about reasons and licenses."""

from datetime import timedelta
from importlib.metadata import version

from litestar import get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, SkipValidation
from litestar.response import Redirect, Template

from application.logging_in import digest_of
from application.ports.flattening import Flattenings
from application.ports.outflow import Outflows
from application.ports.overview import Overviews
from application.ports.page_links import PageLinks
from application.ports.views import Views
from domain.outflow import outflow_brake
from domain.reason_catalogue import ENTRIES, entry, verdict
from domain.reasons import Reason
from entrypoints.web.assets import AssetRefused, placed
from entrypoints.web.pages.frame import Frame

Framed = SkipValidation[NamedDependency[Frame]]
Sums = SkipValidation[NamedDependency[Overviews]]
_LAST_DAY = timedelta(days=1)
PERIODS = {"24 h": timedelta(days=1), "30 d": timedelta(days=30), "all time": None}


@get("/scorecard", include_in_schema=False)
async def scorecard(frame: Framed, overviews: Sums) -> Template:
    """Show the promises, counted from the tables."""
    cards = {
        name: await overviews.scorecard(None if span is None else frame.now - span)
        for name, span in PERIODS.items()
    }
    return Template("scorecard.html", context={"frame": frame, "cards": cards})


@get("/health", include_in_schema=False)
async def health(
    frame: Framed,
    overviews: Sums,
    views: SkipValidation[NamedDependency[Views]],
    requests: SkipValidation[NamedDependency[Flattenings]],
    outflows: SkipValidation[NamedDependency[Outflows]],
) -> Template:
    """Show what lives, what waits and how long it takes."""
    context = {
        "frame": frame,
        "load": await overviews.load(),
        "assets": _assets(),
        "version": version("signalman"),
        "flattenings": await requests.newest(5),
        "unprotected": [row for row in await views.positions() if row.unprotected_since],
        "outflows": [
            (one, outflow_brake(one.counted)) for one in await outflows.counted(_LAST_DAY)
        ],
    }
    return Template("health.html", context=context)


@get("/help/reasons", include_in_schema=False)
async def reasons(frame: Framed) -> Template:
    """List every reason that can be given."""
    known = [(reason, ENTRIES[reason], verdict(reason)) for reason in ENTRIES]
    return Template("reasons.html", context={"frame": frame, "known": known})


@get("/help/reasons/{code:str}", include_in_schema=False)
async def reason(frame: Framed, code: FromPath[str]) -> Template:
    """Explain one reason: what it means, and what to do."""
    found = next((one for one in Reason if one.value == code), None)
    if found is None or found not in ENTRIES:
        raise NotFoundException(f"There is no reason {code!r}.")
    context = {"frame": frame, "code": code, "entry": entry(found)}
    return Template("reason.html", context={**context, "verdict": verdict(found)})


@get("/licenses", include_in_schema=False)
async def licenses(frame: Framed) -> Template:
    """Show whose work the pages stand on."""
    return Template("licenses.html", context={"frame": frame, "assets": placed()})


def _assets() -> str:
    try:
        return ", ".join(f"{one['name']} {one['version']}" for one in placed())
    except AssetRefused as error:
        return str(error)


@get("/open/{token:str}", include_in_schema=False)
async def open_once(
    links: SkipValidation[NamedDependency[PageLinks]], token: FromPath[str]
) -> Redirect:
    """Go to the page of a link that works once."""
    path = await links.use(digest_of(token))
    if path is None:
        raise NotFoundException(
            "This link was used before, or is too old. The list of alerts has them all."
        )
    return Redirect(path, status_code=303)
