"""The slow half of an alert: claim a key, then plan, place and record to its end."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from application.advancing import advance, recorded
from application.answers import ALREADY_FLAT, NotPlaced, Refused, Report
from application.context import about
from application.limit_entries import touched
from application.ports.broker import Broker, VenueOrder
from application.ports.inbox import StoreUnavailable
from application.ports.workbench import (
    LEASE,
    NO_NEWS,
    Claim,
    ClaimLost,
    News,
    Workbench,
    WorkQueue,
)
from application.records import (
    Answered,
    Asks,
    Desk,
    IntentId,
    Job,
    JobId,
    Key,
    Planned,
    WorkingOrder,
)
from application.steps import desk_after
from domain.order import OrderId
from domain.signal import AlertId, Signal

RETRY = timedelta(seconds=1)
"""How long an order whose fate is open is left alone before it is asked for again."""
RETRY_MAX = timedelta(minutes=1)
REST = timedelta(seconds=5)
"""How long an order that rests is left alone at most."""
log = logging.getLogger(__name__)

Ask = Callable[[VenueOrder], Awaitable[Report]]
Fate = tuple[OrderId, Decimal, datetime | None]
"""What is known of an order that is asked for: what it filled, since when it must end."""


class Protecting(Protocol):
    """What keeps protective orders in step with what a key holds."""

    async def __call__(self, claim: Claim, *, look_at_all: bool = False) -> None:
        """Do what is to be done, with no transaction open."""
        ...


async def unprotected(claim: Claim, *, look_at_all: bool = False) -> None:
    """Do nothing: no order rests anywhere."""


@dataclass(frozen=True, slots=True)
class Execute:
    """Work everything that is unfinished for one (account, symbol)."""

    queue: WorkQueue
    workbench: Workbench
    broker: Broker
    new_id: Callable[[], IntentId]
    owner: str
    now: Callable[[], datetime]
    protect: Protecting = unprotected
    """Keeps the orders that rest at the venue in step; looked at before work, and after."""

    async def __call__(self, key: Key) -> bool:
        """Work the key until nothing is due; false when somebody else holds it."""
        claim = await self.queue.claim(key, self.owner)
        if claim is None:
            return False
        while claim is not None and await self._hold(claim):
            claim = await self.queue.claim(key, self.owner)
        return True

    async def _hold(self, claim: Claim) -> bool:
        """Work as long as the claim stands; say whether more is due once it is released."""
        renewal = asyncio.create_task(self._renew(claim))
        retry_at: datetime | None = None
        try:
            # A stop may have triggered meanwhile, which what is decided now must know.
            await self.protect(claim, look_at_all=True)
            retry_at = await self._work(claim)
            await self.protect(claim)
        except ClaimLost:
            log.warning("claim lost", extra=claim.key._asdict())
            return False
        finally:
            renewal.cancel()
            with suppress(asyncio.CancelledError):
                await renewal
        return await self.queue.release(claim, retry_at)

    async def _renew(self, claim: Claim) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            # A renewal that fails is tried again; without the lease the fence protects.
            with suppress(ClaimLost, StoreUnavailable):
                await self.queue.renew(claim)

    async def _work(self, claim: Claim) -> datetime | None:
        """Advance to the end, asking the venue in between; return when to come back."""
        news = NO_NEWS
        asked: frozenset[Fate] = frozenset()
        while True:
            round = Round(self.new_id)
            planned = await self.workbench.advance(claim, news, round.plan)
            round.tell(planned)
            if planned.asks is Asks.BALANCE:
                balance = await self.broker.balance(round.desk.account)
                if balance is None:
                    return self.now() + RETRY
                news = News(balance=balance, asked_for=news.asked_for)
                continue
            open_orders = (*planned.to_resolve, *planned.to_cancel)
            if not (planned.steps or planned.to_send or open_orders):
                return self.now() + RETRY if round.desk.jobs else None
            open_fates = frozenset(map(_fate, open_orders))
            if open_fates and open_fates <= asked and planned.asking_job is None:
                return self.now() + _pause(open_orders, self.now())
            asked = open_fates
            if not (planned.to_send or open_orders or round.desk.jobs):
                return None
            answers = await self._asked(claim, planned, round)
            news = News(answers=answers, asked_for=planned.asking_job)
            wait = back_off(news.answers, planned)
            if wait is not None:
                await self.workbench.advance(claim, news, recorded)
                return self.now() + wait

    async def _asked(
        self, claim: Claim, planned: Planned, round: "Round"
    ) -> tuple[Answered, ...]:
        answers = await self._answers(planned, round)
        if any(map(_says_flat, answers)):
            # Something that rested has triggered since: that comes before what follows.
            await self.protect(claim, look_at_all=True)
        return answers

    async def _answers(self, planned: Planned, round: "Round") -> tuple[Answered, ...]:
        """Ask what became of orders whose fate is open, and place those that leave."""
        found = [
            await self._answer(one, round, self.broker.find) for one in planned.to_resolve
        ]
        ended = [
            await self._answer(one, round, self.broker.cancel) for one in planned.to_cancel
        ]
        placed = [
            await self._answer(one, round, self.broker.place) for one in planned.to_send
        ]
        return (*found, *ended, *placed)

    async def _answer(self, working: WorkingOrder, round: "Round", ask: Ask) -> Answered:
        with about(round.alert(working)):
            answer = await ask(round.venue_order(working))
            log.info("venue answered", extra={"order": working.order.id, "answer": answer})
        return Answered(working.order.id, answer)


def back_off(answers: tuple[Answered, ...], planned: Planned) -> timedelta | None:
    """Return how long to wait before what was not placed is tried again; None for now.

    What the venue asks for, and twice as long with every further try up to a minute.
    """
    turned_away = {
        one.order: one.answer.retry_after
        for one in answers
        if isinstance(one.answer, NotPlaced)
    }
    waits = [
        max(asked, min(RETRY * 2 ** (one.order.generation - 1), RETRY_MAX))
        for one in planned.to_send
        if (asked := turned_away.get(one.order.id)) is not None
    ]
    return max(waits, default=None)


def _says_flat(answered: Answered) -> bool:
    answer = answered.answer
    return isinstance(answer, Refused) and answer.code == ALREADY_FLAT


def _fate(working: WorkingOrder) -> Fate:
    order = working.order
    return order.id, order.filled, order.cancel_asked_at


def _pause(orders: Sequence[WorkingOrder], now: datetime) -> timedelta:
    """Return how long orders are left alone: the less happened lately, the longer.

    An order that merely rests is looked at less often, but not later than its time limit.
    """
    if not all(one.order.rests for one in orders):
        return RETRY
    waits: list[timedelta] = []
    for one in orders:
        since = one.order.cancel_asked_at or one.order.may_arrive_until or now
        waits.append(min(max((now - since) / 10, RETRY), REST))
        until = one.order.rests_until
        if until is not None and one.order.cancel_asked_at is None and until > now:
            waits.append(until - now)
    return min(waits)


@dataclass(slots=True)
class Round:
    """One round of a key: what it was planned on, to tell the venue and the log."""

    new_id: Callable[[], IntentId]
    desk: Desk = field(init=False)
    """As the round left it."""
    seen: Signal | None = None
    """The alert for whose sake the venue is asked about resting entries."""
    _jobs: dict[JobId, Job] = field(default_factory=dict[JobId, Job])

    def plan(self, desk: Desk) -> Planned:
        """Plan, and remember the desk."""
        self._jobs |= {job.id: job for job in desk.jobs}
        planned = advance(desk, self.new_id)
        self.desk, self.seen = desk_after(desk, planned), planned.seen
        return planned

    def tell(self, planned: Planned) -> None:
        """Log what was decided."""
        for before, changes in planned.steps:
            if not changes.decisions:
                continue
            with about(self._alert(changes.job)):
                for decision in changes.decisions:
                    bot = before.bots[decision.bot].name
                    log.info("decided", extra={"bot": bot, "reason": decision.reason.value})

    def alert(self, working: WorkingOrder) -> AlertId | None:
        """Return the alert that an order goes back to; None for a timer's."""
        return self._alert(self._job(working).id)

    def venue_order(self, working: WorkingOrder) -> VenueOrder:
        """Return an order with everything that its venue must be told."""
        job = self._job(working)
        intent = next(one for one in job.intents if one.id == working.intent)
        rules = self.desk.bots[intent.bot].rules
        return VenueOrder(
            account=self.desk.account,
            instrument=self.desk.instrument,
            order=working.order,
            leverage=rules.leverage,
            margin_mode=rules.margin_mode and rules.margin_mode.value,
            market=touched(self.desk, job, working.order, self.seen),
            waits_for_trigger=job.triggered is not None
            and job.triggered.order == working.order.id,
        )

    def _job(self, working: WorkingOrder) -> Job:
        """Return the unfinished job of an order."""
        return next(
            job
            for job in self.desk.jobs
            if any(one.id == working.intent for one in job.intents)
        )

    def _alert(self, id: JobId) -> AlertId | None:
        signal = self._jobs[id].signal
        return signal.alert if signal else None
