"""The overview: money, what needs somebody, what is open, what happened last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery, SkipValidation
from litestar.response import Template

from application import wording
from application.explain_alert import ExplainAlert, Explained
from application.ports.overview import CurvePoint, Earned, Overviews
from application.ports.views import Came, Only, Views, WorkRow
from domain.money import ZERO, subtract, total
from domain.performance import profit_factor, win_rate
from entrypoints.web.pages.book import Held
from entrypoints.web.pages.frame import Frame
from entrypoints.web.pages.lines import Line, work_line
from entrypoints.web.pages.lists import chosen
from entrypoints.web.pages.spark import spark

Framed = SkipValidation[NamedDependency[Frame]]
Reader = SkipValidation[NamedDependency[Views]]
Sums = SkipValidation[NamedDependency[Overviews]]
RANGES = {
    "1d": timedelta(days=1),
    "1w": timedelta(days=7),
    "1m": timedelta(days=30),
    "all": None,
}
POINTS = 400
EXECUTIONS = 14
NEEDS_MAX = 6


class Need(NamedTuple):
    """Something that waits for a person, with where to look."""

    level: str
    icon: str
    title: str
    text: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """What trades of one currency earned in the range that is shown."""

    range: str
    earned: Earned | None
    others: Sequence[Earned]
    curve: Sequence[CurvePoint]
    deepest: Decimal
    open_pnl: Decimal | None
    win_rate: Decimal | None
    profit_factor: Decimal | None
    line: str
    """The curve as the path of a small drawing."""


@get("/", include_in_schema=False)
async def overview(  # noqa: PLR0913, PLR0917 - each is a part that the page shows
    frame: Framed,
    views: Reader,
    overviews: Sums,
    held: SkipValidation[NamedDependency[list[Held]]],
    explain: NamedDependency[ExplainAlert],
    range: FromQuery[str | None] = None,
) -> Template:
    """Show how things are, the most pressing first."""
    chosen("range", range, RANGES)
    newest = await views.work(limit=EXECUTIONS)
    traded = await views.work(limit=EXECUTIONS, only=Only(came=Came.TRADED))
    trouble = await views.work(limit=NEEDS_MAX, only=Only(came=Came.TROUBLE))
    context = {
        "frame": frame,
        "money": await _money(overviews, held, range, frame.now),
        "day": await overviews.day(_midnight(frame.now)),
        "held": held,
        "needs": needs(frame, held, trouble),
        "last": await _last(explain, newest),
        "lines": [work_line(row) for row in traded],
    }
    return Template("overview.html", context=context)


def needs(frame: Frame, held: Sequence[Held], trouble: Sequence[WorkRow]) -> list[Need]:
    """Return what waits for a person, the worst first."""
    found: list[Need] = []
    if frame.state == "silent":
        found.append(
            Need("bad", "triangle-alert", frame.state_word, frame.state_title, "/health")
        )
    found += [_trouble(work_line(row)) for row in trouble]
    found += [
        Need(
            "warn",
            "octagon-pause",
            f"{one.scope.value.capitalize()} {one.name}: {one.state.name.lower()}",
            one.author.reason or "no reason was given",
            "/stop",
        )
        for one in frame.restricted
    ]
    bare = [one.row.bot for one in held if one.stop is None]
    if bare:
        bots = wording.listed(bare[:3])
        what = wording.plural(len(bare), "position")
        found.append(Need("info", "shield", f"{what} without a stop", bots, "/positions"))
    return found[:NEEDS_MAX]


def _trouble(line: Line) -> Need:
    row = line.row
    what = f"{line.action} {row.symbol}, {row.account}"
    path = f"/alerts/{row.alert}" if row.alert else "/orders?status=open-fate"
    return Need(line.pill.level, line.pill.icon, f"Order {line.pill.word}", what, path)


async def _money(
    overviews: Overviews, held: Sequence[Held], wanted: str | None, now: datetime
) -> Money:
    """Return the sums of the range, or of all time where nothing closed in it."""
    name = wanted or "1m"
    since = _since(now, RANGES[name])
    earned = await overviews.earned(since)
    if not earned and wanted is None:
        name, since = "all", None
        earned = await overviews.earned(None)
    main = earned[0] if earned else None
    curve = await overviews.curve(main.currency, since, POINTS) if main else []
    marked = [one.unrealized for one in held if one.unrealized is not None]
    return Money(
        range=name,
        earned=main,
        others=earned[1:],
        curve=curve,
        deepest=deepest(curve),
        open_pnl=total(marked) if marked else None,
        win_rate=win_rate(main.won, main.trades) if main else None,
        profit_factor=profit_factor(main.profit, main.loss) if main else None,
        line=spark([one.pnl for one in curve]),
    )


def deepest(curve: Sequence[CurvePoint]) -> Decimal:
    """Return the deepest fall of a curve from its highest point so far, from 0 on."""
    highest = worst = ZERO
    for point in curve:
        highest = max(highest, point.pnl)
        worst = max(worst, subtract(highest, point.pnl))
    return worst


def _since(now: datetime, span: timedelta | None) -> datetime | None:
    return None if span is None else now - span


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


async def _last(explain: ExplainAlert, rows: Sequence[WorkRow]) -> Explained | None:
    alert = next((row.alert for row in rows if row.alert is not None), None)
    return None if alert is None else await explain(alert)
