"""What is kept of the jobs of one key: what was decided, intended and ordered so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import BigInteger, RowMapping, bindparam, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.store.postgres import rows, trees
from adapters.store.postgres.tables import (
    alerts,
    decisions,
    fills,
    intents,
    jobs,
    orders,
)
from adapters.store.shared import OLDEST_JOBS
from application.records import (
    BotId,
    DecisionRecord,
    Intent,
    IntentId,
    Job,
    JobCause,
    JobId,
    JobStatus,
    Key,
    RevisionId,
    WorkingOrder,
)
from application.reserving import LIVE
from domain.order import OrderId


@dataclass(frozen=True, slots=True)
class Details:
    """What is kept of jobs that are under way, and every entry that may still fill."""

    decisions: Mapping[int, tuple[DecisionRecord, ...]]
    intents: tuple[Intent, ...]
    revisions: Mapping[IntentId, RevisionId]
    orders: Mapping[str, tuple[WorkingOrder, ...]]

    def of(self, job: Job) -> Job:
        """Return the job with what came of it so far."""
        own = tuple(one for one in self.intents if one.job == job.id)
        return replace(
            job,
            decisions=self.decisions.get(job.id, ()),
            intents=own,
            orders=tuple(order for one in own for order in self.orders.get(one.id, ())),
        )


NO_DETAILS = Details({}, (), {}, {})

_JOB = select(
    jobs.c.id,
    jobs.c.bot,
    jobs.c.cause,
    jobs.c.status,
    jobs.c.alert,
    alerts.c.received_at,
    alerts.c.signal,
).outerjoin(alerts, alerts.c.id == jobs.c.alert)

_UNFINISHED = (
    _JOB.where(
        jobs.c.account == bindparam("account"),
        jobs.c.symbol == bindparam("symbol"),
        jobs.c.status != literal(JobStatus.DONE.value, literal_execute=True),
        jobs.c.due_at.is_(None) | (jobs.c.due_at <= func.clock_timestamp()),
    )
    .order_by(jobs.c.id)
    .limit(OLDEST_JOBS)
)
_ORDERED = (
    _JOB.add_columns(*(column.label(f"order_{column.name}") for column in orders.c))
    .join(orders, orders.c.job == jobs.c.id)
    .where(orders.c.id == bindparam("order"))
    .with_for_update(of=orders)
)

_IDS = ARRAY(BigInteger)
LIVE_HERE = (
    (intents.c.account == bindparam("account"))
    & (intents.c.symbol == bindparam("symbol"))
    & (intents.c.number > literal(0, literal_execute=True))
    & intents.c.status.in_([literal(status.value, literal_execute=True) for status in LIVE])
)
_INTENTS = (
    select(intents)
    .where(LIVE_HERE)
    .union(select(intents).where(intents.c.job == func.any(bindparam("jobs", type_=_IDS))))
)
_DECISIONS = (
    select(decisions)
    .where(decisions.c.job == func.any(bindparam("jobs", type_=_IDS)))
    .order_by(decisions.c.job, decisions.c.step)
)
_ORDERS = (
    select(
        *orders.c,
        select(func.array_agg(fills.c.trade_id))
        .where(fills.c.order == orders.c.id)
        .scalar_subquery()
        .label("trade_ids"),
    )
    .where(
        orders.c.intent == func.any(bindparam("intents", type_=ARRAY(intents.c.id.type)))
    )
    .order_by(orders.c.intent, orders.c.leg, orders.c.generation)
)


async def unfinished(connection: AsyncConnection, key: Key) -> tuple[Job, ...]:
    """Return the oldest unfinished jobs of a key, in order, without what came of them."""
    found = await connection.execute(_UNFINISHED, key._asdict())
    return tuple(_job(row) for row in found.mappings())


async def ordered(
    connection: AsyncConnection, id: OrderId
) -> tuple[Job, WorkingOrder] | None:
    """Return an order, locked, with its job; None once the job is done, or without one."""
    found = await connection.execute(_ORDERED, {"order": id})
    row = found.mappings().one_or_none()
    if row is None or row["status"] == JobStatus.DONE.value:
        return None
    own = {name.removeprefix("order_"): value for name, value in row.items()}
    intent = IntentId(row["order_intent"])
    return _job(row), WorkingOrder(intent=intent, order=rows.order(own))


async def load_details(
    connection: AsyncConnection, key: Key, under_way: Sequence[JobId]
) -> Details:
    """Return what came of these jobs so far, and the key's entries that may still fill."""
    mine = {**key._asdict(), "jobs": list(under_way)}
    found = (await connection.execute(_INTENTS, mine)).mappings().all()
    if not found and not under_way:
        return NO_DETAILS
    known = sorted((rows.intent(row) for row in found), key=lambda one: one.ordinal)
    return Details(
        decisions=await _decisions(connection, under_way),
        intents=tuple(known),
        revisions={IntentId(row["id"]): RevisionId(row["revision"]) for row in found},
        orders=await _orders(connection, [one.id for one in known]),
    )


def _job(row: RowMapping) -> Job:
    alert = row["alert"]
    return Job(
        id=JobId(row["id"]),
        bot=BotId(row["bot"]),
        cause=JobCause(row["cause"]),
        status=JobStatus(row["status"]),
        signal=trees.signal(alert, row["received_at"], row["signal"]) if alert else None,
    )


async def _decisions(
    connection: AsyncConnection, under_way: Sequence[JobId]
) -> dict[int, tuple[DecisionRecord, ...]]:
    if not under_way:
        return {}
    found: dict[int, tuple[DecisionRecord, ...]] = {}
    asked = await connection.execute(_DECISIONS, {"jobs": list(under_way)})
    for row in asked.mappings():
        found[row["job"]] = (*found.get(row["job"], ()), rows.decision(row))
    return found


async def _orders(
    connection: AsyncConnection, of: Sequence[IntentId]
) -> dict[str, tuple[WorkingOrder, ...]]:
    if not of:
        return {}
    found: dict[str, tuple[WorkingOrder, ...]] = {}
    for row in (await connection.execute(_ORDERS, {"intents": list(of)})).mappings():
        working = WorkingOrder(
            intent=IntentId(row["intent"]),
            order=rows.order(row),
            trade_ids=frozenset(row["trade_ids"] or ()),
        )
        found[working.intent] = (*found.get(working.intent, ()), working)
    return found
