"""What becomes of an order that was denied at the last check, and of its intent."""

from dataclasses import replace

from application.deciding import decided
from application.records import (
    Changes,
    DecisionRecord,
    Desk,
    IntentStatus,
    Job,
    JobStatus,
    Transition,
    WorkingOrder,
)
from application.sending import Leave
from domain.order import OrderEvent
from domain.reasons import Finding


def denied(desk: Desk, job: Job, working: WorkingOrder, left: Leave) -> Changes:
    """Return the changes of an order that did not leave: its intent ends with it.

    The denial is a decision of its own, so that the trace ends with the true reason.
    """
    ended = tuple(
        replace(one, status=IntentStatus.DENIED) if one.id == working.intent else one
        for one in job.intents
    )
    over = decided(job) and all(one.status.is_over for one in ended)
    return Changes(
        job=job.id,
        status=JobStatus.DONE if over else JobStatus.WORKING,
        decisions=_decision(desk, job, left.denial),
        intents=tuple(one for one in ended if one.id == working.intent),
        orders=(replace(working, order=left.order),),
        transitions=(_transition(desk, working, left.denial),),
        brake=left.brake,
    )


def _decision(desk: Desk, job: Job, denial: Finding | None) -> tuple[DecisionRecord, ...]:
    if denial is None:
        return ()
    bot = desk.bots[job.bot]
    return (
        DecisionRecord(
            step=len(job.decisions),
            bot=bot.id,
            revision=bot.revision,
            reason=denial.reason,
            findings=(denial,),
            sized=None,
            at=desk.now,
        ),
    )


def _transition(desk: Desk, working: WorkingOrder, denial: Finding | None) -> Transition:
    reason = denial.reason.value if denial else ""
    return Transition(
        order=working.order.id, event=OrderEvent.DENIED, evidence=reason, at=desk.now
    )
