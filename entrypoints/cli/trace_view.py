"""An alert's trace as it is shown in a terminal, and as JSON."""

from collections.abc import Iterator
from itertools import groupby

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from application import wording
from application.explain_alert import Explained
from application.trace import Step, StepState, Trace
from entrypoints.cli.terminal import NOTHING

_MARKS = {
    StepState.PASSED: ("✓", "green"),
    StepState.NOT_NEEDED: (NOTHING, "dim"),
    StepState.WARNING: ("!", "yellow"),
    StepState.STOPPED: ("✗", "bold red"),
}
_MARK, _AT, _SINCE, _TITLE = 1, 12, 9, 13


def trace_view(trace: Trace, *, details: bool) -> Iterator[RenderableType]:
    """Yield the sentence, then the steps under the bot they belong to."""
    yield Text(trace.sentence, style="bold")
    several = len({step.bot for step in trace.steps if step.bot}) > 1
    for bot, steps in groupby(trace.steps, key=lambda step: step.bot if several else ""):
        yield Text(f"\n{bot}", style="bold cyan") if bot else Text()
        grid = Table.grid(padding=(0, 1, 0, 0))
        for width in (_MARK, _AT, _SINCE, _TITLE):
            grid.add_column(width=width, justify="right" if width == _SINCE else "left")
        grid.add_column(overflow="fold")
        for step in steps:
            grid.add_row(*_cells(step, details=details))
        yield grid


def _cells(step: Step, *, details: bool) -> tuple[Text, ...]:
    mark, style = _MARKS[step.state]
    waited = step.since_previous
    since = "" if waited is None else f"+{wording.duration(waited)}"
    said = Text(step.sentence)
    for line in step.details if details else ():
        said.append(f"\n{line}", style="dim")
    return (
        Text(mark, style=style),
        Text("" if step.at is None else wording.moment(step.at)[11:]),
        Text(since, style="dim"),
        Text(step.title, style="bold"),
        said,
    )


def trace_json(id: int, explained: Explained) -> dict[str, object]:
    """Return a trace with stable names."""
    return {
        "id": id,
        "sentence": explained.trace.sentence,
        "body": explained.alert.alert.body,
        "steps": [
            {
                "state": step.state.value,
                "at": step.at,
                "since_previous_seconds": None
                if step.since_previous is None
                else step.since_previous.total_seconds(),
                "title": step.title,
                "bot": step.bot or None,
                "sentence": step.sentence,
                "details": step.details,
            }
            for step in explained.trace.steps
        ],
    }
