"""A protective order has triggered at the venue: from here on it is an exit like any other.

The order enters our books as it was sent, under the id it was sent with; what it filled is
asked for and counted as of every order whose fate is open.
"""

from collections.abc import Sequence
from dataclasses import replace

from application.answers import Acknowledged, FillReport
from application.deciding import NewIntentId
from application.recording import record
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
from application.steps import after
from domain.money import ZERO
from domain.order import Order, OrderEvent, OrderId
from domain.reasons import Finding, Reason, refusal

_EVIDENCE = {
    JobCause.PROTECTION: "it rested at the venue and has triggered",
    JobCause.VENUE: "no order of ours: the venue closed the position itself",
}


def in_turn(jobs: Sequence[Job]) -> Sequence[Job]:
    """Return jobs in the order they are worked: what has happened already comes first.

    Orders that are under way are finished before.
    """
    if not any(one.cause.has_happened for one in jobs):
        return jobs
    return sorted(jobs, key=_turn)


def handed_over(desk: Desk, job: Job, triggered: Triggered, new_id: NewIntentId) -> Changes:
    """Return the exit that a protective order made, with the order as it left."""
    bot = desk.bots[job.bot]
    position = bot.state.position
    # It may be for more than is held: a stop that was to replace it has triggered as well.
    if position.side is not triggered.side or position.quantity < triggered.filled:
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
        evidence=_EVIDENCE[job.cause],
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


def closed_there(desk: Desk, job: Job, new_id: NewIntentId) -> Changes:
    """Book that the venue holds nothing any more: one fill for all that the bot held.

    It is made at the price of the moment it was seen, and its trade id is the job's, so
    that it counts once. The fee is in nobody's books.
    """
    position, seen = desk.bots[job.bot].state.position, job.seen
    if position.side is None or position.is_flat or seen is None:
        return Changes(job=job.id, status=JobStatus.DONE)
    name = f"venue:{job.id}"
    triggered = Triggered(
        order=OrderId(name),
        reason=Reason.EXIT_BY_VENUE,
        side=position.side,
        quantity=position.quantity,
        filled=position.quantity,
        level=seen.price,
        venue_order_id=name,
    )
    begun = handed_over(desk, job, triggered, new_id)
    told = f"the venue holds nothing of {desk.key.symbol}; priced as at {seen.at:%H:%M:%S}"
    fill = FillReport(
        trade_id=name,
        quantity=position.quantity,
        price=seen.price,
        fee=ZERO,
        fee_currency=desk.instrument.settle,
        at=seen.at,
    )
    answer = Acknowledged(venue_order_id=name, fills=(fill,), ended=True, evidence=told)
    now = after(desk, begun)
    mine = next(one for one in now.jobs if one.id == job.id)
    booked = record(now, mine, begun.orders[0], answer)
    transitions = (*begun.transitions, *booked.transitions)
    return replace(booked, decisions=begun.decisions, transitions=transitions)


def _turn(job: Job) -> tuple[bool, bool, int]:
    under_way = any(not one.order.status.is_over for one in job.orders)
    return not under_way, not job.cause.has_happened, job.id


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
    found = refusal(Reason.PROTECTION_AFTER_CLOSE, held, triggered.filled)
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
