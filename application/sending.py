"""The last check before an order leaves."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from application.limit_entries import rests_until
from application.observing import age
from application.records import Desk, Job, WorkingOrder
from domain.order import Order, OrderEvent, OrderStatus
from domain.outflow import NEVER_LEFT, surplus, too_many
from domain.reasons import Finding, Reason
from domain.risk import entry_state, too_old

ARRIVAL = timedelta(seconds=4)
"""How long after it was sent an order may still reach the paper venue."""
VENUE_ARRIVAL = timedelta(seconds=30)
"""The same for a real venue: ten seconds to leave, fifteen to be answered, five more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Whether an order may leave: the order as it is now, and why not if it may not."""

    order: Order
    denial: Finding | None
    brake: Finding | None = None
    """A brake that fired: the account goes to REDUCING, whether the order leaves or not."""


def leave(desk: Desk, job: Job, working: WorkingOrder) -> Leave:
    """Return the order as SUBMITTING, or as DENIED if its entry came too late.

    Exits always leave: closing is never denied.
    """
    brake = _excess(job, working)
    denial = _denial(desk, job, working)
    if brake is not None and not working.order.reduces:
        denial = brake
    if denial is not None:
        order = working.order.after(OrderEvent.DENIED)
        return Leave(order=order, denial=denial, brake=brake)
    sent = working.order.after(OrderEvent.SUBMITTED)
    sent = replace(
        sent,
        may_arrive_until=_until(desk),
        rests_until=rests_until(desk, job, sent),
    )
    return Leave(order=sent, denial=None, brake=brake)


def _denial(desk: Desk, job: Job, working: WorkingOrder) -> Finding | None:
    if working.order.reduces:
        return None
    if desk.not_cleared is not None:
        return desk.not_cleared
    bot = desk.bots[job.bot]
    if not bot.enabled:
        return Finding(Reason.BOT_DISABLED, passed=False, value=bot.name)
    stopped = entry_state(bot.trading_state)
    if stopped is not None:
        return stopped
    old = too_old(age(desk, job), bot.limits.max_age_seconds)
    return old if old is not None and not old.passed else None


def _excess(job: Job, working: WorkingOrder) -> Finding | None:
    """Return the brake of an order beyond what its intent, or its alert, called for."""
    sent = [one for one in job.orders if one.order.status not in NEVER_LEFT]
    if not sent:
        return None
    enters = not working.order.reduces
    own = [one.order.status for one in sent if one.intent == working.intent]
    more = surplus((*own, OrderStatus.SUBMITTING), enters=enters)
    if enters:
        entered = {one.intent for one in sent if not one.order.reduces}
        more += len(entered - {working.intent})
    return too_many(more + 1, 1) if more else None


def _until(desk: Desk) -> datetime:
    return desk.now + (ARRIVAL if desk.account.mode == "paper" else VENUE_ARRIVAL)
