"""One step of an alert's way, and the whole of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum


class StepState(Enum):
    """How a step ended. A decision not to trade is NOT_NEEDED: nothing was wrong."""

    PASSED = "passed"
    NOT_NEEDED = "not needed"
    WARNING = "warning"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What happened, in one sentence, with the numbers behind it.

    ``since_previous`` is None for the first step, where no time is known, and where the
    account counts time by bars. ``bot`` is empty for what concerns the alert as a whole.
    """

    state: StepState
    title: str
    sentence: str
    at: datetime | None = None
    since_previous: timedelta | None = None
    details: tuple[str, ...] = ()
    bot: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What an alert caused or why it caused nothing, and every step on the way.

    ``sentence`` has a line for every bot where there are several.
    """

    sentence: str
    steps: tuple[Step, ...]


def with_intervals(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Return the steps with the time since the one before that has a time."""
    timed: list[Step] = []
    previous: datetime | None = None
    for step in steps:
        if step.at is None:
            timed.append(step)
            continue
        since = step.at - previous if previous is not None and step.at >= previous else None
        timed.append(replace(step, since_previous=since))
        previous = step.at
    return tuple(timed)
