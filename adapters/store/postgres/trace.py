"""One alert whole: what came, and what every bot made of it."""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import BigInteger, RowMapping, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.store.postgres import rows, trees
from adapters.store.postgres.tables import (
    accounts,
    alerts,
    bots,
    decisions,
    feeds,
    fills,
    instruments,
    intents,
    jobs,
    notifications,
    order_transitions,
    orders,
    trades,
)
from application.ports.views import (
    AlertRow,
    AlertTrace,
    JobTrace,
    NoticeTrace,
    OrderTrace,
)
from application.records import JobStatus, Transition
from domain.money import ZERO, add
from domain.order import OrderEvent, OrderId
from domain.reasons import Reason
from domain.signal import AlertId

_OF_JOBS = bindparam("jobs", type_=ARRAY(BigInteger))
_ALERT = (
    select(alerts, feeds.c.name.label("feed_name"))
    .join(feeds, feeds.c.id == alerts.c.feed)
    .where(alerts.c.id == bindparam("alert"))
)
_JOBS = (
    select(
        jobs,
        bots.c.name.label("bot_name"),
        accounts.c.name.label("account_name"),
        accounts.c.mode,
        instruments.c.base,
        instruments.c.quote,
    )
    .join(bots, bots.c.id == jobs.c.bot)
    .join(accounts, accounts.c.id == jobs.c.account)
    .join(
        instruments,
        (instruments.c.exchange == accounts.c.exchange)
        & (instruments.c.symbol == jobs.c.symbol),
    )
    .where(jobs.c.alert == bindparam("alert"))
    .order_by(jobs.c.id)
)
_DECISIONS = (
    select(decisions, bots.c.name.label("bot_name"))
    .join(bots, bots.c.id == decisions.c.bot)
    .where(decisions.c.job == func.any(_OF_JOBS))
    .order_by(decisions.c.job, decisions.c.step)
)
_INTENTS = (
    select(intents).where(intents.c.job == func.any(_OF_JOBS)).order_by(intents.c.ordinal)
)
_ORDERS = (
    select(orders)
    .where(orders.c.job == func.any(_OF_JOBS))
    .order_by(orders.c.created_at, orders.c.generation)
)
_OWN_ORDERS = select(orders.c.id).where(orders.c.job == func.any(_OF_JOBS))
_TRANSITIONS = (
    select(order_transitions)
    .where(order_transitions.c.order.in_(_OWN_ORDERS))
    .order_by(order_transitions.c.order, order_transitions.c.seq)
)
_FEES = select(fills.c.order, fills.c.fee, fills.c.fee_currency).where(
    fills.c.order.in_(_OWN_ORDERS)
)
_TRADES = select(trades).where(trades.c.job == func.any(_OF_JOBS)).order_by(trades.c.id)


_NOTICES = (
    select(notifications)
    .where(notifications.c.alert == bindparam("alert"))
    .order_by(notifications.c.id)
)


async def load_trace(connection: AsyncConnection, id: AlertId) -> AlertTrace | None:
    """Return an alert with all that came of it; None when there is no such alert."""
    found = (await connection.execute(_ALERT, {"alert": id})).mappings().one_or_none()
    if found is None:
        return None
    own = (await connection.execute(_JOBS, {"alert": id})).mappings().all()
    parts = await _Parts.load(connection, [row["id"] for row in own])
    told = (await connection.execute(_NOTICES, {"alert": id})).mappings().all()
    return AlertTrace(
        alert=_alert(found),
        jobs=tuple(parts.job(row) for row in own),
        notices=tuple(_notice(row) for row in told),
    )


class _Parts:
    """The rows of an alert's jobs, by kind."""

    def __init__(self, **found: Sequence[RowMapping]) -> None:
        self.found = found

    @classmethod
    async def load(cls, connection: AsyncConnection, ids: list[int]) -> "_Parts":
        wanted = {
            "decisions": _DECISIONS,
            "intents": _INTENTS,
            "orders": _ORDERS,
            "transitions": _TRANSITIONS,
            "fees": _FEES,
            "trades": _TRADES,
        }
        return cls(
            **{
                name: (await connection.execute(query, {"jobs": ids})).mappings().all()
                for name, query in wanted.items()
            }
        )

    def of(self, kind: str, column: str, value: object) -> list[RowMapping]:
        return [row for row in self.found[kind] if row[column] == value]

    def job(self, row: RowMapping) -> JobTrace:
        steps = self.of("decisions", "job", row["id"])
        return JobTrace(
            bot=row["bot_name"],
            account=row["account_name"],
            mode=row["mode"],
            symbol=row["symbol"],
            base=row["base"],
            quote=row["quote"],
            status=JobStatus(row["status"]),
            queued_at=row["queued_at"],
            finished_at=row["finished_at"],
            decisions=tuple(rows.decision(one) for one in steps),
            decision_bots=tuple(one["bot_name"] for one in steps),
            intents=tuple(rows.intent(one) for one in self.of("intents", "job", row["id"])),
            orders=tuple(self.order(one) for one in self.of("orders", "job", row["id"])),
            trades=tuple(rows.trade(one) for one in self.of("trades", "job", row["id"])),
        )

    def order(self, row: RowMapping) -> OrderTrace:
        paid = self.of("fees", "order", row["id"])
        fees: Decimal = ZERO
        for one in paid:
            fees = add(fees, one["fee"])
        return OrderTrace(
            intent=row["intent"],
            order=rows.order(row),
            created_at=row["created_at"],
            transitions=tuple(
                Transition(
                    order=OrderId(one["order"]),
                    event=OrderEvent(one["event"]),
                    evidence=one["evidence"],
                    at=one["at"],
                )
                for one in self.of("transitions", "order", row["id"])
            ),
            fees=fees,
            fee_currency=paid[0]["fee_currency"] if paid else "",
        )


def _notice(row: RowMapping) -> NoticeTrace:
    return NoticeTrace(
        title=row["title"],
        at=row["at"],
        told_at=row["told_at"],
        channel=row["channel"] or "",
        error=row["error"],
    )


def _alert(row: RowMapping) -> AlertRow:
    signal = row["signal"]
    return AlertRow(
        id=AlertId(row["id"]),
        feed=row["feed_name"],
        received_at=row["received_at"],
        stored_at=row["stored_at"],
        fanned_out_at=row["fanned_out_at"],
        source=row["source"],
        content_type=row["content_type"],
        size=row["size"],
        body=row["body"],
        key=row["key"],
        signal=trees.signal(row["id"], row["received_at"], signal) if signal else None,
        reason=Reason(row["reason"]) if row["reason"] else None,
        value=row["value"],
        limit=row["limit"],
        detail=row["detail"],
        duplicates=row["duplicates"],
        last_duplicate_at=row["last_duplicate_at"],
    )
