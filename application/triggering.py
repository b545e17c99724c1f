"""A protective order has triggered at the venue: from here on it is an exit like any other.

The order enters our books as it was sent, under the id it was sent with; what it filled is
asked for and counted as of every order whose fate is open.
"""

from collections.abc import Sequence
from dataclasses import replace

from application.deciding import NewIntentId
from application.records import (
    Changes,
    DecisionRecord,
    Desk,
    Intent,
    IntentStatus,
    Job,
    JobCause,
    JobStatus,
    Transition,
    Triggered,
    WorkingOrder,
)
from domain.order import Order, OrderEvent
from domain.reasons import Finding, Reason, refusal


def in_turn(jobs: Sequence[Job]) -> Sequence[Job]:
    """Return jobs in the order they are worked: what has happened already comes first.

    Whatever is under way is finished before.
    """
    if not any(one.cause is JobCause.PROTECTION for one in jobs):
        return jobs
    return sorted(jobs, key=_turn)


def handed_over(desk: Desk, job: Job, triggered: Triggered, new_id: NewIntentId) -> Changes:
    """Return the exit that a protective order made, with the order as it left."""
    bot = desk.bots[job.bot]
    position = bot.state.position
    if position.side is not triggered.side or position.quantity < triggered.quantity:
        return _too_late(desk, job, triggered)
    intent = Intent(
        id=new_id(),
        job=job.id,
        ordinal=len(job.intents),
        bot=bot.id,
        revision=bot.revision,
        side=triggered.side,
        number=0,
        reason=triggered.reason,
        status=IntentStatus.WORKING,
        quantity=triggered.quantity,
        price=triggered.level,
        level=triggered.level,
        at=desk.now,
    )
    planned = _order(desk, triggered)
    sent = replace(
        planned.after(OrderEvent.SUBMITTED), venue_order_id=triggered.venue_order_id
    )
    moved = Transition(
        order=planned.id,
        event=OrderEvent.SUBMITTED,
        evidence="it rested at the venue and has triggered",
        at=desk.now,
    )
    found = Finding(
        triggered.reason,
        passed=True,
        value=desk.mark.price if desk.mark else None,
        limit=triggered.level,
    )
    return Changes(
        job=job.id,
        status=JobStatus.WORKING,
        decisions=(_decision(desk, job, found),),
        intents=(intent,),
        orders=(WorkingOrder(intent=intent.id, order=sent),),
        transitions=(moved,),
    )


def _turn(job: Job) -> tuple[bool, bool, int]:
    under_way = job.status is JobStatus.WORKING
    return not under_way, job.cause is not JobCause.PROTECTION, job.id


def _order(desk: Desk, triggered: Triggered) -> Order:
    return Order(
        id=triggered.order,
        symbol=desk.key.symbol,
        side=triggered.side,
        reduces=True,
        quantity=triggered.quantity,
        decision_price=triggered.level,
        trigger_price=triggered.level,
        triggers_stop=triggered.reason is not Reason.EXIT_TAKE_PROFIT,
    )


def _too_late(desk: Desk, job: Job, triggered: Triggered) -> Changes:
    """Return that the position was closed by other means before the order triggered.

    What it executed is nobody's; the comparison with the venue shows it.
    """
    held = desk.bots[job.bot].state.position.quantity
    found = refusal(Reason.PROTECTION_AFTER_CLOSE, held, triggered.quantity)
    return Changes(
        job=job.id, status=JobStatus.DONE, decisions=(_decision(desk, job, found),)
    )


def _decision(desk: Desk, job: Job, finding: Finding) -> DecisionRecord:
    bot = desk.bots[job.bot]
    return DecisionRecord(
        step=len(job.decisions),
        bot=bot.id,
        revision=bot.revision,
        reason=finding.reason,
        findings=(finding,),
        sized=None,
        at=desk.now,
    )
