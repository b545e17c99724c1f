"""Both books held against each other, row by row: the venue's and ours."""

from decimal import Decimal

import asyncpg

from tests.venue.books import Customer

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

FILLED_TWICE = """
    SELECT intent, leg FROM orders WHERE filled > 0 GROUP BY intent, leg HAVING count(*) > 1
"""

OUR_EXECUTIONS = """
    SELECT orders.venue_order_id, sum(fills.quantity), sum(fills.quantity * fills.price),
           sum(fills.fee)
    FROM orders JOIN fills ON fills."order" = orders.id GROUP BY orders.id
"""

OUR_POSITION = """
    SELECT coalesce(sum(CASE side WHEN 'SHORT' THEN -quantity ELSE quantity END), 0)
    FROM positions
"""

OPEN_STATES = """
    SELECT id, status FROM orders
    WHERE status IN ('PLANNED', 'SUBMITTING', 'UNKNOWN', 'NEEDS_OPERATOR')
"""


REASONS = "SELECT job, reason FROM decisions ORDER BY job, step"


async def reasons(connection: "asyncpg.Connection[asyncpg.Record]") -> str:
    """Return what was decided of every job, a line each, for whoever reads a failure."""
    return "\n".join(" ".join(map(str, row)) for row in await connection.fetch(REASONS))


async def disagreements(
    connection: "asyncpg.Connection[asyncpg.Record]", acknowledged: list[int]
) -> dict[str, list[asyncpg.Record]]:
    """Return what is wrong, by what it is; empty when every promise was kept."""
    paper = {
        "executed twice": EXECUTED_TWICE,
        "executed otherwise than recorded": DIFFERING,
        "held otherwise than recorded": HELD_OTHERWISE,
    }
    found = {what: list(await connection.fetch(one)) for what, one in paper.items()}
    return await broken_promises(connection, acknowledged) | {
        what: rows for what, rows in found.items() if rows
    }


async def broken_promises(
    connection: "asyncpg.Connection[asyncpg.Record]", acknowledged: list[int]
) -> dict[str, list[asyncpg.Record]]:
    """Return what our own book shows to be wrong, whatever the venue is."""
    questions = {
        "acknowledged, and not there": (MISSING, [acknowledged]),
        "acknowledged, without an outcome": (WITHOUT_OUTCOME, [acknowledged]),
        "more than one order of an intent and leg has filled": (FILLED_TWICE, []),
        "left open": (OPEN_STATES, []),
    }
    found = {
        what: list(await connection.fetch(question, *values))
        for what, (question, values) in questions.items()
    }
    return {what: rows for what, rows in found.items() if rows}


Executed = dict[str, tuple[Decimal, Decimal, Decimal]]
"""Quantity, cost and fee by the venue's id of an order."""


async def our_executions(connection: "asyncpg.Connection[asyncpg.Record]") -> Executed:
    """Return what we have recorded of every order that has filled."""
    return {row[0]: tuple(row)[1:] for row in await connection.fetch(OUR_EXECUTIONS)}


def executions_of(customer: Customer) -> Executed:
    """Return what the venue has executed of every order that it took."""
    return {
        str(one.id): (one.filled, one.worth, sum((t.fee for t in one.trades), Decimal(0)))
        for one in customer.orders
    }


async def our_position(connection: "asyncpg.Connection[asyncpg.Record]") -> Decimal:
    """Return what all our bots hold together, short as negative."""
    held: Decimal = await connection.fetchval(OUR_POSITION)
    return held
