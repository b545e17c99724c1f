"""What people read, from memory."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice

from adapters.store.memory.accounted import count
from adapters.store.memory.database import MemoryDatabase
from adapters.store.memory.protections import resting_stop
from adapters.store.memory.rows import JobRow, TradeEntry
from adapters.store.memory.trace import trace
from adapters.store.memory.work_log import is_wanted, line
from application.ports.views import (
    EVERYTHING,
    Accounted,
    AlertRow,
    AlertSummary,
    AlertTrace,
    Only,
    OrderRow,
    PositionRow,
    RefusedRequest,
    TradeRow,
    WorkRow,
)
from application.records import JobId, WorkingOrder
from domain.order import OrderId, OrderStatus
from domain.reasons import Reason
from domain.signal import AlertId

AtVenue = Callable[[], Mapping[OrderId, Decimal]]


def _closed(row: TradeRow) -> tuple[datetime, int]:
    return row.trade.closed_at, row.id


def _nothing() -> Mapping[OrderId, Decimal]:
    return {}


@dataclass(frozen=True, slots=True)
class MemoryViews:
    """The reading side in memory. ``at_venue`` tells what the paper venue has executed."""

    database: MemoryDatabase
    at_venue: AtVenue = _nothing

    async def alerts(
        self,
        *,
        limit: int,
        before: AlertId | None = None,
        bot: str | None = None,
        nowhere: bool = False,
    ) -> Sequence[AlertSummary]:
        """Return the newest alerts, below ``before`` where it is given."""
        reached = self._reached()
        wanted = (
            row
            for row in reversed(self.database.alerts.values())
            if (before is None or row.id < before)
            and (not nowhere or row.reason not in (None, Reason.ROUTED))
            and (bot is None or bot in dict(self._outcomes(reached.get(row.id, []))))
        )
        return [
            self._summary(row, reached.get(row.id, [])) for row in islice(wanted, limit)
        ]

    async def alert(self, id: AlertId) -> AlertTrace | None:
        """Return one alert whole; None when there is no such alert."""
        row = self.database.alerts.get(id)
        return None if row is None else trace(self.database, row)

    async def positions(self) -> Sequence[PositionRow]:
        """Return what is open, by account, symbol and bot."""
        found = [
            self._position(bot.config.name)
            for bot in self.database.bots.values()
            if bot.state.position.lots
        ]
        return sorted(found, key=lambda row: (row.account, row.symbol, row.bot))

    async def work(
        self, *, limit: int, before: JobId | None = None, only: Only = EVERYTHING
    ) -> Sequence[WorkRow]:
        """Return the newest lines of the live log, below ``before`` where it is given."""
        lines = (
            (row, line(self.database, row))
            for row in reversed(self.database.jobs.values())
            if before is None or row.job.id < before
        )
        wanted = (found for row, found in lines if is_wanted(row, found, only))
        return list(islice(wanted, limit))

    async def trades(
        self,
        *,
        limit: int,
        bot: str | None = None,
        account: str | None = None,
        before: int | None = None,
    ) -> Sequence[TradeRow]:
        """Return the newest completed trades, oldest of them first."""
        rows = [self._trade(entry) for entry in self.database.trades]
        wanted = [
            row for row in rows if bot in (None, row.bot) and account in (None, row.account)
        ]
        wanted.sort(key=lambda row: (row.trade.closed_at, row.id))
        if before is not None:
            last = next((row for row in rows if row.id == before), None)
            wanted = [
                row for row in wanted if last is not None and _closed(row) < _closed(last)
            ]
        return wanted[max(len(wanted) - limit, 0) :]

    async def orders(
        self,
        *,
        limit: int,
        bot: str | None = None,
        before: OrderId | None = None,
        statuses: tuple[OrderStatus, ...] = (),
    ) -> Sequence[OrderRow]:
        """Return the newest orders; with ``before`` those made before this one."""
        rows = [
            self._order(job, working)
            for job in self.database.jobs.values()
            for working in job.job.orders
        ]
        rows.reverse()
        rows.sort(key=lambda row: row.created_at, reverse=True)
        if before is not None:
            places = [at for at, row in enumerate(rows) if row.order.id == before]
            rows = rows[places[0] + 1 :] if places else []
        wanted = (
            row
            for row in rows
            if bot in (None, row.bot) and (not statuses or row.order.status in statuses)
        )
        return list(islice(wanted, limit))

    async def refused(self, *, limit: int) -> Sequence[RefusedRequest]:
        """Return the newest requests that never became alerts."""
        return list(reversed(self.database.refusals[-limit:]))

    async def accounted(self) -> Accounted:
        """Count what came in against what came of it."""
        return count(self.database, self.at_venue())

    def _reached(self) -> dict[AlertId, list[JobRow]]:
        found: dict[AlertId, list[JobRow]] = {}
        for row in self.database.jobs.values():
            if row.alert is not None:
                found.setdefault(row.alert, []).append(row)
        return found

    def _summary(self, row: AlertRow, jobs: list[JobRow]) -> AlertSummary:
        return AlertSummary(
            id=row.id,
            feed=row.feed,
            received_at=row.received_at,
            signal=row.signal,
            reason=row.reason,
            duplicates=row.duplicates,
            outcomes=tuple(self._outcomes(jobs)),
        )

    def _outcomes(self, jobs: list[JobRow]) -> list[tuple[str, Reason | None]]:
        return [
            (
                self.database.bot(row.job.bot).config.name,
                row.job.decisions[-1].reason if row.job.decisions else None,
            )
            for row in jobs
        ]

    def _position(self, name: str) -> PositionRow:
        bot = self.database.bots[name]
        mark = self.database.marks.get(bot.key)
        missing = self.database.missing_stops.get(bot.id)
        return PositionRow(
            bot=name,
            account=self.database.account(bot.account).config.name,
            symbol=bot.symbol,
            quote=self.database.market(bot.key).quote,
            position=bot.state.position,
            mark=mark.price if mark else None,
            marked_at=mark.at if mark else None,
            resting_stop=resting_stop(self.database, bot.id),
            unprotected_since=missing.since if missing else None,
            unprotected_why=missing.why if missing else None,
        )

    def _trade(self, entry: TradeEntry) -> TradeRow:
        return TradeRow(
            id=entry.id,
            bot=self.database.bot(entry.closed.bot).config.name,
            account=self.database.account(entry.key.account).config.name,
            symbol=entry.key.symbol,
            quote=self.database.market(entry.key).quote,
            alert=entry.alert,
            trade=entry.closed.trade,
        )

    def _order(self, row: JobRow, working: WorkingOrder) -> OrderRow:
        _, intent = self.database.intent(working.intent)
        return OrderRow(
            bot=self.database.bot(intent.bot).config.name,
            account=self.database.account(row.key.account).config.name,
            alert=row.alert,
            created_at=row.orders_made[working.order.id],
            order=working.order,
        )
