"""What fills come to, hour by hour: kept with them, so that no day is summed up from all.

An hour of UTC begins wherever an account's day may, or within it; what is left of such an
hour is summed up from the fills themselves.
"""

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.store.postgres.sql import statement
from adapters.store.postgres.tables import fills
from adapters.store.postgres.writing import Part, columns_of
from application.ports.audit import KeptTurnover

_BOUGHT = "(side = 'LONG') <> reduces"
SUMS = f"""
    sum(CASE WHEN {_BOUGHT} THEN held ELSE -held END) AS quantity,
    sum(CASE WHEN {_BOUGHT} THEN -held ELSE held END * price) AS cash,
    sum(fee) AS fee,
    sum(CASE WHEN quantity > held THEN (quantity - held) * price
             WHEN charged <> fee THEN charged ELSE 0 END) AS taken
"""
"""What fills come to: signed base quantity, cash without fees, fees, and what fees in other
coins came to."""

_HOURS = f"""
    SELECT account, date_trunc('hour', at, 'UTC') AS hour, symbol, fee_currency, {SUMS}
    FROM {{rows}} GROUP BY account, date_trunc('hour', at, 'UTC'), symbol, fee_currency
"""  # noqa: S608 - texts of ours

KEPT_TURNOVERS = Part(
    name="kept_turnovers",
    sql=f"""
        INSERT INTO turnovers
            (account, hour, symbol, fee_currency, quantity, cash, fee, taken)
        SELECT account, hour, symbol, fee_currency, quantity, cash, fee, taken
        FROM ({_HOURS}) AS moved ORDER BY account, hour, symbol, fee_currency
        ON CONFLICT (account, hour, symbol, fee_currency) DO UPDATE
        SET quantity = turnovers.quantity + excluded.quantity,
            cash = turnovers.cash + excluded.cash,
            fee = turnovers.fee + excluded.fee,
            taken = turnovers.taken + excluded.taken
    """,  # noqa: S608 - texts of ours
    columns=columns_of(
        fills,
        *("account", "symbol", "side", "reduces", "quantity", "price", "fee"),
        *("fee_currency", "held", "charged", "at"),
    ),
)
"""Adds the fills that are given to it to their hours."""

TODAY = f"""
    SELECT account, day, symbol, sum(quantity) AS quantity, sum(cash) AS cash,
           sum(CASE WHEN fee_currency = currency THEN fee ELSE taken END) AS fees
    FROM (
        SELECT asking.account, asking.day, asking.currency, symbol, fee_currency,
               quantity, cash, fee, taken
        FROM asking JOIN turnovers ON turnovers.account = asking.account
                                  AND turnovers.hour >= asking.day
        WHERE asking.daily
        UNION ALL
        SELECT asking.account, asking.day, asking.currency, symbol, fee_currency, {SUMS}
        FROM asking
        JOIN fills ON fills.account = asking.account AND fills.at >= asking.day
                  AND fills.at < date_trunc(
                      'hour', asking.day + interval '1 hour - 1 microsecond', 'UTC')
        WHERE asking.daily
        GROUP BY asking.account, asking.day, asking.currency, symbol, fee_currency
    ) AS parts
    GROUP BY account, day, symbol
"""  # noqa: S608 - texts of ours
"""What each account that is ``asking`` has turned over since its day began."""

_DIFFERING = statement(
    f"""
    SELECT accounts.name, symbol, hour,
           (kept.quantity, kept.cash, kept.fee, kept.taken)::text AS kept,
           (found.quantity, found.cash, found.fee, found.taken)::text AS executed
    FROM turnovers AS kept
    FULL JOIN ({_HOURS.format(rows="fills")}) AS found
        USING (account, hour, symbol, fee_currency)
    JOIN accounts ON accounts.id = account
    WHERE (kept.quantity, kept.cash, kept.fee, kept.taken)
          IS DISTINCT FROM (found.quantity, found.cash, found.fee, found.taken)
    ORDER BY account, hour, symbol, fee_currency
    """  # noqa: S608 - texts of ours
)


async def differing_turnovers(connection: AsyncConnection) -> tuple[KeptTurnover, ...]:
    """Return every hour whose sums are not what its fills come to."""
    found = await connection.execute(_DIFFERING)
    return tuple(KeptTurnover(**row) for row in found.mappings())
