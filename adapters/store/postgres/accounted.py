"""The promises, counted from the tables: what came in against what came of it."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from application.ports.views import Accounted
from domain.reasons import Reason

_COUNTS = text("""
    WITH placed AS (
        SELECT "order", sum(quantity) AS quantity FROM paper_fills GROUP BY "order"
    ),
    recorded AS (
        SELECT "order", sum(quantity) AS quantity
        FROM fills JOIN accounts ON accounts.id = fills.account
        WHERE accounts.mode = 'paper' GROUP BY "order"
    )
    SELECT
        (SELECT count(*) FROM alerts WHERE signal IS NOT NULL AND reason IS DISTINCT FROM
            'id_reused') AS alerts,
        (SELECT count(*) FROM alerts WHERE signal IS NULL OR reason = 'id_reused')
            + (SELECT coalesce(sum(requests), 0) FROM refused_counts) AS refused,
        (SELECT coalesce(sum(duplicates), 0) FROM alerts) AS duplicates,
        (SELECT count(*) FROM decisions) AS decisions,
        (SELECT count(*) FROM intents) AS intents,
        (SELECT count(*) FROM orders) AS orders,
        (SELECT count(*) FROM orders WHERE status = 'FILLED') AS filled,
        (SELECT count(*) FROM intents WHERE status = 'DENIED') AS denied,
        (SELECT count(*) FROM orders WHERE status = 'REJECTED') AS rejected,
        (SELECT count(*) FROM intents WHERE status = 'NEEDS_OPERATOR') AS needs_operator,
        (SELECT count(*) FROM alerts WHERE reason IS NULL)
            + (SELECT count(*) FROM jobs WHERE status <> 'DONE') AS pending,
        (SELECT count(*) FROM alerts WHERE reason = 'routed'
            AND NOT EXISTS (SELECT FROM jobs WHERE jobs.alert = alerts.id))
            + (SELECT count(*) FROM jobs WHERE status = 'DONE' AND cause = 'SIGNAL'
                AND NOT EXISTS (SELECT FROM decisions WHERE decisions.job = jobs.id))
            + (SELECT count(*) FROM intents WHERE status IN ('DONE', 'FAILED')
                AND NOT EXISTS (SELECT FROM orders WHERE orders.intent = intents.id))
            + (SELECT count(*) FROM intents JOIN jobs ON jobs.id = intents.job
                WHERE jobs.status = 'DONE' AND intents.status IN ('WAITING', 'WORKING'))
            AS lost,
        (SELECT count(*) FROM (
            SELECT intents.id FROM intents JOIN orders ON orders.intent = intents.id
            GROUP BY intents.id HAVING sum(orders.filled) > min(intents.quantity)) AS over)
            + (SELECT count(*) FROM (
                SELECT FROM jobs WHERE alert IS NOT NULL
                GROUP BY alert, bot HAVING count(*) > 1) AS twice)
            + (SELECT count(*) FROM (
                SELECT FROM fills
                GROUP BY account, symbol, trade_id HAVING count(*) > 1) AS again)
            AS doubled,
        (SELECT count(*) FROM placed FULL JOIN recorded USING ("order")
            WHERE placed.quantity IS DISTINCT FROM recorded.quantity) AS unmatched,
        (SELECT count(*) FROM placed) AS placed,
        (SELECT count(*) FROM recorded) AS recorded
""")

_REASONS = text("""
    SELECT reason, count(*) FROM (
        SELECT DISTINCT ON (job) reason FROM decisions ORDER BY job, step DESC) AS newest
    GROUP BY reason
    UNION ALL
    SELECT reason, count(*) FROM alerts
    WHERE reason IS NOT NULL AND reason <> 'routed' GROUP BY reason
""")


async def count(connection: AsyncConnection) -> Accounted:
    """Count everything, each number by a query of its own."""
    numbers = (await connection.execute(_COUNTS)).mappings().one()
    reasons: dict[Reason, int] = {}
    for reason, times in await connection.execute(_REASONS):
        known = Reason(reason)
        reasons[known] = reasons.get(known, 0) + times
    counted = {name: int(value) for name, value in numbers.items()}
    return Accounted(**counted, decisions_by_reason=reasons)
