"""Entries that wait at the venue for their price: at which, how long, what ends them. Pure.

While an entry rests, later jobs of its key go on: each is decided once the venue has told
how the entry stands. What wants it gone (its time limit, a trading state, an exit, an
opposite signal, CANCEL) is kept as "cancel asked"; until the venue says that the order is
over, its key waits, an exit for 30 s at most.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from application.observing import fresh_price, moment
from application.records import (
    BotId,
    Changes,
    Desk,
    Job,
    JobStatus,
    Transition,
    WorkingOrder,
)
from domain.exits import prices_of
from domain.limit_order import goes_on, limit_of
from domain.order import CancelCause, Order, OrderEvent
from domain.reasons import Reason
from domain.risk import TradingState
from domain.signal import Signal
from domain.sizing import Sized

PATIENCE = timedelta(seconds=30)
"""How long an exit waits for the end of an entry that is being taken back."""


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Entries of these bots must end before a job can go on, and why."""

    bots: frozenset[BotId]
    reason: Reason


def entry_price(desk: Desk, job: Job) -> Decimal | None:
    """Return the price an entry is sized at: the alert's own where it waits for that.

    None when no price is known that is young enough.
    """
    price, signal = fresh_price(desk, job), job.signal
    if price is None or signal is None or signal.price is None:
        return price
    return signal.price if desk.bots[job.bot].rules.order.waits else price


def market_price(desk: Desk, sized: Sized) -> Decimal:
    """Return the market as the decision saw it."""
    return desk.mark.price if desk.mark is not None else sized.price


def resting(job: Job) -> tuple[WorkingOrder, ...] | None:
    """Return a job's orders that rest at the venue; None if something else is under way."""
    live = [one for one in job.orders if not one.order.status.is_over]
    if not live or not all(one.order.rests for one in live):
        return None
    return tuple(live)


def taken_back(desk: Desk, job: Job, orders: tuple[WorkingOrder, ...]) -> Changes | None:
    """Return the changes that take back what must not rest any longer; None if all may."""
    ended = [
        (one, why)
        for one in orders
        if one.order.cancel_asked_at is None
        and (why := _must_end(desk, job, one.order)) is not None
    ]
    return _asked(desk, job, ended) if ended else None


def taken_back_for(desk: Desk, back: TakeBack, by: Job) -> tuple[Changes, ...]:
    """Return the changes that take back the entries that stand in a job's way."""
    found: list[Changes] = []
    why = _Why(CancelCause.SIGNAL, f"{back.reason.value} of job {by.id}")
    for job in desk.jobs:
        orders = [
            (one, why)
            for one in resting(job) or ()
            if job.bot in back.bots and one.order.cancel_asked_at is None
        ]
        if orders:
            found.append(_asked(desk, job, orders))
    return tuple(found)


def stands_in_the_way(desk: Desk, bots: frozenset[BotId]) -> bool:
    """Say whether entries of these bots rest that nobody has taken back yet."""
    return any(
        one.order.cancel_asked_at is None
        for job in desk.jobs
        if job.bot in bots
        for one in resting(job) or ()
    )


def waits_in_vain(desk: Desk, orders: tuple[WorkingOrder, ...]) -> bool:
    """Say whether the venue has not ended these for so long that exits go on without it."""
    return all(
        one.order.cancel_asked_at is not None
        and desk.now - one.order.cancel_asked_at > PATIENCE
        for one in orders
    )


def being_taken_back(desk: Desk) -> list[str]:
    """Return the names of bots whose entries the venue has not ended yet."""
    return [
        desk.bots[job.bot].name
        for job in desk.jobs
        if any(one.order.cancel_asked_at for one in resting(job) or ())
    ]


def touched(desk: Desk, job: Job, order: Order, seen: Signal | None) -> Decimal | None:
    """Return the best price for an order that the market is known to have seen.

    That of the newest alert, or the end of its bar's range where that bar began after the
    order's own had closed. None without a price, and for orders that do not wait for one.
    """
    if order.limit_price is None:
        return None
    known = desk.mark.price if desk.mark is not None else None
    if seen is None or seen.price is None:
        return known
    if desk.mark is not None and seen.fired_at < desk.mark.at and not desk.account.by_bar:
        return known
    entered = job.signal.bar_time if job.signal else None
    prices = prices_of(seen, entered, desk.bots[job.bot].rules.timeframe)
    if prices is None:
        return known
    return prices.low if order.buys else prices.high


def goes_to_market(desk: Desk, job: Job, order: Order) -> bool:
    """Say whether what a limit entry did not get in time is taken at the market's price."""
    limit, mark = order.limit_price, desk.mark
    if order.cancel_cause is not CancelCause.TIME or mark is None or limit is None:
        return False
    return goes_on(limit, mark.price, desk.bots[job.bot].rules.order)


def rests_until(desk: Desk, job: Job, order: Order) -> datetime | None:
    """Return when a limit entry that leaves now is taken back; None for other orders."""
    if order.limit_price is None:
        return None
    seconds = desk.bots[job.bot].rules.order.timeout_seconds
    return moment(desk, job) + timedelta(seconds=seconds)


def limit_at(desk: Desk, bot: BotId, sized: Sized) -> Decimal | None:
    """Return the limit of a bot's entry; None for one that takes the market's price."""
    waits = desk.bots[bot].rules.order.waits
    return limit_of(sized, desk.instrument) if waits else None


class _Why(NamedTuple):
    """Why an entry is taken back, and what shows it."""

    cause: CancelCause
    evidence: str


def _must_end(desk: Desk, job: Job, order: Order) -> _Why | None:
    bot = desk.bots[job.bot]
    if bot.trading_state is not TradingState.ACTIVE:
        state = bot.trading_state.name.lower()
        return _Why(CancelCause.STATE, f"trading is {state}")
    if not bot.enabled:
        return _Why(CancelCause.STATE, f"bot {bot.name} is disabled")
    until = order.rests_until
    if until is not None and _latest(desk) >= until:
        seconds = bot.rules.order.timeout_seconds
        return _Why(CancelCause.TIME, f"not filled within {seconds} s")
    return None


def _latest(desk: Desk) -> datetime:
    """Return what time it is: the newest bar's close where the account counts by bars."""
    if not desk.account.by_bar:
        return desk.now
    return max(moment(desk, job) for job in desk.jobs)


def _asked(desk: Desk, job: Job, orders: list[tuple[WorkingOrder, _Why]]) -> Changes:
    return Changes(
        job=job.id,
        status=JobStatus.WORKING,
        orders=tuple(
            replace(one, order=one.order.taken_back(why.cause, desk.now))
            for one, why in orders
        ),
        transitions=tuple(
            Transition(
                order=one.order.id,
                event=OrderEvent.CANCEL_ASKED,
                evidence=why.evidence,
                at=desk.now,
            )
            for one, why in orders
        ),
    )
