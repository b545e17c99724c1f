"""A sweep on the terminal: ranks, a map of scores, and what to beware of."""

from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from application import wording
from application.exploring.explored import Explored
from application.exploring.explorer import Window
from application.exploring.heat import Heat
from application.exploring.ranking import Ranked
from application.results.export import plain
from application.results.metric import Kind, shown
from application.results.metrics import BY_KEY
from entrypoints.cli.result_view import SHORT, styled
from entrypoints.cli.terminal import Column, out, print_table, say

_GREENS = ("#12351f", "#1a5a33", "#208047", "#27a65c", "#2ec28a")
_REDS = ("#3a1d20", "#66292c", "#933539", "#c04145", "#e5484d")
_HEAT_COLUMNS = 16
LONELY, FEW = "◇", "°"
"""Marks beside a rank."""


def show_sweep(found: Explored, top: int) -> None:
    """Print the best combinations, the map, and how they did on other bars."""
    console = out()
    grid = found.grid
    title = BY_KEY[grid.rank_by].title
    head = f"{found.bot}  {found.chart}, {found.timeframe}, {len(found.bars):,} bars"
    console.print(Text(head, style="bold"))
    done = f"{len(found.outcomes):,} of {grid.size:,} combinations, ranked by {title}"
    console.print(Text(done, style="dim"))
    if not found.ranked:
        _tell_problems(found)
        return
    print_table(_columns(found), [_row(found, one) for one in found.ranked[:top]])
    if found.heat is not None and len(found.heat.across.values) <= _HEAT_COLUMNS:
        across = f"\n{title} by {_short(found.heat.across.path)} →"
        console.print(Text(across, style="bold"))
        console.print(_heat_table(found.heat, grid.rank_by))
    _tell_forward(found)
    _tell_problems(found)
    _tell_doubts(found)


def sweep_json(found: Explored) -> dict[str, Any]:
    """Return everything with stable names."""
    axes = [axis.path for axis in found.grid.axes]
    return {
        "bot": found.bot,
        "chart": found.chart,
        "bars": len(found.bars),
        "combinations": found.grid.size,
        "done": len(found.outcomes),
        "rank_by": found.grid.rank_by,
        "agreement": found.agreement,
        "ranks": [
            {
                "rank": one.rank,
                "values": dict(zip(axes, one.outcome.values, strict=True)),
                "score": one.score,
                "neighbors": one.neighbors,
                "lonely": one.lonely,
                "few_trades": one.few_trades,
                "figures": [plain(figures) for figures in one.outcome.figures],
            }
            for one in found.ranked
        ],
        "walk_forward": _forward_json(found, axes),
        "not_run": [
            {
                "values": dict(zip(axes, one.values, strict=True)),
                "problem": one.problem,
            }
            for one in found.outcomes
            if one.problem
        ],
    }


def _columns(found: Explored) -> list[Column]:
    figures = [BY_KEY[key] for key in _shown_figures(found)]
    tested = [Column("tested", right=True)] if found.grid.train is not None else []
    return [
        Column("#", right=True),
        *(Column(_short(axis.path), right=True) for axis in found.grid.axes),
        *(
            Column(SHORT.get(one.key, one.title), right=True, extra=number > 0)
            for number, one in enumerate(figures)
        ),
        *tested,
        Column("near", right=True),
    ]


def _short(path: str) -> str:
    """Return the name of a setting without where it stands: ``stop loss %``."""
    name = path.rpartition(".")[2]
    return name.replace("_percent", " %").replace("_", " ")


def _shown_figures(found: Explored) -> list[str]:
    """Return the keys of the figures, what ranks first."""
    key = found.grid.rank_by
    return [key, *(one for one in found.figures if one not in (key, "total_return"))]


def _row(found: Explored, one: Ranked) -> tuple[str | Text, ...]:
    key = found.grid.rank_by
    values = [wording.NOTHING if value is None else value for value in one.outcome.values]
    figures = [styled(BY_KEY[name], one.figures[name], 2) for name in _shown_figures(found)]
    tested = []
    if found.grid.train is not None:
        tested = [styled(BY_KEY[key], one.outcome.figures[1][key], 2)]
    marks = LONELY * one.lonely + FEW * one.few_trades
    return (
        Text.assemble((marks, "yellow"), str(one.rank)),
        *values,
        *figures,
        *tested,
        _scored(key, one.neighbors),
    )


