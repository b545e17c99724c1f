"""Alerts: the live log, the list, and one alert's whole way."""

from litestar import MediaType, Response, get
from litestar.di import NamedDependency
from litestar.exceptions import ClientException, NotFoundException
from litestar.params import FromPath, FromQuery, SkipValidation
from litestar.response import Template

from application.explain_alert import ExplainAlert
from application.ports.views import Came, Only, Views
from application.records import JobId
from application.scenario.writing import CannotBeTold
from application.write_scenario import WriteScenario
from domain.reasons import Reason
from domain.signal import AlertId
from entrypoints.web.pages.frame import Frame
from entrypoints.web.pages.lines import alert_chart, alert_pill, work_line
from entrypoints.web.pages.lists import PAGE, Listing, chosen, numbers
from entrypoints.web.pages.trace import evidence as written
from entrypoints.web.pages.trace import told

Reader = SkipValidation[NamedDependency[Views]]
Framed = SkipValidation[NamedDependency[Frame]]
CAME = {one.value: one for one in Came}


def asked(  # noqa: PLR0913, PLR0917 - one for each filter in the address
    bot: FromQuery[str | None] = None,
    account: FromQuery[str | None] = None,
    symbol: FromQuery[str | None] = None,
    came: FromQuery[str | None] = None,
    reason: FromQuery[str | None] = None,
    alerts: FromQuery[str | None] = None,
) -> Only:
    """Return which lines the address asks for; empty fields of a form ask for nothing."""
    named = chosen("reason", reason, {one.value: one for one in Reason})
    return Only(
        bot=bot or None,
        account=account or None,
        symbol=symbol or None,
        came=chosen("came", came, CAME),
        reasons=() if named is None else (named,),
        alerts=tuple(AlertId(one) for one in numbers("alerts", alerts)),
    )


@get("/live", include_in_schema=False)
async def live(
    views: Reader,
    frame: Framed,
    only: SkipValidation[NamedDependency[Only]],
    before: FromQuery[int | None] = None,
) -> Template:
    """Show what each bot made of each alert, newest first, as it happens."""
    known = None if before is None else JobId(before)
    rows = await views.work(limit=PAGE + 1, before=known, only=only)
    listing = Listing.of([work_line(row) for row in rows], lambda one: str(one.row.job))
    context = {"frame": frame, "listing": listing, "only": only, "before": before}
    return Template("live.html", context=context)


@get("/live/rows", include_in_schema=False)
async def live_rows(views: Reader, only: SkipValidation[NamedDependency[Only]]) -> Template:
    """Return the lines of the alerts that are named, as far as the filter wants them."""
    rows = await views.work(limit=PAGE, only=only) if only.alerts else []
    return Template("live_rows.html", context={"lines": [work_line(row) for row in rows]})


@get("/alerts", include_in_schema=False)
async def alerts(
    views: Reader,
    frame: Framed,
    before: FromQuery[int | None] = None,
    bot: FromQuery[str | None] = None,
    tab: FromQuery[str | None] = None,
) -> Template:
    """List the alerts that came, or the requests that never became alerts."""
    known = None if before is None else AlertId(before)
    context = {"frame": frame, "bot": bot or "", "tab": tab or "all", "before": before}
    if tab == "refused":
        context["refused"] = await views.refused(limit=PAGE)
        return Template("refused.html", context=context)
    nowhere = tab == "nowhere"
    rows = await views.alerts(
        limit=PAGE + 1, before=known, bot=bot or None, nowhere=nowhere
    )
    lines = [(row, alert_pill(row), alert_chart(row)) for row in rows]
    context["listing"] = Listing.of(lines, lambda one: str(one[0].id))
    return Template("alerts.html", context=context)


@get("/alerts/{id:int}", include_in_schema=False)
async def alert(
    explain: NamedDependency[ExplainAlert], frame: Framed, id: FromPath[int]
) -> Template:
    """Tell why an alert did or did not trade."""
    found = await explain(AlertId(id))
    if found is None:
        raise NotFoundException(f"There is no alert {id}.")
    return Template("trace.html", context={"frame": frame, "told": told(found)})


@get("/alerts/{id:int}/evidence.json", include_in_schema=False)
async def evidence(
    explain: NamedDependency[ExplainAlert], id: FromPath[int]
) -> Response[str]:
    """Hand out everything that is kept of an alert, its secrets masked."""
    found = await explain(AlertId(id))
    if found is None:
        raise NotFoundException(f"There is no alert {id}.")
    named = {"content-disposition": f'attachment; filename="alert-{id}.json"'}
    return Response(written(found), media_type=MediaType.JSON, headers=named)


@get("/alerts/{id:int}/scenario.txt", include_in_schema=False)
async def scenario(
    write: NamedDependency[WriteScenario], id: FromPath[int], bot: FromQuery[str]
) -> Response[str]:
    """Hand out what one bot made of an alert in the notation of the tests."""
    try:
        text = await write(AlertId(id), bot)
    except CannotBeTold as error:
        raise ClientException(str(error), status_code=409) from error
    return Response(text, media_type=MediaType.TEXT)
