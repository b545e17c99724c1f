"""The planner: from a desk of unfinished jobs to what must be kept and what must be sent.

Pure. Jobs are taken strictly in order of receipt; the first that needs orders ends the
round, since later jobs of the same key must see what came of it. An entry that rests at
the venue for its price lets later jobs pass, each once the venue has told how it stands.
What needs the limits' locks or the venue's balance is asked for, and planning starts again
with the answer.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypedDict

from application.deciding import (
    NewIntentId,
    decided,
    exits_due,
    flatten_decision,
    signal_decision,
)
from application.entering import Entry, decision_step, entry_leg
from application.limit_entries import (
    TakeBack,
    resting,
    taken_back,
    taken_back_for,
    waits_in_vain,
)
from application.records import (
    Changes,
    Desk,
    IntentStatus,
    Job,
    JobCause,
    JobStatus,
    Planned,
    Step,
    WorkingOrder,
)
from application.steps import after
from application.triggering import closed_there, handed_over, in_turn
from domain.order import OrderStatus
from domain.reasons import Reason


def plan(desk: Desk, new_id: NewIntentId) -> Planned:
    """Work through the desk's jobs until one needs orders, an answer, or time."""
    steps: list[Step] = []
    wait: list[WorkingOrder] = []
    for job in in_turn(desk.jobs):
        passed = _passed(desk, job)
        if isinstance(passed, Changes):
            steps.append(Step(desk, passed))
            desk = after(desk, passed)
            return Planned(steps=tuple(steps), to_cancel=passed.orders, after=desk)
        if passed:
            wait += passed
            continue
        step = _step(desk, job, new_id) if not wait else _behind(desk, job, wait, new_id)
        if isinstance(step, TakeBack):
            return _taking_back(desk, job, step, steps)
        if isinstance(step, Planned):
            return replace(step, steps=tuple(steps), after=desk)
        steps.append(Step(desk, step))
        desk = after(desk, step)
        if step.status is not JobStatus.DONE:
            return Planned(steps=tuple(steps), to_send=step.orders, after=desk)
    return Planned(steps=tuple(steps), after=desk, **_told(wait))


def _passed(desk: Desk, job: Job) -> Changes | tuple[WorkingOrder, ...]:
    """Return the orders of a job that lets later ones pass, or what takes them back.

    Nothing for a job that must be worked before any later one.
    """
    orders = resting(job)
    if orders is None:
        return ()
    back = taken_back(desk, job, orders)
    if back is not None:
        return back
    asked = any(one.order.cancel_asked_at for one in orders)
    return () if asked and not waits_in_vain(desk, orders) else orders


def _behind(
    desk: Desk, job: Job, wait: list[WorkingOrder], new_id: NewIntentId
) -> Changes | Planned | TakeBack:
    """Take a job up while entries rest, once the venue has told how they stand."""
    if decided(job) or desk.asked_for == job.id:
        return _step(desk, job, new_id)
    return Planned(asking_job=job.id, seen=job.signal, **_told(wait))


def _taking_back(desk: Desk, job: Job, back: TakeBack, steps: list[Step]) -> Planned:
    """Return the round that takes entries back; a CANCEL is decided by that, and over."""
    asked: list[WorkingOrder] = []
    for changes in taken_back_for(desk, back, job):
        steps.append(Step(desk, changes))
        desk = after(desk, changes)
        asked += changes.orders
    if back.reason is Reason.ENTRY_CANCELED:
        record = decision_step(desk, job, back.reason, Entry(None, (), None))
        done = Changes(job=job.id, status=JobStatus.DONE, decisions=(record,))
        steps.append(Step(desk, done))
        desk = after(desk, done)
    return Planned(steps=tuple(steps), to_cancel=tuple(asked), after=desk)


class _Told(TypedDict):
    """What the venue is asked about orders that are under way."""

    to_resolve: tuple[WorkingOrder, ...]
    to_cancel: tuple[WorkingOrder, ...]


def _told(live: Iterable[WorkingOrder]) -> _Told:
    """Return orders to ask for, and those that the venue is to end."""
    ends = [one for one in live if one.order.rests and one.order.cancel_asked_at]
    stays = tuple(one for one in live if one not in ends)
    return _Told(to_resolve=stays, to_cancel=tuple(ends))


def _step(desk: Desk, job: Job, new_id: NewIntentId) -> Changes | Planned | TakeBack:
    pending = _pending(job)
    if pending is not None:
        return pending
    if not job.intents and not job.cause.has_happened:
        due = exits_due(desk, job, new_id)
        if due is not None:
            return due
    if not decided(job):
        return _decision(desk, job, new_id)
    waiting = [one for one in job.intents if one.status is IntentStatus.WAITING]
    if waiting:
        return entry_leg(desk, job, waiting[0])
    return Changes(job=job.id, status=JobStatus.DONE)


def _decision(desk: Desk, job: Job, new_id: NewIntentId) -> Changes | Planned | TakeBack:
    if job.triggered is not None:
        return handed_over(desk, job, job.triggered, new_id)
    if job.cause is JobCause.VENUE:
        return closed_there(desk, job, new_id)
    if job.cause is JobCause.OPERATOR:
        return flatten_decision(desk, job, new_id)
    return signal_decision(desk, job, new_id)


def _pending(job: Job) -> Planned | None:
    """Return what must happen to orders of an earlier step before the job can go on."""
    live = [one for one in job.orders if not one.order.status.is_over]
    unsent = tuple(one for one in live if one.order.status is OrderStatus.PLANNED)
    if unsent:
        return Planned(to_send=unsent)
    if live:
        return Planned(**_told(live))
    return None
