"""The planner: from a desk of unfinished jobs to what must be kept and what must be sent.

Pure. Jobs are taken strictly in order of receipt; the first that needs orders ends the
round, since later jobs of the same key must see what came of it. What needs the limits'
locks or the venue's balance is asked for, and planning starts again with the answer.
"""

from dataclasses import replace

from application.deciding import (
    NewIntentId,
    decided,
    exits_due,
    flatten_decision,
    signal_decision,
)
from application.entering import entry_leg
from application.records import (
    Changes,
    Desk,
    IntentStatus,
    Job,
    JobCause,
    JobStatus,
    Planned,
    Step,
)
from application.steps import after
from domain.order import OrderStatus


def plan(desk: Desk, new_id: NewIntentId) -> Planned:
    """Work through the desk's jobs until one needs orders, an answer, or time."""
    steps: list[Step] = []
    for job in desk.jobs:
        step = _step(desk, job, new_id)
        if isinstance(step, Planned):
            return replace(step, steps=tuple(steps), after=desk)
        steps.append(Step(desk, step))
        desk = after(desk, step)
        if step.status is not JobStatus.DONE:
            return Planned(steps=tuple(steps), to_send=step.orders, after=desk)
    return Planned(steps=tuple(steps), after=desk)


def _step(desk: Desk, job: Job, new_id: NewIntentId) -> Changes | Planned:
    pending = _pending(job)
    if pending is not None:
        return pending
    if not job.intents:
        due = exits_due(desk, job, new_id)
        if due is not None:
            return due
    if not decided(job):
        if job.cause is JobCause.OPERATOR:
            return flatten_decision(desk, job, new_id)
        return signal_decision(desk, job, new_id)
    waiting = [one for one in job.intents if one.status is IntentStatus.WAITING]
    if waiting:
        return entry_leg(desk, job, waiting[0])
    return Changes(job=job.id, status=JobStatus.DONE)


def _pending(job: Job) -> Planned | None:
    """Return what must happen to orders of an earlier step before the job can go on."""
    live = [one for one in job.orders if not one.order.status.is_over]
    unsent = tuple(one for one in live if one.order.status is OrderStatus.PLANNED)
    if unsent:
        return Planned(to_send=unsent)
    if live:
        return Planned(to_resolve=tuple(live))
    return None
