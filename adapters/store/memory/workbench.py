"""Planning, sending and recording in memory, each under the lock."""

from dataclasses import dataclass, replace

from adapters.store.memory import desk as reading
from adapters.store.memory.database import JobRow, MemoryDatabase
from adapters.store.memory.saving import save
from adapters.store.memory.usage import Asking, load_usage
from adapters.store.memory.work_queue import held
from adapters.store.shared import advanced, asking_job, last_mark, own_mark
from application.denying import denied
from application.ports.workbench import Claim, Planner, Recorder, Sender
from application.records import Asks, Changes, Desk, Planned, Transition, WorkingOrder
from application.sending import Leave
from domain.order import OrderEvent, OrderStatus


@dataclass(frozen=True, slots=True)
class MemoryWorkbench:
    """The desk in memory."""

    database: MemoryDatabase

    async def plan(self, claim: Claim, planner: Planner) -> Planned:
        """Load the desk, plan, and keep what was planned."""
        async with self.database.lock:
            held(self.database, claim)
            desk = reading.load(self.database, claim.key)
            planned = self._planned(desk, planner)
            save(self.database, desk, planned.changes)
            return planned

    async def send(
        self, claim: Claim, working: WorkingOrder, sender: Sender
    ) -> Leave | None:
        """Keep that the order leaves now, or that it was denied at the last moment."""
        async with self.database.lock:
            held(self.database, claim)
            row, fresh = self._order(working)
            if row is None or fresh is None or row.finished_at is not None:
                return None
            if fresh.order.status is not OrderStatus.PLANNED:
                return None
            desk = reading.load_job(self.database, row)
            left = sender(desk, row.job, fresh)
            if left.denial is None:
                ended = _submitted(desk, row, replace(fresh, order=left.order))
            else:
                ended = denied(desk, row.job, fresh, left)
            save(self.database, desk, [ended])
            return left

    async def record(
        self, claim: Claim, working: WorkingOrder, recorder: Recorder
    ) -> Changes | None:
        """Keep what became of the order."""
        async with self.database.lock:
            held(self.database, claim)
            row, fresh = self._order(working)
            if row is None or fresh is None or row.finished_at is not None:
                return None
            desk = reading.load_job(self.database, row)
            changes = recorder(desk, row.job, fresh)
            save(self.database, desk, [changes])
            return changes

    def _planned(self, desk: Desk, planner: Planner) -> Planned:
        """Plan, loading the usage for every job that asks."""
        before, steps = desk, tuple[Changes, ...]()
        while True:
            planned = planner(desk)
            steps = (*steps, *planned.changes)
            if planned.asks is not Asks.USAGE:
                return replace(planned, changes=steps)
            desk = advanced(desk, planned)
            job, now = asking_job(desk, planned)
            begins = self.database.account(desk.key.account).config.day_start
            known = last_mark(self.database.marks.get(desk.key), steps, begins)
            mark = own_mark(known, desk, job, begins)
            usage = load_usage(self.database, before, Asking(job, now, mark))
            desk = replace(desk, usage=usage)

    def _order(self, working: WorkingOrder) -> tuple[JobRow | None, WorkingOrder | None]:
        job = self.database.owners.get(working.intent)
        if job is None:
            return None, None
        row = self.database.jobs[job]
        known = (one for one in row.job.orders if one.order.id == working.order.id)
        return row, next(known, None)


def _submitted(desk: Desk, row: JobRow, sent: WorkingOrder) -> Changes:
    transition = Transition(
        order=sent.order.id, event=OrderEvent.SUBMITTED, evidence="", at=desk.now
    )
    return Changes(
        job=row.job.id,
        status=row.job.status,
        orders=(sent,),
        transitions=(transition,),
    )
