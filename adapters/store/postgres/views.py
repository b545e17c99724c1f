"""What people read, from PostgreSQL. A handful of queries each, however many rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    RowMapping,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.postgres import rows, trees
from adapters.store.postgres.accounted import count
from adapters.store.postgres.engine import single_statement
from adapters.store.postgres.tables import (
    accounts,
    alerts,
    bots,
    decisions,
    feeds,
    instruments,
    jobs,
    marks,
    missing_stops,
    orders,
    positions,
    protections,
    refused_requests,
    trades,
)
from adapters.store.postgres.trace import load_trace
from adapters.store.postgres.work_log import load_work
from application.ports.views import (
    EVERYTHING,
    Accounted,
    AlertSummary,
    AlertTrace,
    Only,
    OrderRow,
    PositionRow,
    RefusedRequest,
    TradeRow,
    WorkRow,
)
from application.records import JobId
from domain.order import OrderId, OrderStatus
from domain.protection import ProtectionKind
from domain.reasons import Reason
from domain.signal import AlertId

_IDS = ARRAY(BigInteger)
_NEWEST_ALERTS = (
    select(
        alerts.c.id,
        feeds.c.name.label("feed"),
        alerts.c.received_at,
        alerts.c.signal,
        alerts.c.reason,
        alerts.c.duplicates,
    )
    .join(feeds, feeds.c.id == alerts.c.feed)
    .order_by(alerts.c.id.desc())
    .limit(bindparam("limit"))
)
_NEWEST_STEP = (
    select(decisions.c.reason)
    .where(decisions.c.job == jobs.c.id)
    .order_by(decisions.c.step.desc())
    .limit(1)
    .scalar_subquery()
)
_OUTCOMES = (
    select(jobs.c.alert, bots.c.name, _NEWEST_STEP.label("reason"))
    .join(bots, bots.c.id == jobs.c.bot)
    .where(jobs.c.alert == func.any(bindparam("alerts", type_=_IDS)))
    .order_by(jobs.c.alert, jobs.c.id)
)
_REFUSED = (
    select(refused_requests)
    .order_by(refused_requests.c.number.desc())
    .limit(bindparam("limit"))
)
_RESTING_STOP = (
    select(func.max(protections.c.level))
    .where(
        protections.c.bot == positions.c.bot,
        protections.c.kind == ProtectionKind.STOP.value,
        protections.c.status.in_((OrderStatus.OPEN.value, "PARTIALLY_FILLED")),
        ~protections.c.triggered,
    )
    .scalar_subquery()
)
_POSITIONS = (
    select(
        bots.c.name.label("bot_name"),
        accounts.c.name.label("account_name"),
        instruments.c.quote,
        marks.c.price.label("mark"),
        marks.c.at.label("marked_at"),
        _RESTING_STOP.label("resting_stop"),
        missing_stops.c.since.label("unprotected_since"),
        missing_stops.c.why.label("unprotected_why"),
        *positions.c,
    )
    .select_from(positions)
    .join(bots, bots.c.id == positions.c.bot)
    .join(accounts, accounts.c.id == positions.c.account)
    .join(
        instruments,
        (instruments.c.exchange == accounts.c.exchange)
        & (instruments.c.symbol == positions.c.symbol),
    )
    .outerjoin(
        marks,
        (marks.c.account == positions.c.account) & (marks.c.symbol == positions.c.symbol),
    )
    .outerjoin(missing_stops, missing_stops.c.bot == positions.c.bot)
    .where(positions.c.quantity > 0)
    .order_by(accounts.c.name, positions.c.symbol, bots.c.name)
)
_TRADES = (
    select(
        bots.c.name.label("bot_name"),
        accounts.c.name.label("account_name"),
        instruments.c.quote,
        jobs.c.alert,
        *trades.c,
    )
    .select_from(trades)
    .join(bots, bots.c.id == trades.c.bot)
    .join(accounts, accounts.c.id == trades.c.account)
    .join(
        instruments,
        (instruments.c.exchange == accounts.c.exchange)
        & (instruments.c.symbol == trades.c.symbol),
    )
    .join(jobs, jobs.c.id == trades.c.job)
    .order_by(trades.c.closed_at.desc(), trades.c.id.desc())
    .limit(bindparam("limit"))
)
_ORDERS = (
    select(
        bots.c.name.label("bot_name"),
        accounts.c.name.label("account_name"),
        jobs.c.alert,
        *orders.c,
    )
    .select_from(orders)
    .join(bots, bots.c.id == orders.c.bot)
    .join(accounts, accounts.c.id == orders.c.account)
    .join(jobs, jobs.c.id == orders.c.job)
    .order_by(orders.c.created_at.desc(), orders.c.id)
    .limit(bindparam("limit"))
)


@dataclass(frozen=True, slots=True)
class PostgresViews:
    """The reading side in PostgreSQL."""

    engine: AsyncEngine

    async def alerts(
        self,
        *,
        limit: int,
        before: AlertId | None = None,
        bot: str | None = None,
        nowhere: bool = False,
    ) -> Sequence[AlertSummary]:
        """Return the newest alerts, below ``before`` where it is given."""
        wanted = _NEWEST_ALERTS
        if nowhere:
            wanted = wanted.where(alerts.c.reason != Reason.ROUTED.value)
        if before is not None:
            wanted = wanted.where(alerts.c.id < before)
        if bot is not None:
            wanted = wanted.where(_reached(bot))
        found = await self._rows(wanted, limit=limit)
        outcomes = await self._outcomes([row["id"] for row in found])
        return [_summary(row, outcomes.get(row["id"], ())) for row in found]

    async def alert(self, id: AlertId) -> AlertTrace | None:
        """Return one alert whole; None when there is no such alert."""
        async with single_statement(self.engine) as connection:
            return await load_trace(connection, id)

    async def positions(self) -> Sequence[PositionRow]:
        """Return what is open, by account, symbol and bot."""
        return [_position(row) for row in await self._rows(_POSITIONS)]

    async def trades(
        self,
        *,
        limit: int,
        bot: str | None = None,
        account: str | None = None,
        before: int | None = None,
    ) -> Sequence[TradeRow]:
        """Return the newest completed trades, oldest of them first."""
        wanted = _TRADES
        if before is not None:
            wanted = wanted.where(tuple_(trades.c.closed_at, trades.c.id) < _closed(before))
        if bot is not None:
            wanted = wanted.where(bots.c.name == bot)
        if account is not None:
            wanted = wanted.where(accounts.c.name == account)
        found = await self._rows(wanted, limit=limit)
        return [_trade(row) for row in reversed(found)]

    async def orders(
        self,
        *,
        limit: int,
        bot: str | None = None,
        before: OrderId | None = None,
        statuses: tuple[OrderStatus, ...] = (),
    ) -> Sequence[OrderRow]:
        """Return the newest orders; with ``before`` those made before this one."""
        wanted = _ORDERS if bot is None else _ORDERS.where(bots.c.name == bot)
        if before is not None:
            wanted = wanted.where(_made_before(before))
        if statuses:
            names = [one.value for one in statuses]
            wanted = wanted.where(orders.c.status.in_(names))
        return [_order(row) for row in await self._rows(wanted, limit=limit)]

    async def work(
        self, *, limit: int, before: JobId | None = None, only: Only = EVERYTHING
    ) -> Sequence[WorkRow]:
        """Return the newest lines of the live log, below ``before`` where it is given."""
        async with single_statement(self.engine) as connection:
            return await load_work(connection, limit, before, only)

    async def refused(self, *, limit: int) -> Sequence[RefusedRequest]:
        """Return the newest requests that never became alerts."""
        return [
            RefusedRequest(
                at=row["at"],
                reason=Reason(row["reason"]),
                detail=row["detail"],
                source=row["source"],
                size=row["size"],
                body=row["body"],
            )
            for row in await self._rows(_REFUSED, limit=limit)
        ]

    async def accounted(self) -> Accounted:
        """Count what came in against what came of it, from the tables."""
        async with single_statement(self.engine) as connection:
            return await count(connection)

    async def _rows(self, wanted: Select[Any], **values: object) -> Sequence[RowMapping]:
        async with single_statement(self.engine) as connection:
            found: Sequence[RowMapping] = (
                (await connection.execute(wanted, values)).mappings().all()
            )
            return found

    async def _outcomes(
        self, ids: list[int]
    ) -> dict[int, tuple[tuple[str, Reason | None], ...]]:
        found: dict[int, tuple[tuple[str, Reason | None], ...]] = {}
        for row in await self._rows(_OUTCOMES, alerts=ids):
            reason = Reason(row["reason"]) if row["reason"] else None
            found[row["alert"]] = (*found.get(row["alert"], ()), (row["name"], reason))
        return found


def _closed(trade: int) -> Any:
    return (
        select(trades.c.closed_at, trades.c.id)
        .where(trades.c.id == trade)
        .scalar_subquery()
    )


def _made_before(order: OrderId) -> ColumnElement[bool]:
    """Say what stands below an order: older, or as old and later by id."""
    made = select(orders.c.created_at).where(orders.c.id == order).scalar_subquery()
    return or_(
        orders.c.created_at < made, and_(orders.c.created_at == made, orders.c.id > order)
    )


def _reached(bot: str) -> Any:
    return alerts.c.id.in_(
        select(jobs.c.alert).join(bots, bots.c.id == jobs.c.bot).where(bots.c.name == bot)
    )


def _summary(
    row: RowMapping, outcomes: tuple[tuple[str, Reason | None], ...]
) -> AlertSummary:
    signal = row["signal"]
    return AlertSummary(
        id=AlertId(row["id"]),
        feed=row["feed"],
        received_at=row["received_at"],
        signal=trees.signal(row["id"], row["received_at"], signal) if signal else None,
        reason=Reason(row["reason"]) if row["reason"] else None,
        duplicates=row["duplicates"],
        outcomes=outcomes,
    )


def _position(row: RowMapping) -> PositionRow:
    return PositionRow(
        bot=row["bot_name"],
        account=row["account_name"],
        symbol=row["symbol"],
        quote=row["quote"],
        position=rows.position(row),
        mark=row["mark"],
        marked_at=row["marked_at"],
        resting_stop=row["resting_stop"],
        unprotected_since=row["unprotected_since"],
        unprotected_why=row["unprotected_why"],
    )


def _trade(row: RowMapping) -> TradeRow:
    return TradeRow(
        id=row["id"],
        bot=row["bot_name"],
        account=row["account_name"],
        symbol=row["symbol"],
        quote=row["quote"],
        alert=row["alert"],
        trade=rows.trade(row),
    )


def _order(row: RowMapping) -> OrderRow:
    return OrderRow(
        bot=row["bot_name"],
        account=row["account_name"],
        alert=row["alert"],
        created_at=row["created_at"],
        order=rows.order(row),
    )
