"""Counts and sums for pages, each by one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, TextClause
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.postgres.engine import single_statement
from adapters.store.postgres.scorecard import SCORECARD
from adapters.store.postgres.sql import COUNT, MOMENT, WORD, statement
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
from domain.money import ZERO, add

_DAY = statement(
    """
    WITH new AS (SELECT id, reason FROM alerts WHERE stored_at >= :since),
    work AS (
        SELECT jobs.id, jobs.status FROM jobs JOIN new ON new.id = jobs.alert
    ),
    made AS (
        SELECT work.id, bool_or(orders.filled > 0) AS filled,
            bool_or(orders.status IN
                ('REJECTED', 'UNKNOWN', 'NOT_PLACED', 'NEEDS_OPERATOR')) AS trouble
        FROM work JOIN orders ON orders.job = work.id GROUP BY work.id
    )
    SELECT
        (SELECT count(*) FROM new) AS alerts,
        (SELECT count(*) FROM new WHERE reason <> 'routed') AS nowhere,
        (SELECT count(*) FROM made WHERE filled) AS traded,
        (SELECT count(*) FROM made WHERE trouble) AS trouble,
        (SELECT count(*) FROM work WHERE status = 'DONE'
            AND NOT EXISTS (SELECT FROM made WHERE made.id = work.id)) AS skipped,
        (SELECT count(*) FROM work WHERE status <> 'DONE')
            + (SELECT count(*) FROM new WHERE reason IS NULL) AS waiting
    """,
    since=MOMENT,
)
_CLOSED = """
    FROM trades
    JOIN accounts ON accounts.id = trades.account
    JOIN instruments ON instruments.exchange = accounts.exchange
        AND instruments.symbol = trades.symbol
    WHERE trades.closed_at >= coalesce(:since, '-infinity')
