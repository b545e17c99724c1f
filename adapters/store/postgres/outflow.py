"""Orders that left and intents that called for them, counted by one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.postgres.engine import single_statement, transaction
from adapters.store.postgres.sql import SECONDS, WORD, many, statement
from adapters.store.postgres.states import find_target, set_state
from adapters.store.shared import braked
from application.ports.configuration import Scope
from application.ports.outflow import OVERDUE, AccountOutflow
from domain.outflow import NEVER_LEFT, WITH_THE_VENUE, Outflow
from domain.reasons import Finding
from domain.risk import TradingState

_COUNTED = statement(
    """
    WITH asked AS (
        SELECT clock_timestamp() - make_interval(secs => :span) AS since,
               clock_timestamp() - make_interval(secs => :overdue) AS long_ago
    ),
    watched AS (
        SELECT accounts.id, accounts.name, accounts.mode,
               greatest(asked.since, resumed.at) AS since
        FROM asked, accounts
        LEFT JOIN trading_states AS resumed
            ON scope = 'account' AND target = accounts.id AND state = 0
        WHERE archived_at IS NULL
    ),
    recent AS (
        SELECT DISTINCT orders.intent, orders.account FROM orders
        JOIN watched ON watched.id = orders.account
        WHERE orders.created_at >= (SELECT since FROM asked)
          AND orders.created_at >= watched.since
    ),
    sent AS (
        SELECT recent.account, intents.job, intents.bot, intents.number > 0 AS enters,
               count(*) AS orders,
               count(*) FILTER (WHERE orders.status = ANY(:taking)
                   OR (intents.number > 0 AND orders.status = 'FILLED')) AS taking
        FROM recent
        JOIN intents ON intents.id = recent.intent
        JOIN orders ON orders.intent = intents.id AND NOT orders.status = ANY(:unsent)
        GROUP BY recent.account, intents.id, intents.job, intents.bot, intents.number
    ),
    summed AS (
        SELECT account, sum(orders) AS orders, sum(greatest(taking - 1, 0)) AS surplus
        FROM sent GROUP BY account
    ),
    twice AS (
        SELECT account, sum(entries - 1) AS surplus
        FROM (
            SELECT account, count(*) AS entries FROM sent WHERE enters
            GROUP BY account, job, bot HAVING count(*) > 1
        ) AS jobs
        GROUP BY account
    )
    SELECT watched.name AS account,
           coalesce(summed.orders, 0)::bigint AS left,
           (coalesce(summed.surplus, 0) + coalesce(twice.surplus, 0))::bigint AS surplus,
           CASE WHEN watched.mode = 'paper' THEN (
               SELECT count(*) FROM paper_orders
               WHERE paper_orders.account = watched.id AND paper_orders.at >= watched.since
                 AND NOT EXISTS (SELECT FROM orders WHERE orders.id = paper_orders.id)
                 AND NOT EXISTS (
                     SELECT FROM protections WHERE protections.id = paper_orders.id)
           ) END AS strange,
           CASE WHEN EXISTS (
               SELECT FROM heartbeats WHERE role = 'worker'
                 AND at > clock_timestamp() - interval '10 s'
                 AND started_at < (SELECT long_ago FROM asked)
           ) THEN (
               SELECT count(*) FROM jobs
               JOIN intents ON intents.job = jobs.id AND intents.status = 'WORKING'
               WHERE jobs.account = watched.id AND jobs.status <> 'DONE'
                 AND created_at BETWEEN watched.since AND (SELECT long_ago FROM asked)
                 AND NOT EXISTS (SELECT FROM orders WHERE orders.intent = intents.id
                                   AND orders.status <> 'PLANNED')
           ) ELSE 0 END AS overdue
    FROM watched
    LEFT JOIN summed ON summed.account = watched.id
    LEFT JOIN twice ON twice.account = watched.id
    ORDER BY watched.name
    """,
    span=SECONDS,
    overdue=SECONDS,
    taking=many(WORD),
    unsent=many(WORD),
)


@dataclass(frozen=True, slots=True)
class PostgresOutflows:
    """Counts what left in PostgreSQL, and in the paper venue's own books."""

    engine: AsyncEngine

    async def counted(self, span: timedelta) -> Sequence[AccountOutflow]:
        """Return what left in the last ``span``, account by account."""
        asked = {
            "span": span.total_seconds(),
            "overdue": OVERDUE.total_seconds(),
            "taking": [one.value for one in WITH_THE_VENUE],
            "unsent": [one.value for one in NEVER_LEFT],
        }
        async with single_statement(self.engine) as connection:
            found = (await connection.execute(_COUNTED, asked)).mappings().all()
        return [
            AccountOutflow(
                account=row["account"],
                counted=Outflow(
                    called_for=row["left"] - row["surplus"],
                    left=row["left"],
                    strange=row["strange"],
                    overdue=row["overdue"],
                ),
            )
            for row in found
        ]

    async def brake(self, account: str, finding: Finding) -> bool:
        """Let the account only reduce, and tell people."""
        by, reducing = braked(finding), TradingState.REDUCING
        async with transaction(self.engine) as connection:
            target = await find_target(connection, Scope.ACCOUNT, account)
            if target is None:
                return False
            return await set_state(connection, target, reducing, by, stricter=True)
