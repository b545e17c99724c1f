"""Orders that left and intents that called for them, counted in memory."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.store.memory.database import MemoryDatabase
from adapters.store.memory.rows import AccountRow, JobRow
from adapters.store.memory.states import set_state
from adapters.store.shared import braked
from application.ports.configuration import Scope
from application.ports.outflow import OVERDUE, AccountOutflow
from application.records import BotId, Intent, IntentStatus
from domain.order import OrderStatus
from domain.outflow import NEVER_LEFT, Outflow, surplus
from domain.reasons import Finding
from domain.risk import TradingState

_ALIVE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class MemoryOutflows:
    """Counts what left in memory; the paper venue's own books are not looked into."""

    database: MemoryDatabase

    async def counted(self, span: timedelta) -> Sequence[AccountOutflow]:
        """Return what left in the last ``span``, account by account."""
        async with self.database.lock:
            since = self.database.clock.now() - span
            return [
                AccountOutflow(account=name, counted=self._of(row, since))
                for name, row in sorted(self.database.accounts.items())
                if not row.archived
            ]

    async def brake(self, account: str, finding: Finding) -> bool:
        """Let the account only reduce, and tell people."""
        by, reducing = braked(finding), TradingState.REDUCING
        async with self.database.lock:
            known = self.database.states.get((Scope.ACCOUNT, account))
            if known is not None and known.state >= reducing:
                return False
            return set_state(self.database, Scope.ACCOUNT, account, reducing, by)

    def _of(self, account: AccountRow, since: datetime) -> Outflow:
        resumed = self.database.states.get((Scope.ACCOUNT, account.config.name))
        if resumed is not None and resumed.state is TradingState.ACTIVE:
            since = max(since, resumed.at)
        jobs = [one for one in self.database.jobs.values() if one.key.account == account.id]
        left = again = 0
        for job in jobs:
            entered: Counter[BotId] = Counter()
            for intent, statuses in _sent(job, since):
                left += len(statuses)
                again += surplus(statuses, enters=intent.enters)
                entered[intent.bot] += intent.enters
            again += sum(entries - 1 for entries in entered.values() if entries > 1)
        overdue = sum(self._is_overdue(job, since) for job in jobs)
        return Outflow(called_for=left - again, left=left, overdue=overdue)

    def _is_overdue(self, job: JobRow, since: datetime) -> int:
        now = self.database.clock.now()
        beats = self.database.beats.values()
        lives = any(role == "worker" and now - at < _ALIVE for role, at in beats)
        if not lives or not since <= job.queued_at <= now - OVERDUE:
            return 0
        return sum(
            one.status is IntentStatus.WORKING
            and all(
                order.order.status is OrderStatus.PLANNED
                for order in job.job.orders
                if order.intent == one.id
            )
            for one in job.job.intents
        )


def _sent(job: JobRow, since: datetime) -> Iterator[tuple[Intent, list[OrderStatus]]]:
    """Yield the intents of which an order was made lately, with all orders that left."""
    for intent in job.job.intents:
        own = [one.order for one in job.job.orders if one.intent == intent.id]
        if any(job.orders_made.get(one.id, since) >= since for one in own):
            statuses = [one.status for one in own if one.status not in NEVER_LEFT]
            if statuses:
                yield intent, statuses