def _scored(key: str, value: float | None) -> str:
    """Return a score as the figure that it is; less is better of some."""
    kind = BY_KEY[key].kind
    if value is not None and BY_KEY[key].better.value == "lower":
        value = -value
    return shown(Kind.RATIO if kind is Kind.COUNT else kind, value)


def _heat_table(found: Heat, key: str) -> Table:
    known = [value for row in found.cells for value in row if value is not None]
    size = max((abs(value) for value in known), default=0.0)
    corner = f"{_short(found.down.path)} ↓" if found.down.path else ""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 0))
    table.add_column(corner, justify="right", no_wrap=True)
    for value in found.across.values:
        table.add_column(value or wording.NOTHING, justify="right", no_wrap=True)
    for name, row in zip(found.down.values, found.cells, strict=True):
        label = Text(f"{name or wording.NOTHING} ", style="dim")
        table.add_row(label, *(_cell(value, key, size) for value in row))
    return table


def _cell(value: float | None, key: str, size: float) -> Text:
    text = f" {_scored(key, value)} "
    if not value or not size:
        return Text(text, style="dim")
    shades = _GREENS if value > 0 else _REDS
    shade = shades[min(len(shades) - 1, int(abs(value) / size * len(shades)))]
    return Text(text, style=f"white on {shade}")


def _tell_forward(found: Explored) -> None:
    walk = found.forward
    if walk is None:
        return
    key = found.grid.rank_by
    out().print()
    print_table(
        (
            Column("chosen on"),
            Column("tested on"),
            Column("chosen", fold=True),
            Column("then", right=True),
            Column("after", right=True),
            Column("P&L after", right=True),
        ),
        [
            (
                _span(found, step.train),
                _span(found, step.test),
                ", ".join(one or wording.NOTHING for one in step.chosen),
                styled(BY_KEY[key], step.trained[key], 2),
                styled(BY_KEY[key], step.tested[key], 2),
                styled(BY_KEY["total_pnl"], step.tested["total_pnl"], 2),
            )
            for step in walk.steps
        ],
    )
    earned = wording.fixed(walk.earned, 2, sign=True)
    efficiency = shown(Kind.RATIO, walk.efficiency)
    say(
        f"Walked forward: {earned} {found.currency} in {walk.trades:,} trades on bars that "
        f"the choice had not seen; efficiency {efficiency} (below 0.5 is fitted)."
    )


def _tell_problems(found: Explored) -> None:
    failed = [one for one in found.outcomes if one.problem]
    if failed:
        first = ", ".join(one or wording.NOTHING for one in failed[0].values)
        count = wording.plural(len(failed), "combination")
        say(f"! {count} could not be run, the first ({first}):", "yellow")
        say(f"  {failed[0].problem}")


def _tell_doubts(found: Explored) -> None:
    say("near: the middle score of the neighbors, one step away on one axis.", "dim")
    if any(one.lonely for one in found.ranked):
        say(f"{LONELY} lonely: its neighbors are worse than the middle. Luck?", "dim")
    if any(one.few_trades for one in found.ranked):
        say(f"{FEW} fewer than {found.grid.min_trades} trades.", "dim")
    if found.grid.train is not None:
        say(
            f"The order on the tested bars agrees by {shown(Kind.RATIO, found.agreement)} "
            "(1 the same, 0 unrelated).",
            "dim",
        )
    elif found.forward is None:
        say(
            "Chosen and judged on the same bars; train: 0.7 or walk_forward: 5 in the grid "
            "tests on others.",
            "dim",
        )


def _forward_json(found: Explored, axes: list[str]) -> dict[str, Any] | None:
    walk = found.forward
    if walk is None:
        return None
    return {
        "earned": walk.earned,
        "trades": walk.trades,
        "efficiency": walk.efficiency,
        "steps": [
            {
                "train": list(step.train),
                "test": list(step.test),
                "chosen": dict(zip(axes, step.chosen, strict=True)),
                "trained": plain(step.trained),
                "tested": plain(step.tested),
            }
            for step in walk.steps
        ],
    }


def _span(found: Explored, window: Window) -> str:
    first, last = (found.bars.opened_at(place) for place in (window.start, window.stop - 1))
    return f"{first:%y-%m-%d}…{last:%y-%m-%d}"
