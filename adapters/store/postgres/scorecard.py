"""The promises of a stretch of time, counted from the tables by one statement."""

from adapters.store.postgres.sql import MOMENT, statement

SCORECARD = statement(
    """
    WITH began AS (SELECT coalesce(:since, '-infinity'::timestamptz) AS at),
    came AS (SELECT * FROM alerts WHERE stored_at >= (SELECT at FROM began)),
    work AS (SELECT * FROM jobs WHERE queued_at >= (SELECT at FROM began)),
    meant AS (SELECT * FROM intents WHERE created_at >= (SELECT at FROM began)),
    made AS (SELECT * FROM orders WHERE created_at >= (SELECT at FROM began))
    SELECT
        (SELECT count(*) FROM came WHERE signal IS NOT NULL
            AND reason IS DISTINCT FROM 'id_reused') AS alerts,
        (SELECT count(*) FROM came WHERE signal IS NULL OR reason = 'id_reused')
            + (SELECT coalesce(sum(requests), 0) FROM refused_counts
                WHERE hour >= (SELECT at FROM began))::bigint AS refused,
        (SELECT coalesce(sum(duplicates), 0)::bigint FROM came) AS duplicates,
        (SELECT count(*) FROM decisions JOIN work ON work.id = decisions.job) AS decisions,
        (SELECT count(*) FROM meant) AS intents,
        (SELECT count(*) FROM made WHERE status = 'FILLED') AS filled,
        (SELECT count(*) FROM meant WHERE status = 'DENIED') AS denied,
        (SELECT count(*) FROM made WHERE status = 'REJECTED') AS rejected,
        (SELECT count(*) FROM meant WHERE status = 'DONE' AND EXISTS (
            SELECT FROM orders WHERE orders.intent = meant.id AND generation > 1))
            AS retried,
        (SELECT count(*) FROM meant WHERE status = 'NEEDS_OPERATOR') AS needs_operator,
        (SELECT count(*) FROM came WHERE reason IS NULL)
            + (SELECT count(*) FROM work WHERE status <> 'DONE') AS pending,
        (SELECT count(*) FROM came WHERE reason = 'routed'
            AND NOT EXISTS (SELECT FROM jobs WHERE jobs.alert = came.id))
            + (SELECT count(*) FROM work WHERE status = 'DONE' AND cause = 'SIGNAL'
                AND NOT EXISTS (SELECT FROM decisions WHERE decisions.job = work.id))
            + (SELECT count(*) FROM meant WHERE status IN ('DONE', 'FAILED')
                AND NOT EXISTS (SELECT FROM orders WHERE orders.intent = meant.id))
            + (SELECT count(*) FROM meant JOIN jobs ON jobs.id = meant.job
                WHERE jobs.status = 'DONE' AND meant.status IN ('WAITING', 'WORKING'))
            AS lost,
        (SELECT count(*) FROM (
            SELECT meant.id FROM meant JOIN orders ON orders.intent = meant.id
            GROUP BY meant.id, meant.quantity
            HAVING sum(orders.filled) > meant.quantity) AS over)
            + (SELECT count(*) FROM (
                SELECT FROM work WHERE alert IS NOT NULL
                GROUP BY alert, bot HAVING count(*) > 1) AS twice)
            + (SELECT count(*) FROM (
                SELECT FROM fills WHERE recorded_at >= (SELECT at FROM began)
                GROUP BY account, symbol, trade_id HAVING count(*) > 1) AS again)
            AS doubled
    """,
    since=MOMENT,
)
