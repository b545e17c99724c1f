"""The workbench on PostgreSQL: one short transaction a call, behind a claim's fence."""

from dataclasses import dataclass, field, replace

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.store.postgres.desk import LoadedDesk, load_desk, load_job_desk
from adapters.store.postgres.details import ordered
from adapters.store.postgres.engine import transaction
from adapters.store.postgres.saving import raise_peak, save
from adapters.store.postgres.sql import MOMENT, NUMBER, WORD, statement
from adapters.store.postgres.tables import accounts, installation, work_keys
from adapters.store.postgres.usage import Asking, Counted, load_usage
from adapters.store.shared import (
    Revisions,
    advanced,
    asking_job,
    last_mark,
    own_mark,
)
from application.denying import denied
from application.ports.workbench import Claim, ClaimLost, Planner, Recorder, Sender
from application.records import (
    Asks,
    Changes,
    Desk,
    Job,
    Planned,
    WorkingOrder,
)
from application.sending import Leave
from domain.order import OrderEvent, OrderStatus

_FENCE = (
    select(work_keys.c.fence, work_keys.c.owner)
    .where(
        work_keys.c.account == bindparam("account"),
        work_keys.c.symbol == bindparam("symbol"),
    )
    .with_for_update(key_share=True)
)
_LIMITS_OF_ALL = select(installation.c.id).with_for_update(key_share=True)
_LIMITS_OF_ACCOUNT = (
    select(accounts.c.id)
    .where(accounts.c.id == bindparam("account"))
    .with_for_update(key_share=True)
)

_SUBMIT = statement(
    """
    WITH sent AS (
        UPDATE orders
        SET status = :status, may_arrive_until = :until, updated_at = clock_timestamp()
        WHERE id = :order AND status = 'PLANNED'
        RETURNING id, bot, status
    ),
    kept AS (
        INSERT INTO order_transitions ("order", seq, event, status_after, evidence, at)
        SELECT id, 1, :event, status, '', :at FROM sent
    )
    INSERT INTO events (kind, alert, bot, payload)
    SELECT 'order', :alert, bot, jsonb_build_object('order', id, 'status', status) FROM sent
    """,
    order=WORD,
    status=WORD,
    event=WORD,
    until=MOMENT,
    at=MOMENT,
    alert=NUMBER,
)


@dataclass(frozen=True, slots=True)
class PostgresWorkbench:
    """Plans, sends and records in PostgreSQL."""

    engine: AsyncEngine
    _revisions: Revisions = field(default_factory=Revisions)

    async def plan(self, claim: Claim, planner: Planner) -> Planned:
        """Plan the key's oldest jobs and keep what was planned."""
        async with transaction(self.engine) as connection:
            loaded = await load_desk(connection, claim.key, self._revisions)
            planned, counted = await _planned(connection, loaded, planner)
            await _hold(connection, claim)
            if counted is not None:
                peak = counted.usage.usage.equity_peak
                await raise_peak(connection, loaded.desk, counted.kept_peak, peak)
            if planned.changes:
                await save(connection, loaded, planned.changes)
            return planned

    async def send(
        self, claim: Claim, working: WorkingOrder, sender: Sender
    ) -> Leave | None:
        """Keep that an order leaves, or that it was denied."""
        async with transaction(self.engine) as connection:
            found = await ordered(connection, working.order.id)
            if found is None or found[1].order.status is not OrderStatus.PLANNED:
                await _hold(connection, claim)
                return None
            job, fresh = found
            loaded = await self._job_desk(connection, claim, job, whole=False)
            left = sender(loaded.desk, job, fresh)
            if left.denial is None:
                await _submit(connection, loaded.desk, left)
                return left
            whole = await self._job_desk(connection, claim, job, whole=True)
            ended = denied(whole.desk, whole.desk.jobs[0], fresh, left)
            await save(connection, whole, [ended])
            return left

    async def record(
        self, claim: Claim, working: WorkingOrder, recorder: Recorder
    ) -> Changes | None:
        """Keep what became of an order."""
        async with transaction(self.engine) as connection:
            found = await ordered(connection, working.order.id)
            if found is None:
                await _hold(connection, claim)
                return None
            loaded = await self._job_desk(connection, claim, found[0], whole=True)
            job = loaded.desk.jobs[0]
            fresh = next(one for one in job.orders if one.order.id == working.order.id)
            changes = recorder(loaded.desk, job, fresh)
            await save(connection, loaded, [changes])
            return changes

    async def _job_desk(
        self, connection: AsyncConnection, claim: Claim, job: Job, *, whole: bool
    ) -> LoadedDesk:
        return await load_job_desk(connection, claim, job, self._revisions, whole=whole)


async def _planned(
    connection: AsyncConnection, loaded: LoadedDesk, planner: Planner
) -> tuple[Planned, Counted | None]:
    """Plan, loading the usage under the locks of the limits for every job that asks."""
    desk, counted = loaded.desk, None
    steps: tuple[Changes, ...] = ()
    while True:
        planned = planner(desk)
        steps = (*steps, *planned.changes)
        if planned.asks is not Asks.USAGE:
            return replace(planned, changes=steps), counted
        desk = advanced(desk, planned)
        if counted is None:
            await _lock_limits(connection, loaded)
        job, now = asking_job(desk, planned)
        known = last_mark(loaded.day_mark, steps, loaded.day_start)
        asking = Asking(job, now, own_mark(known, desk, job, loaded.day_start))
        counted = await load_usage(connection, desk, loaded.day_start, asking)
        desk = replace(desk, usage=counted.usage, now=counted.now)


async def _lock_limits(connection: AsyncConnection, loaded: LoadedDesk) -> None:
    """Wait for every other entry that is being planned against the same limits."""
    if loaded.counts_total:
        await connection.execute(_LIMITS_OF_ALL)
    await connection.execute(_LIMITS_OF_ACCOUNT, {"account": loaded.desk.account.id})


async def _hold(connection: AsyncConnection, claim: Claim) -> None:
    """Lock the key until the commit, if the claim still is the newest one.

    Raises:
        ClaimLost: If it is not; the transaction is undone.
    """
    found = (await connection.execute(_FENCE, claim.key._asdict())).one_or_none()
    if found is None or (found.fence, found.owner) != (claim.fence, claim.owner):
        raise ClaimLost(f"{claim.key} is not held by {claim.owner} any more")


async def _submit(connection: AsyncConnection, desk: Desk, left: Leave) -> None:
    signal = desk.jobs[0].signal
    await connection.execute(
        _SUBMIT,
        {
            "order": left.order.id,
            "status": left.order.status.value,
            "event": OrderEvent.SUBMITTED.value,
            "until": left.order.may_arrive_until,
            "at": desk.now,
            "alert": signal.alert if signal else None,
        },
    )
