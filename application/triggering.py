"""A protective order has triggered at the venue: from here on it is an exit like any other.

The order enters our books as it was sent, under the id it was sent with; what it filled is
asked for and counted as of every order whose fate is open.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

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
    Mark,
    Transition,
    Triggered,
    WorkingOrder,
)
from application.steps import after
from domain.money import ZERO, add
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
    """Book what the venue has closed itself: its own executions, where it told them.

    Else it is one fill at the price of the moment it was seen, with a trade id that is the
    job's, so that it counts once, and without a fee, which is in nobody's books.
    """
    position, seen = desk.bots[job.bot].state.position, job.seen
    if position.side is None or position.is_flat or seen is None:
        return Changes(job=job.id, status=JobStatus.DONE)
    name = f"venue:{job.id}"
    fills = tuple(_named(fill, name) for fill in job.told) or (
        _whole(desk, job, position.quantity, seen),
    )
    triggered = Triggered(
        order=OrderId(name),
        reason=Reason.EXIT_BY_VENUE,
        side=position.side,
        quantity=_sum(fills),
        filled=_sum(fills),
        level=seen.price,
        venue_order_id=name,
    )
    begun = handed_over(desk, job, triggered, new_id)
    if not begun.orders:
        return begun
    told = f"the venue closed {triggered.quantity:f} of {desk.key.symbol} itself"
    answer = Acknowledged(venue_order_id=name, fills=fills, ended=True, evidence=told)
    now = after(desk, begun)
    mine = next(one for one in now.jobs if one.id == job.id)
    booked = record(now, mine, begun.orders[0], answer)
    transitions = (*begun.transitions, *booked.transitions)
    return replace(booked, decisions=begun.decisions, transitions=transitions)


def _named(fill: FillReport, name: str) -> FillReport:
    """Return a fill with an id; the venue gave none where it did not tell of it."""
    return fill if fill.trade_id else replace(fill, trade_id=name)


def _whole(desk: Desk, job: Job, quantity: Decimal, seen: Mark) -> FillReport:
    return FillReport(
        trade_id=f"venue:{job.id}",
        quantity=quantity,
        price=seen.price,
        fee=ZERO,
        fee_currency=desk.instrument.settle,
        at=seen.at,
    )


def _sum(fills: Sequence[FillReport]) -> Decimal:
    total = ZERO
    for fill in fills:
        total = add(total, fill.quantity)
    return total


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
