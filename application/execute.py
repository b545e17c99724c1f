"""The slow half of an alert: claim a key, then plan, place and record to its end."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from application.context import about
from application.planning import plan
from application.ports.broker import Broker, Lookup, VenueOrder
from application.ports.inbox import StoreUnavailable
from application.ports.workbench import LEASE, Claim, ClaimLost, Workbench, WorkQueue
from application.recording import record
from application.records import (
    Asks,
    BotId,
    Changes,
    Desk,
    IntentId,
    Job,
    JobId,
    Key,
    Planned,
    WorkingOrder,
)
from application.sending import leave
from domain.signal import AlertId

RETRY = timedelta(seconds=1)
"""How long an order whose fate is open is left alone before it is asked for again."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Execute:
    """Work everything that is unfinished for one (account, symbol)."""

    queue: WorkQueue
    workbench: Workbench
    broker: Broker
    new_id: Callable[[], IntentId]
    owner: str
    now: Callable[[], datetime]

    async def __call__(self, key: Key) -> bool:
        """Work the key; false when somebody else holds it."""
        claim = await self.queue.claim(key, self.owner)
        if claim is None:
            return False
        renewal = asyncio.create_task(self._renew(claim))
        retry_at: datetime | None = None
        try:
            retry_at = await self._work(claim)
        except ClaimLost:
            log.warning("claim lost", extra={"account": key.account, "symbol": key.symbol})
            return True
        finally:
            renewal.cancel()
            with suppress(asyncio.CancelledError):
                await renewal
        await self.queue.release(claim, retry_at)
        return True

    async def _renew(self, claim: Claim) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            # A renewal that fails is tried again; without the lease the fence protects.
            with suppress(ClaimLost, StoreUnavailable):
                await self.queue.renew(claim)

    async def _work(self, claim: Claim) -> datetime | None:
        """Plan, place and record to the end; return when to come back, if ever."""
        balance: Decimal | None = None
        while True:
            seen = _Seen()
            planned = await self.workbench.plan(
                claim, partial(seen.plan, new_id=self.new_id, balance=balance)
            )
            seen.tell(planned)
            balance = None
            if planned.asks is Asks.BALANCE:
                balance = await self._balance(seen)
                if balance is None:
                    return self.now() + RETRY
                continue
            if planned.to_resolve and not await self._resolve(claim, planned, seen):
                return self.now() + RETRY
            await self._send(claim, planned, seen)
            if not (planned.changes or planned.to_send or planned.to_resolve):
                return None

    async def _balance(self, seen: "_Seen") -> Decimal | None:
        return await self.broker.balance(seen.desk().account)

    async def _send(self, claim: Claim, planned: Planned, seen: "_Seen") -> None:
        for working in planned.to_send:
            with about(seen.alert(working)):
                await self._send_one(claim, working, seen)

    async def _send_one(self, claim: Claim, working: WorkingOrder, seen: "_Seen") -> None:
        left = await self.workbench.send(claim, working, leave)
        if left is None:
            return
        if left.denial is not None:
            log.info("order denied", extra={"reason": left.denial.reason.value})
            return
        sent = replace(working, order=left.order)
        answer = await self.broker.place(seen.venue_order(sent))
        log.info("venue answered", extra={"order": sent.order.id, "answer": answer})
        await self._record(claim, sent, answer)

    async def _resolve(self, claim: Claim, planned: Planned, seen: "_Seen") -> bool:
        """Ask what became of orders whose fate is open; false if all still need time."""
        moved = False
        for working in planned.to_resolve:
            with about(seen.alert(working)):
                answer = await self.broker.find(seen.venue_order(working))
                log.info("asked again", extra={"order": working.order.id, "answer": answer})
                changes = await self._record(claim, working, answer)
            moved = moved or _has_moved(working, changes)
        return moved

    async def _record(
        self, claim: Claim, working: WorkingOrder, answer: Lookup
    ) -> Changes | None:
        def recorder(desk: Desk, job: Job, now: WorkingOrder) -> Changes:
            return record(desk, job, now, answer)

        return await self.workbench.record(claim, working, recorder)


@dataclass(slots=True)
class _Seen:
    """The desk that the last plan was made on: what to tell the venue about."""

    _desk: Desk | None = None
    _bots: dict[IntentId, BotId] = field(default_factory=dict[IntentId, BotId])
    _alerts: dict[JobId, AlertId] = field(default_factory=dict[JobId, AlertId])
    _jobs: dict[IntentId, JobId] = field(default_factory=dict[IntentId, JobId])

    def plan(
        self, desk: Desk, new_id: Callable[[], IntentId], balance: Decimal | None
    ) -> Planned:
        self._desk = desk
        planned = plan(replace(desk, balance=balance), new_id)
        known = [intent for job in desk.jobs for intent in job.intents]
        new = [intent for one in planned.changes for intent in one.intents]
        self._bots = {intent.id: intent.bot for intent in (*known, *new)}
        self._jobs = {intent.id: intent.job for intent in (*known, *new)}
        self._alerts = {job.id: job.signal.alert for job in desk.jobs if job.signal}
        return planned

    def alert(self, working: WorkingOrder) -> AlertId | None:
        """Return the alert that an order goes back to; None for a timer's."""
        return self._alerts.get(self._jobs[working.intent])

    def tell(self, planned: Planned) -> None:
        """Log what was decided."""
        for changes in planned.changes:
            with about(self._alerts.get(changes.job)):
                for decision in changes.decisions:
                    bot = self.desk().bots[decision.bot].name
                    log.info("decided", extra={"bot": bot, "reason": decision.reason.value})

    def desk(self) -> Desk:
        if self._desk is None:
            message = "nothing has been planned yet"
            raise LookupError(message)
        return self._desk

    def venue_order(self, working: WorkingOrder) -> VenueOrder:
        desk = self.desk()
        return VenueOrder(
            account=desk.account,
            instrument=desk.instrument,
            order=working.order,
            leverage=desk.bots[self._bots[working.intent]].rules.leverage,
        )


def _has_moved(working: WorkingOrder, changes: Changes | None) -> bool:
    """Say whether the order's fate is any clearer than before."""
    if changes is None:
        return True
    now = next((one for one in changes.orders if one.order.id == working.order.id), None)
    return (
        now is None or now.order.status.is_over or now.order.filled != working.order.filled
    )
