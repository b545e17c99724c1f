"""The report of a sweep as one HTML file, in the dress of a run's report."""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.report.environment import environment
from application import wording
from application.exploring.explored import Explored
from application.exploring.explorer import Window
from application.exploring.grid import Values
from application.exploring.heat import Heat
from application.exploring.ranking import Ranked
from application.results.metric import Kind, Value, shown
from application.results.metrics import BY_KEY

RANKS_SHOWN = 200
_SHADES = 5


@dataclass(frozen=True, slots=True)
class SweepReport:
    """Writes reports of sweeps. ``version`` is the program's."""

    version: str

    def __call__(self, found: Explored) -> str:
        """Return the whole page."""
        grid = found.grid
        columns = [BY_KEY[key] for key in found.figures]
        context = {
            "found": found,
            "version": self.version,
            "title": f"{found.bot} on {found.chart}, {found.timeframe}: sweep",
            "ranked_by": BY_KEY[grid.rank_by].title,
            "columns": columns,
            "axes": [axis.path for axis in grid.axes],
            "rows": [_row(found, one) for one in found.ranked[:RANKS_SHOWN]],
            "heat": _heat(found.heat, BY_KEY[grid.rank_by].kind) if found.heat else None,
            "agreement": _number(found.agreement),
            "forward": _forward(found),
            "problems": _problems(found),
        }
        return environment().get_template("sweep.html.j2").render(context)


@dataclass(frozen=True, slots=True)
class _Row:
    rank: int
    values: Sequence[str]
    figures: Sequence[str]
    tested: str
    neighbors: str
    marks: str


def _row(found: Explored, one: Ranked) -> _Row:
    key = found.grid.rank_by
    kind = BY_KEY[key].kind
    tested = one.outcome.figures[1][key] if found.grid.train is not None else None
    marks = ["lonely"] * one.lonely + ["few trades"] * one.few_trades
    return _Row(
        one.rank,
        [text(value) for value in one.outcome.values],
        [shown(BY_KEY[key].kind, one.figures[key]) for key in found.figures],
        shown(kind, tested),
        shown(Kind.RATIO if kind is Kind.COUNT else kind, one.neighbors),
        ", ".join(marks),
    )


def text(value: str | None) -> str:
    """Return a setting's value as it is shown."""
    return "none" if value is None else value


def _heat(found: Heat, kind: Kind) -> dict[str, object]:
    known = [value for row in found.cells for value in row if value is not None]
    size = max((abs(value) for value in known), default=0.0)
    return {
        "across": found.across.path,
        "down": found.down.path,
        "columns": [text(value) for value in found.across.values],
        "rows": [
            (text(name), [_cell(value, kind, size) for value in row])
            for name, row in zip(found.down.values, found.cells, strict=True)
        ],
    }


def _cell(value: float | None, kind: Kind, size: float) -> tuple[str, str]:
    if value is None:
        return "", "none"
    style = "zero"
    if size and value:
        shade = max(1, min(_SHADES, round(abs(value) / size * _SHADES)))
        style = f"{'gain' if value > 0 else 'loss'}{shade}"
    return shown(Kind.RATIO if kind is Kind.COUNT else kind, value), style


def _forward(found: Explored) -> dict[str, object] | None:
    walk = found.forward
    if walk is None:
        return None
    key = found.grid.rank_by
    return {
        "earned": wording.fixed(walk.earned, 2, sign=True),
        "trades": f"{walk.trades:,}",
        "efficiency": _number(walk.efficiency),
        "steps": [
            (
                _span(found, step.train),
                _span(found, step.test),
                ", ".join(_named(found, step.chosen)),
                shown(BY_KEY[key].kind, step.trained[key]),
                shown(BY_KEY[key].kind, step.tested[key]),
                shown(Kind.GAIN, step.tested["total_pnl"]),
            )
            for step in walk.steps
        ],
    }


def _named(found: Explored, values: Values) -> list[str]:
    pairs = zip(found.grid.axes, values, strict=True)
    return [f"{axis.path} {text(value)}" for axis, value in pairs]


def _problems(found: Explored) -> list[tuple[str, str]]:
    return [
        (", ".join(_named(found, one.values)), one.problem)
        for one in found.outcomes
        if one.problem
    ]


def _span(found: Explored, window: Window) -> str:
    first, last = (found.bars.opened_at(place) for place in (window.start, window.stop - 1))
    return f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"


def _number(value: Value) -> str:
    return shown(Kind.RATIO, value)
