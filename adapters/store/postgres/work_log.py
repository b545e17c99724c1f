"""The live log: what each bot made of each alert, newest first, in three queries a page."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, RowMapping, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.store.postgres import rows, trees
from adapters.store.postgres.tables import (
    accounts,
    alerts,
    bots,
    decisions,
    instruments,
    jobs,
    orders,
)
from application.ports.views import Came, Only, WorkRow
from application.records import JobId, JobStatus
from domain.order import OrderStatus
from domain.signal import AlertId

_IDS = ARRAY(BigInteger)
_OF_JOBS = bindparam("jobs", type_=_IDS)
_TROUBLE = (
    OrderStatus.REJECTED,
    OrderStatus.UNKNOWN,
    OrderStatus.NOT_PLACED,
    OrderStatus.NEEDS_OPERATOR,
)
_WORK = (
    select(
        jobs,
        bots.c.name.label("bot_name"),
        accounts.c.name.label("account_name"),
        accounts.c.mode,
        instruments.c.base,
        instruments.c.quote,
        alerts.c.received_at,
        alerts.c.signal,
    )
    .join(bots, bots.c.id == jobs.c.bot)
    .join(accounts, accounts.c.id == jobs.c.account)
    .join(
        instruments,
        (instruments.c.exchange == accounts.c.exchange)
        & (instruments.c.symbol == jobs.c.symbol),
    )
    .outerjoin(alerts, alerts.c.id == jobs.c.alert)
    .order_by(jobs.c.id.desc())
    .limit(bindparam("limit"))
)
_NEWEST = (
    select(decisions)
    .ext(distinct_on(decisions.c.job))
    .where(decisions.c.job == func.any(_OF_JOBS))
    .order_by(decisions.c.job, decisions.c.step.desc())
)
_ORDER = (
    select(orders)
    .ext(distinct_on(orders.c.job))
    .where(orders.c.job == func.any(_OF_JOBS))
    .order_by(
        orders.c.job,
        (orders.c.filled > 0).desc(),
        orders.c.created_at.desc(),
        orders.c.generation.desc(),
    )
)


async def load_work(
    connection: AsyncConnection, limit: int, before: JobId | None, only: Only
) -> Sequence[WorkRow]:
    """Return a page of the live log."""
    wanted = _WORK.where(*_conditions(only))
    if before is not None:
        wanted = wanted.where(jobs.c.id < before)
    found = (await connection.execute(wanted, {"limit": limit})).mappings().all()
    own = {"jobs": [row["id"] for row in found]}
    newest = (await connection.execute(_NEWEST, own)).mappings().all()
    made = (await connection.execute(_ORDER, own)).mappings().all()
    by_job = ({row["job"]: row for row in newest}, {row["job"]: row for row in made})
    return [_line(row, *by_job) for row in found]


def _conditions(only: Only) -> list[ColumnElement[bool]]:
    asked: list[ColumnElement[bool]] = []
    if only.bot is not None:
        asked.append(bots.c.name == only.bot)
    if only.account is not None:
        asked.append(accounts.c.name == only.account)
    if only.symbol is not None:
        asked.append(jobs.c.symbol == only.symbol)
    if only.alerts:
        asked.append(jobs.c.alert.in_(only.alerts))
    if only.since is not None:
        asked.append(jobs.c.queued_at >= only.since)
    if only.reasons:
        newest = (
            select(decisions.c.reason)
            .where(decisions.c.job == jobs.c.id)
            .order_by(decisions.c.step.desc())
            .limit(1)
            .scalar_subquery()
        )
        asked.append(newest.in_([one.value for one in only.reasons]))
    if only.came is not None:
        asked.append(_came(only.came))
    return asked


def _came(came: Came) -> ColumnElement[bool]:
    own = select(orders.c.id).where(orders.c.job == jobs.c.id)
    match came:
        case Came.TRADED:
            return own.where(orders.c.filled > 0).exists()
        case Came.TROUBLE:
            names = [one.value for one in _TROUBLE]
            return own.where(orders.c.status.in_(names)).exists()
        case Came.NOTHING:
            decided = select(decisions.c.step).where(decisions.c.job == jobs.c.id)
            return decided.exists() & ~own.exists()


def _line(
    row: RowMapping, newest: Mapping[Any, RowMapping], made: Mapping[Any, RowMapping]
) -> WorkRow:
    id, alert, signal = row["id"], row["alert"], row["signal"]
    received = row["received_at"] or row["queued_at"]
    return WorkRow(
        job=JobId(id),
        alert=None if alert is None else AlertId(alert),
        received_at=received,
        finished_at=row["finished_at"],
        bot=row["bot_name"],
        account=row["account_name"],
        mode=row["mode"],
        symbol=row["symbol"],
        base=row["base"],
        quote=row["quote"],
        signal=trees.signal(alert, received, signal) if signal else None,
        status=JobStatus(row["status"]),
        decision=rows.decision(newest[id]) if id in newest else None,
        order=rows.order(made[id]) if id in made else None,
    )
