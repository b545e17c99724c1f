"""An alert's trace as it is shown in a terminal, and as JSON."""

from collections.abc import Iterator

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
_INDENT = 42


def trace_lines(trace: Trace, *, details: bool) -> Iterator[Text]:
    """Yield the sentence, then the steps under the bot they belong to."""
    yield Text(trace.sentence, style="bold")
    bots = {step.bot for step in trace.steps if step.bot}
    shown = ""
    yield Text()
    for step in trace.steps:
        if len(bots) > 1 and step.bot and step.bot != shown:
            shown = step.bot
            yield Text(f"\n  {shown}", style="bold cyan")
        yield from _step_lines(step, details=details)


def _step_lines(step: Step, *, details: bool) -> list[Text]:
    """Return a step of the trace for the terminal."""
    mark, style = _MARKS[step.state]
    at = "" if step.at is None else wording.moment(step.at)[11:]
    since = (
        "" if step.since_previous is None else f"+{wording.duration(step.since_previous)}"
    )
    first = Text.assemble(
        (mark, style),
        f" {at:<12} ",
        (f"{since:>9}  ", "dim"),
        (f"{step.title:<14}", "bold"),
        step.sentence.replace("\n", " "),
    )
    if not details:
        return [first]
    return [first, *(Text(f"{'':>{_INDENT}}{line}", style="dim") for line in step.details)]


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
