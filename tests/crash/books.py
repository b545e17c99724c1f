"""Both books held against each other, row by row: the paper venue's and ours."""

import asyncpg

EXECUTED_TWICE = """
    SELECT intents.id, intents.quantity, sum(paper_fills.quantity) AS executed
    FROM paper_fills
    JOIN orders ON orders.id = paper_fills."order"
    JOIN intents ON intents.id = orders.intent
    GROUP BY intents.id HAVING sum(paper_fills.quantity) > intents.quantity
"""
"""Intents of which the venue has executed more than they asked for."""

DIFFERING = """
    WITH venue AS (
        SELECT "order", sum(quantity) AS quantity, sum(quantity * price) AS cost,
               sum(fee) AS fee
        FROM paper_fills GROUP BY "order"
    ),
    ours AS (
        SELECT "order", sum(quantity) AS quantity, sum(quantity * price) AS cost,
               sum(fee) AS fee
        FROM fills GROUP BY "order"
    )
    SELECT "order" FROM venue FULL JOIN ours USING ("order")
    WHERE (venue.quantity, venue.cost, venue.fee)
        IS DISTINCT FROM (ours.quantity, ours.cost, ours.fee)
"""
"""Orders that the two books have executed for another quantity, price or fee."""

HELD_OTHERWISE = """
    WITH ours AS (
        SELECT account, symbol,
               sum(CASE side WHEN 'SHORT' THEN -quantity ELSE quantity END) AS quantity
        FROM positions GROUP BY account, symbol
    )
    SELECT account, symbol, venue.quantity, ours.quantity
    FROM paper_holdings AS venue FULL JOIN ours USING (account, symbol)
    WHERE coalesce(venue.quantity, 0) <> coalesce(ours.quantity, 0)
"""
"""Symbols of which the venue holds another quantity than our positions add up to."""

WITHOUT_OUTCOME = """
    SELECT alerts.id FROM alerts LEFT JOIN jobs ON jobs.alert = alerts.id
    WHERE alerts.id = ANY($1::bigint[])
    GROUP BY alerts.id
    HAVING alerts.reason IS NULL
        OR (alerts.reason = 'routed' AND count(jobs.id) = 0)
        OR bool_or(jobs.status <> 'DONE')
        OR bool_or(jobs.id IS NOT NULL AND NOT EXISTS (
            SELECT FROM decisions WHERE decisions.job = jobs.id))
"""
"""Acknowledged alerts that cannot say what became of them."""

MISSING = """
    SELECT id FROM unnest($1::bigint[]) AS id
    WHERE NOT EXISTS (SELECT FROM alerts WHERE alerts.id = id)
"""

OPEN_STATES = """
    SELECT id, status FROM orders
    WHERE status IN ('PLANNED', 'SUBMITTING', 'UNKNOWN', 'NEEDS_OPERATOR')
"""


async def disagreements(
    connection: "asyncpg.Connection[asyncpg.Record]", acknowledged: list[int]
) -> dict[str, list[asyncpg.Record]]:
    """Return what is wrong, by what it is; empty when every promise was kept."""
    questions = {
        "acknowledged, and not there": (MISSING, [acknowledged]),
        "acknowledged, without an outcome": (WITHOUT_OUTCOME, [acknowledged]),
        "executed twice": (EXECUTED_TWICE, []),
        "executed otherwise than recorded": (DIFFERING, []),
        "held otherwise than recorded": (HELD_OTHERWISE, []),
        "left open": (OPEN_STATES, []),
    }
    found = {
        what: list(await connection.fetch(question, *values))
        for what, (question, values) in questions.items()
    }
    return {what: rows for what, rows in found.items() if rows}
