"""Planning, sending and recording in memory, each under the lock."""

from dataclasses import dataclass, replace

from adapters.store.memory import desk as reading
from adapters.store.memory.database import JobRow, MarkRow, MemoryDatabase, TradeEntry
from adapters.store.memory.work_queue import held
from application.deciding import decided
from application.ports.configuration import Author, Scope, StateChange
from application.ports.workbench import Claim, Planner, Recorder, Sender
from application.records import (
    Asks,
    BotId,
    Changes,
    IntentStatus,
    Job,
    JobStatus,
    Mark,
    Planned,
    Transition,
    WorkingOrder,
)
from application.sending import Leave
from domain.order import OrderEvent, OrderStatus
from domain.reasons import Finding
from domain.risk import TradingState
from domain.state import BotState


@dataclass(frozen=True, slots=True)
class MemoryWorkbench:
    """The desk in memory."""

    database: MemoryDatabase

    async def plan(self, claim: Claim, planner: Planner) -> Planned:
        """Load the desk, plan, and keep what was planned."""
        async with self.database.lock:
            held(self.database, claim)
            desk = reading.load(self.database, claim.key)
            planned = planner(desk)
            if planned.asks is Asks.USAGE and planned.asking_job is not None:
                now = planned.asking_now or desk.now
                usage = reading.load_usage(self.database, desk, planned.asking_job, now)
                planned = planner(replace(desk, usage=usage))
            for changes in planned.changes:
                self._keep(claim, changes)
            return planned if planned.asks is Asks.BALANCE else replace(planned, asks=None)

    async def send(
        self, claim: Claim, working: WorkingOrder, sender: Sender
    ) -> Leave | None:
        """Keep that the order leaves now, or that it was denied at the last moment."""
        async with self.database.lock:
            held(self.database, claim)
            row = self._row(working)
            known = _order(row.job, working)
            if known.order.status is not OrderStatus.PLANNED:
                return None
            desk = reading.load(self.database, claim.key)
            leave = sender(desk, row.job, known)
            self._kept_leave(row, known, leave)
            return leave

    async def record(
        self, claim: Claim, working: WorkingOrder, recorder: Recorder
    ) -> Changes | None:
        """Keep what became of the order."""
        async with self.database.lock:
            held(self.database, claim)
            row = self._row(working)
            if row.finished_at is not None:
                return None
            desk = reading.load(self.database, claim.key)
            changes = recorder(desk, row.job, _order(row.job, working))
            self._keep(claim, changes)
            return changes

    def _row(self, working: WorkingOrder) -> JobRow:
        return next(
            row
            for row in self.database.jobs.values()
            if any(intent.id == working.intent for intent in row.job.intents)
        )

    def _kept_leave(self, row: JobRow, known: WorkingOrder, leave: Leave) -> None:
        event = OrderEvent.SUBMITTED if leave.denial is None else OrderEvent.DENIED
        evidence = "" if leave.denial is None else leave.denial.reason.value
        self._moved(
            Transition(
                order=known.order.id,
                event=event,
                evidence=evidence,
                at=self.database.clock.now(),
            )
        )
        row.job = _with_orders(row.job, (replace(known, order=leave.order),))
        if leave.denial is not None:
            self._denied(row, known, leave.denial)

    def _denied(self, row: JobRow, known: WorkingOrder, _denial: Finding) -> None:
        intents = tuple(
            replace(one, status=IntentStatus.DENIED) if one.id == known.intent else one
            for one in row.job.intents
        )
        row.job = replace(row.job, intents=intents)
        if decided(row.job) and all(one.status.is_over for one in intents):
            self._finish(row)

    def _keep(self, claim: Claim, changes: Changes) -> None:
        row = self.database.jobs[changes.job]
        job = _with_intents(row.job, changes)
        job = replace(job, decisions=(*job.decisions, *changes.decisions))
        row.job = replace(_with_orders(job, changes.orders), status=changes.status)
        for transition in changes.transitions:
            self._moved(transition)
        self.database.fills.extend(changes.fills)
        for closed in changes.trades:
            id = len(self.database.trades) + 1
            self.database.trades.append(TradeEntry(id, closed, row.alert))
        for bot, state in changes.states.items():
            self._state(bot, state)
        for timer in changes.timers:
            self.database.timers[timer.bot] = timer.due_at
        if changes.mark is not None:
            self._mark(claim, changes.mark)
        if changes.brake is not None:
            self._brake(row, changes.brake)
        if changes.status is JobStatus.DONE:
            self._finish(row)

    def _state(self, bot: BotId, state: BotState) -> None:
        row = self.database.bot(bot)
        row.state = BotState(state.position, (), state.memory)
        if state.position.is_flat:
            row.bound = None
        elif row.bound is None:
            row.bound = (row.revision, row.config)

    def _mark(self, claim: Claim, mark: Mark) -> None:
        before = self.database.marks.get(claim.key)
        begins = self.database.account(claim.key.account).config.day_start
        day = reading.day_start(mark.at, begins)
        if before is not None and before.day == day:
            opened = before.day_open
        else:
            opened = before.mark.price if before is not None else mark.price
        self.database.marks[claim.key] = MarkRow(mark, day, opened)

    def _brake(self, row: JobRow, brake: Finding) -> None:
        name = self.database.account(row.key.account).config.name
        known = self.database.states.get((Scope.ACCOUNT, name))
        if known is not None and known.state >= TradingState.REDUCING:
            return
        self.database.states[Scope.ACCOUNT, name] = StateChange(
            scope=Scope.ACCOUNT,
            name=name,
            state=TradingState.REDUCING,
            author=Author(name="signalman", source="brake", reason=brake.reason.value),
            at=self.database.clock.now(),
        )

    def _moved(self, transition: Transition) -> None:
        self.database.transitions.setdefault(transition.order, []).append(transition)

    def _finish(self, row: JobRow) -> None:
        row.job = replace(row.job, status=JobStatus.DONE)
        row.finished_at = self.database.clock.now()


def _order(job: Job, working: WorkingOrder) -> WorkingOrder:
    return next(one for one in job.orders if one.order.id == working.order.id)


def _with_orders(job: Job, orders: tuple[WorkingOrder, ...]) -> Job:
    known = {one.order.id: one for one in job.orders}
    known.update({one.order.id: one for one in orders})
    return replace(job, orders=tuple(known.values()))


def _with_intents(job: Job, changes: Changes) -> Job:
    known = {one.id: one for one in job.intents}
    known.update({one.id: one for one in changes.intents})
    return replace(job, intents=tuple(known.values()))
