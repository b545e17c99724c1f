"""Which of a transaction's changes a person is told of: executions, failures, doubt."""

from collections.abc import Iterable, Iterator, Mapping

from application.notice import Notice
from application.notifying.about import About
from application.notifying.executions import added, closed, opened
from application.notifying.failures import (
    close_did_nothing,
    half_reversed,
    in_doubt,
    needs_operator,
    not_executed,
    rejected,
)
from application.records import (
    Changes,
    Desk,
    Intent,
    IntentId,
    IntentStatus,
    Job,
    Step,
    WorkingOrder,
)
from domain.money import ZERO
from domain.order import Order, OrderId, OrderStatus
from domain.reasons import Reason
from domain.signal import Action

_CLOSES = (Action.CLOSE, Action.SELL)
_LEFT_OPEN = (
    Reason.ORDER_NEEDS_OPERATOR,
    Reason.STATE_HALTED,
    Reason.BOT_DISABLED,
    Reason.CLOSE_OLDER_THAN_POSITION,
    Reason.CLOSE_SAME_BAR_AS_ENTRY,
    Reason.SIGNAL_SIDE_UNKNOWN,
)
"""Why a position stays open although the alert asked to close it."""


def notices(steps: Iterable[Step]) -> list[Notice]:
    """Return what is told of the steps of one transaction, in their order."""
    return [notice for step in steps for notice in _of_step(step)]


def _of_step(step: Step) -> Iterator[Notice]:
    job = next(one for one in step.before.jobs if one.id == step.changes.job)
    return _of(step.before, job, step.changes)


def _of(desk: Desk, job: Job, step: Changes) -> Iterator[Notice]:
    known = {one.id: one for one in job.intents}
    intents: dict[IntentId, Intent] = known | {one.id: one for one in step.intents}
    before = {one.order.id: one.order for one in job.orders}
    for working in step.orders:
        about = About(desk, job, step, intents[working.intent])
        yield from _order(about, working, before.get(working.order.id))
    yield from _dropped(desk, job, step, known)
    yield from _left_open(desk, job, step)


def _order(about: About, working: WorkingOrder, before: Order | None) -> Iterator[Notice]:
    order, was = working.order, before.status if before else OrderStatus.PLANNED
    executed = order.filled > (before.filled if before else ZERO)
    match order.status:
        case OrderStatus.UNKNOWN if was is not OrderStatus.UNKNOWN:
            yield in_doubt(about, order)
        case OrderStatus.NEEDS_OPERATOR if was is not OrderStatus.NEEDS_OPERATOR:
            yield needs_operator(about, order)
        case OrderStatus.REJECTED if was is not OrderStatus.REJECTED:
            yield rejected(about, order)
        case _ if not order.status.is_over:
            return
        case _ if executed or (order.filled and not was.is_over):
            yield _executed(about, order)
        case _ if not was.is_over and not _goes_on(about, order.id):
            yield not_executed(about, order)


def _executed(about: About, order: Order) -> Notice:
    if not about.intent.enters:
        return closed(about, order)
    return opened(about, order) if about.intent.number == 1 else added(about, order)


def _goes_on(about: About, ended: OrderId) -> bool:
    """Say whether the same intent has another order that will be sent."""
    return any(
        one.order.id != ended and not one.order.status.is_over
        for one in about.step.orders
        if one.intent == about.intent.id
    )


def _dropped(
    desk: Desk, job: Job, step: Changes, known: Mapping[IntentId, Intent]
) -> Iterator[Notice]:
    """Tell of a reversal's entry that was not allowed after the close."""
    for intent in step.intents:
        was = known.get(intent.id)
        waited = was is not None and was.status is IntentStatus.WAITING
        if waited and intent.status is IntentStatus.DENIED:
            yield half_reversed(About(desk, job, step, intent))


def _left_open(desk: Desk, job: Job, step: Changes) -> Iterator[Notice]:
    """Tell of a close that could not act, whoever or whatever stood in its way."""
    if job.signal is None or job.signal.action not in _CLOSES or step.orders:
        return
    state = step.states.get(job.bot, desk.bots[job.bot].state)
    if state.position.is_flat:
        return
    for decision in step.decisions:
        if decision.bot == job.bot and decision.reason in _LEFT_OPEN:
            yield close_did_nothing(desk, job, decision, state.position)
