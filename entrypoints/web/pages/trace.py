"""One alert's way as its page shows it: the same steps that the command line prints."""

import json
from dataclasses import dataclass
from itertools import groupby

import msgspec

from application.explain_alert import Explained
from application.ports.views import AlertRow
from application.trace import Step, StepState, Trace

REACHED_LAST = (
    *("Received", "Authenticated", "Parsed", "De-duplicated", "Routed", "Queued"),
    *("Checked", "Sized", "Planned", "Sent", "Acknowledged", "Filled"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The steps of one bot, or of the alert as a whole (no name)."""

    bot: str
    steps: tuple[Step, ...]
    not_reached: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Everything that the page of an alert shows."""

    alert: AlertRow
    level: str
    sentences: tuple[str, ...]
    sections: tuple[Section, ...]
    body: str
    evidence: str
    bots: tuple[str, ...]
    """Those it reached, each of which has a scenario to tell."""


def told(found: Explained) -> Told:
    """Return one alert's way as its page shows it."""
    trace, alert = found.trace, found.alert.alert
    several = len({step.bot for step in trace.steps if step.bot}) > 1
    grouped = groupby(trace.steps, key=lambda step: step.bot if several else "")
    sections = [(bot, tuple(steps)) for bot, steps in grouped]
    return Told(
        alert=alert,
        level=_level(trace),
        sentences=tuple(trace.sentence.splitlines()),
        sections=tuple(
            Section(bot=bot, steps=steps, not_reached=_not_reached(trace, steps, index))
            for index, (bot, steps) in enumerate(sections, start=1 - len(sections))
        ),
        body=_pretty(alert.body),
        evidence=evidence(found),
        bots=tuple(job.bot for job in found.alert.jobs if job.decisions),
    )


def evidence(found: Explained) -> str:
    """Return the whole case as JSON, its secrets masked, to be handed to somebody."""
    whole = {"sentence": found.trace.sentence, "steps": found.trace.steps}
    kept = msgspec.to_builtins({**whole, "kept": found.alert}, str_keys=True)
    return json.dumps(kept, indent=1, ensure_ascii=False)


def _level(trace: Trace) -> str:
    """Return the color of the first sentence: the worst that happened, or a trade."""
    states = {step.state for step in trace.steps}
    if StepState.STOPPED in states:
        return "bad"
    if StepState.WARNING in states:
        return "warn"
    return "good" if any(step.title == "Filled" for step in trace.steps) else "quiet"


def _not_reached(trace: Trace, steps: tuple[Step, ...], last: int) -> tuple[str, ...]:
    """Return the steps that would have followed; a trade's own way is told in full."""
    titles = {step.title for step in trace.steps}
    if last or titles & {"Filled", "Acknowledged", "Sent"}:
        return ()
    reached = [index for index, title in enumerate(REACHED_LAST) if title in titles]
    if any(step.title == "Result" and step.state is StepState.WARNING for step in steps):
        return ()
    return REACHED_LAST[max(reached, default=0) + 1 :]


def _pretty(body: str) -> str:
    """Return a body of JSON with line breaks, and any other as it is."""
    try:
        return msgspec.json.format(body.encode(), indent=2).decode()
    except (msgspec.DecodeError, RecursionError):
        return body
