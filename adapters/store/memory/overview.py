"""Counts and sums for pages, from memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from adapters.store.memory.accounted import count
from adapters.store.memory.database import MemoryDatabase
from adapters.store.memory.rows import BotRow, JobRow, TradeEntry
from application.ports.configuration import Scope
from application.ports.overview import (
    Activity,
    CurvePoint,
    Day,
    Earned,
    Latency,
    Load,
    Process,
    Reach,
    Scorecard,
)
from application.records import IntentStatus, JobStatus
from domain.money import ZERO, add, total
from domain.order import OrderStatus
from domain.reasons import Reason

_TROUBLE = (
    OrderStatus.REJECTED,
    OrderStatus.UNKNOWN,
    OrderStatus.NOT_PLACED,
    OrderStatus.NEEDS_OPERATOR,
)
_NEWEST = 1_000


@dataclass(frozen=True, slots=True)
class MemoryOverviews:
    """Counts and sums from memory; a scorecard is of everything that is kept."""

    database: MemoryDatabase

    async def day(self, since: datetime) -> Day:
        """Return what became of the alerts stored since a moment."""
        new = [row for row in self.database.alerts.values() if row.stored_at >= since]
        ids = {row.id for row in new}
        work = [row for row in self.database.jobs.values() if row.alert in ids]
        over = [row for row in work if row.job.status is JobStatus.DONE]
        return Day(
            alerts=len(new),
            nowhere=sum(row.reason not in (None, Reason.ROUTED) for row in new),
            traded=sum(_any(row, lambda order: bool(order.filled)) for row in work),
            skipped=sum(not row.job.orders for row in over),
            trouble=sum(_any(row, lambda order: order.status in _TROUBLE) for row in work),
            waiting=len(work) - len(over) + sum(row.reason is None for row in new),
        )

    async def earned(self, since: datetime | None) -> Sequence[Earned]:
        """Return what was earned, by currency, the one with most trades first."""
        found: dict[str, list[TradeEntry]] = {}
        for one in self._closed(since):
            found.setdefault(self._currency(one), []).append(one)
        sums = [_earned(currency, closed) for currency, closed in found.items()]
        return sorted(sums, key=lambda one: (-one.trades, one.currency))

    async def curve(
        self, currency: str, since: datetime | None, points: int
    ) -> Sequence[CurvePoint]:
        """Return what was earned as a curve of at most about so many points."""
        closed = [one for one in self._closed(since) if self._currency(one) == currency]
        trades = sorted(
            (one.closed.trade.closed_at, one.closed.trade.pnl) for one in closed
        )
        if not trades:
            return []
        first, last = trades[0][0], trades[-1][0]
        width = max((last - first) / points, timedelta(seconds=1))
        buckets: dict[int, CurvePoint] = {}
        earned = ZERO
        for at, pnl in trades:
            earned = add(earned, pnl)
            buckets[int((at - first) / width)] = CurvePoint(at, earned)
        return list(buckets.values())

    async def activity(self) -> Sequence[Activity]:
        """Return what each bot did, by name."""
        return [
            self._activity(name, row) for name, row in sorted(self.database.bots.items())
        ]

    async def reach(self, scope: Scope, name: str) -> Reach:
        """Return what a state of this scope would cover now."""
        kept = self.database
        covered = {
            row.id: row for row in kept.bots.values() if self._is_in(scope, name, row)
        }
        accounts = {row.account for row in covered.values()}
        jobs = [row.job for row in kept.jobs.values() if row.job.bot in covered]
        return Reach(
            bots=len(covered),
            accounts=len(accounts),
            live_accounts=sum(kept.account(id).config.mode == "live" for id in accounts),
            working_orders=sum(
                not one.order.status.is_over
                or one.order.status is OrderStatus.NEEDS_OPERATOR
                for job in jobs
                for one in job.orders
            ),
            open_positions=sum(bool(row.state.position.lots) for row in covered.values()),
            waiting_jobs=sum(job.status is JobStatus.QUEUED for job in jobs),
        )

    async def load(self) -> Load:
        """Return what waits and who works."""
        kept = self.database
        waiting = [row.stored_at for row in kept.alerts.values() if row.reason is None]
        unfinished = [
            row.queued_at
            for row in kept.jobs.values()
            if row.job.status is not JobStatus.DONE
        ]
        return Load(
            now=kept.clock.now(),
            unrouted=len(waiting),
            unfinished=len(unfinished),
            oldest_waiting_at=min((*waiting, *unfinished), default=None),
            processes=[
                Process(name, role, at, at) for name, (role, at) in kept.beats.items()
            ],
            latency=self._latency(),
            refused_last_day=kept.refused.total(),
            store="memory",
        )

    async def scorecard(self, since: datetime | None) -> Scorecard:  # noqa: ARG002
        """Count the promises over everything: memory lives no longer than a test."""
        kept = count(self.database, {})
        jobs = [row.job for row in self.database.jobs.values()]
        again = {
            one.intent for job in jobs for one in job.orders if one.order.generation > 1
        }
        done = (IntentStatus.DONE,)
        return Scorecard(
            alerts=kept.alerts,
            refused=kept.refused,
            duplicates=kept.duplicates,
            decisions=kept.decisions,
            intents=kept.intents,
            filled=kept.filled,
            denied=kept.denied,
            rejected=kept.rejected,
            retried=sum(
                one.id in again and one.status in done
                for job in jobs
                for one in job.intents
            ),
            needs_operator=kept.needs_operator,
            pending=kept.pending,
            lost=kept.lost,
            doubled=kept.doubled,
        )

    def _closed(self, since: datetime | None) -> list[TradeEntry]:
        return [
            one
            for one in self.database.trades
            if since is None or one.closed.trade.closed_at >= since
        ]

    def _currency(self, entry: TradeEntry) -> str:
        return self.database.market(entry.key).quote

    def _activity(self, name: str, bot: BotRow) -> Activity:
        own = [one.closed.trade for one in self.database.trades if one.closed.bot == bot.id]
        jobs = [row for row in self.database.jobs.values() if row.job.bot == bot.id]
        last = max((row.alert for row in jobs if row.alert is not None), default=None)
        return Activity(
            bot=name,
            trades=len(own),
            won=sum(one.pnl > ZERO for one in own),
            pnl=total([one.pnl for one in own]),
            last_alert=last,
            last_alert_at=None if last is None else self.database.alerts[last].received_at,
        )

    def _is_in(self, scope: Scope, name: str, row: BotRow) -> bool:
        if row.archived and not row.state.position.lots:
            return False
        if scope is Scope.ACCOUNT:
            return self.database.account(row.account).config.name == name
        return scope is Scope.GLOBAL or row.config.name == name

    def _latency(self) -> Latency | None:
        rows = [row for row in self.database.jobs.values() if row.finished_at is not None]
        took = sorted(
            row.finished_at - self.database.alerts[row.alert].received_at
            for row in rows[-_NEWEST:]
            if row.alert is not None and row.finished_at is not None
        )
        if not took:
            return None
        return Latency(len(took), took[len(took) // 2], took[len(took) * 95 // 100])


def _any(row: JobRow, fits: Callable[..., bool]) -> bool:
    return any(fits(one.order) for one in row.job.orders)


def _earned(currency: str, closed: Sequence[TradeEntry]) -> Earned:
    results = [one.closed.trade.pnl for one in closed]
    losses: Decimal = total([one for one in results if one < ZERO])
    return Earned(
        currency=currency,
        trades=len(results),
        won=sum(one > ZERO for one in results),
        pnl=total(results),
        profit=total([one for one in results if one > ZERO]),
        loss=losses.copy_abs(),
        fees=total([one.closed.trade.fees for one in closed]),
    )