"""
_EARNED = statement(
    """
    SELECT instruments.quote AS currency, count(*) AS trades,
        count(*) FILTER (WHERE pnl > 0) AS won, sum(pnl) AS pnl,
        coalesce(sum(pnl) FILTER (WHERE pnl > 0), 0) AS profit,
        -coalesce(sum(pnl) FILTER (WHERE pnl < 0), 0) AS loss, sum(fees) AS fees
    """,
    _CLOSED,
    "GROUP BY instruments.quote ORDER BY count(*) DESC, instruments.quote",
    since=MOMENT,
)
_CURVE = statement(
    "WITH closed AS (SELECT closed_at, pnl",
    _CLOSED,
    """
        AND instruments.quote = :currency
    ),
    span AS (
        SELECT min(closed_at) AS first,
            greatest(extract(epoch FROM max(closed_at) - min(closed_at)) / :points, 1)
                AS seconds
        FROM closed
    )
    SELECT max(closed_at) AS at, sum(pnl) AS pnl FROM closed, span
    GROUP BY floor(extract(epoch FROM closed_at - span.first) / span.seconds)
    ORDER BY 1
    """,
    since=MOMENT,
    currency=WORD,
    points=COUNT,
)
_ACTIVITY = statement(
    """
    SELECT bots.name AS bot, count(trades.id) AS trades,
        count(*) FILTER (WHERE trades.pnl > 0) AS won,
        coalesce(sum(trades.pnl), 0) AS pnl, newest.alert AS last_alert,
        alerts.received_at AS last_alert_at
    FROM bots
    LEFT JOIN trades ON trades.bot = bots.id
    LEFT JOIN LATERAL (
        SELECT alert FROM jobs WHERE jobs.bot = bots.id AND alert IS NOT NULL
        ORDER BY alert DESC LIMIT 1
    ) AS newest ON true
    LEFT JOIN alerts ON alerts.id = newest.alert
    GROUP BY bots.id, bots.name, newest.alert, alerts.received_at
    ORDER BY bots.name
    """
)
_REACH = statement(
    """
    WITH covered AS (
        SELECT bots.id, bots.account, accounts.mode
        FROM bots JOIN accounts ON accounts.id = bots.account
        WHERE (:scope = 'global' OR (:scope = 'account' AND accounts.name = :name)
            OR (:scope = 'bot' AND bots.name = :name))
          AND (bots.archived_at IS NULL
            OR EXISTS (SELECT FROM positions WHERE bot = bots.id AND quantity > 0))
    )
    SELECT
        (SELECT count(*) FROM covered) AS bots,
        (SELECT count(DISTINCT account) FROM covered) AS accounts,
        (SELECT count(DISTINCT account) FROM covered WHERE mode = 'live') AS live_accounts,
        (SELECT count(*) FROM orders WHERE bot IN (SELECT id FROM covered)
            AND status IN ('PLANNED', 'SUBMITTING', 'OPEN', 'PARTIALLY_FILLED', 'UNKNOWN',
                'NEEDS_OPERATOR')) AS working_orders,
        (SELECT count(*) FROM positions WHERE quantity > 0
            AND bot IN (SELECT id FROM covered)) AS open_positions,
        (SELECT count(*) FROM jobs WHERE status = 'QUEUED'
            AND bot IN (SELECT id FROM covered)) AS waiting_jobs
    """,
    scope=WORD,
    name=WORD,
)
_LOAD = statement(
    """
    SELECT clock_timestamp() AS now, version() AS store,
        (SELECT count(*) FROM alerts WHERE reason IS NULL) AS unrouted,
        (SELECT count(*) FROM jobs WHERE status <> 'DONE') AS unfinished,
        least(
            (SELECT min(stored_at) FROM alerts WHERE reason IS NULL),
            (SELECT min(queued_at) FROM jobs WHERE status <> 'DONE')
        ) AS oldest_waiting_at,
        (SELECT coalesce(sum(requests), 0)::bigint FROM refused_counts
         WHERE hour >= clock_timestamp() - interval '1 day') AS refused_last_day
    """
)
_LATENCY = statement(
    """
    SELECT count(*) AS alerts,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY took) AS median,
        percentile_cont(0.95) WITHIN GROUP (ORDER BY took) AS p95
    FROM (
        SELECT extract(epoch FROM jobs.finished_at - alerts.received_at)::float AS took
        FROM jobs JOIN alerts ON alerts.id = jobs.alert
        WHERE jobs.status = 'DONE' ORDER BY jobs.id DESC LIMIT 1000
    ) AS newest
    """
)
_PROCESSES = statement(
    "SELECT process AS name, role, started_at, at FROM heartbeats ORDER BY role, process"
)


@dataclass(frozen=True, slots=True)
class PostgresOverviews:
    """Counts and sums from PostgreSQL."""

    engine: AsyncEngine

    async def day(self, since: datetime) -> Day:
        """Return what became of the alerts stored since a moment."""
        return Day(**(await self._rows(_DAY, since=since))[0])

    async def earned(self, since: datetime | None) -> Sequence[Earned]:
        """Return what was earned, by currency, the one with most trades first."""
        return [Earned(**row) for row in await self._rows(_EARNED, since=since)]

    async def curve(
        self, currency: str, since: datetime | None, points: int
    ) -> Sequence[CurvePoint]:
        """Return what was earned as a curve of at most about so many points."""
        given = {"currency": currency, "since": since, "points": points}
        total, found = ZERO, []
        for row in await self._rows(_CURVE, **given):
            total = add(total, row["pnl"])
            found.append(CurvePoint(row["at"], total))
        return found

    async def activity(self) -> Sequence[Activity]:
        """Return what each bot did, by name."""
        return [Activity(**row) for row in await self._rows(_ACTIVITY)]

    async def reach(self, scope: Scope, name: str) -> Reach:
        """Return what a state of this scope would cover now."""
        return Reach(**(await self._rows(_REACH, scope=scope.value, name=name))[0])

    async def load(self) -> Load:
        """Return what waits and who works."""
        now = (await self._rows(_LOAD))[0]
        took = (await self._rows(_LATENCY))[0]
        lives = await self._rows(_PROCESSES)
        known: Mapping[str, Any] = {**now, "store": " ".join(now["store"].split()[:2])}
        return Load(
            **known,
            latency=_latency(took),
            processes=[Process(**row) for row in lives],
        )

    async def scorecard(self, since: datetime | None) -> Scorecard:
        """Count the promises over what was kept since a moment."""
        return Scorecard(**(await self._rows(SCORECARD, since=since))[0])

    async def _rows(self, wanted: TextClause, **values: object) -> Sequence[RowMapping]:
        async with single_statement(self.engine) as connection:
            found: Sequence[RowMapping] = (
                (await connection.execute(wanted, values)).mappings().all()
            )
            return found


def _latency(row: RowMapping) -> Latency | None:
    if not row["alerts"]:
        return None
    return Latency(
        row["alerts"], timedelta(seconds=row["median"]), timedelta(seconds=row["p95"])
    )
