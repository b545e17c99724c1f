"""One round of a key: record what the venue said, plan, and check once more what leaves.

Pure, and whole: everything that happens to a key between two questions to the venue is one
value, kept in one transaction. Called again after a question, it goes on where it stood::

    answers ─▶ recorded ─▶ plan ─▶ sent ─▶ to the venue
                            ▲        │
                            └────────┘ every order was denied at the last check
"""

from dataclasses import replace

from application.deciding import NewIntentId
from application.denying import denied
from application.planning import plan
from application.recording import record
from application.records import (
    Changes,
    Desk,
    Job,
    Planned,
    Step,
    Transition,
    WorkingOrder,
)
from application.sending import Leave, leave
from application.steps import after, desk_after
from domain.order import OrderEvent, OrderId, OrderStatus


def advance(desk: Desk, new_id: NewIntentId) -> Planned:
    """Return everything that may be done before a venue, or time, must answer."""
    told = recorded(desk)
    steps, desk = told.steps, desk_after(desk, told)
    if _other_rules_apply(told):
        return told
    while True:
        planned = plan(desk, new_id)
        steps = (*steps, *planned.steps)
        if not planned.to_send:
            return replace(planned, steps=steps)
        leaving = sent(desk_after(desk, planned), planned.to_send)
        steps = (*steps, *leaving.steps)
        if leaving.to_send or not leaving.steps:
            return replace(leaving, steps=steps)
        desk = desk_after(desk, leaving)


def recorded(desk: Desk) -> Planned:
    """Return what the venue's answers change; those about work that is over, nothing."""
    answers = desk.answers
    if not answers:
        return Planned(after=desk)
    desk = replace(desk, answers=())
    steps: list[Step] = []
    for answered in answers:
        job, working = order_of(desk, answered.order)
        if job is not None and working is not None:
            step = Step(desk, record(desk, job, working, answered.answer))
            steps.append(step)
            desk = after(*step)
    return Planned(steps=tuple(steps), after=desk)


def sent(desk: Desk, orders: tuple[WorkingOrder, ...]) -> Planned:
    """Check once more, and return the orders that leave as they are then: SUBMITTING."""
    steps: list[Step] = []
    leaving: list[WorkingOrder] = []
    for one in orders:
        job, working = order_of(desk, one.order.id)
        if (
            job is None
            or working is None
            or working.order.status is not OrderStatus.PLANNED
        ):
            continue
        left = leave(desk, job, working)
        if left.denial is None:
            changes = _submitted(desk, job, working, left)
            leaving.extend(changes.orders)
        else:
            changes = denied(desk, job, working, left)
        steps.append(Step(desk, changes))
        desk = after(desk, changes)
    return Planned(steps=tuple(steps), to_send=tuple(leaving), after=desk)


def order_of(desk: Desk, id: OrderId) -> tuple[Job | None, WorkingOrder | None]:
    """Return an order of the desk's unfinished jobs, with its job."""
    for job in desk.jobs:
        for working in job.orders:
            if working.order.id == id:
                return job, working
    return None, None


def _submitted(desk: Desk, job: Job, working: WorkingOrder, left: Leave) -> Changes:
    event = Transition(
        order=left.order.id, event=OrderEvent.SUBMITTED, evidence="", at=desk.now
    )
    return Changes(
        job=job.id,
        status=job.status,
        orders=(replace(working, order=left.order),),
        transitions=(event,),
        brake=left.brake,
    )


def _other_rules_apply(told: Planned) -> bool:
    """Say whether a bot opened or closed by rules that are not those of its desk.

    What comes next is decided by others then, so the desk must be loaded anew.
    """
    for before, changes in told.steps:
        for bot, state in changes.states.items():
            known = before.bots[bot]
            flat = state.position.is_flat
            if flat is known.state.position.is_flat:
                continue
            opened_by = {one.revision for one in changes.intents if one.bot == bot}
            if known.newer is not None or (not flat and opened_by != {known.revision}):
                return True
    return False
