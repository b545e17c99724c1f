"""What all processes share of a venue's patience: one row a venue in PostgreSQL.

The table is not logged: nobody waits for a disk, and a crash of the server forgets only how
much was used.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.postgres.driver import Prepared, driver_connection
from adapters.store.postgres.engine import single_statement
from adapters.store.postgres.sql import AMOUNT, COUNT, NUMBER, SECONDS, WORD, statement
from adapters.store.shared import LEFT_FOR_OTHERS
from application.ports.venue_budget import Allowance, Urgency
from application.records import AccountId

_NONCES = 7_340_032
"""The first key of the advisory locks that hold accounts; the account is the second."""
_TAKE = Prepared(
    statement(
        """
    WITH known AS (
        SELECT banned_until, rests_until,
               least(:units, units + :rate * extract(epoch FROM
                   clock_timestamp() - filled_at)::numeric) AS units
        FROM venue_budgets WHERE venue = :venue FOR UPDATE
    ), verdict AS (
        SELECT units, CASE
            WHEN banned_until > clock_timestamp()
                THEN extract(epoch FROM banned_until - clock_timestamp())::numeric
            WHEN rests_until > clock_timestamp() AND :urgency > 0
                THEN extract(epoch FROM rests_until - clock_timestamp())::numeric
            WHEN units - :cost >= :left THEN 0
            ELSE greatest((:left + :cost - units) / :rate, 0.001)
        END AS wait
        FROM known
    )
    UPDATE venue_budgets SET
        units = verdict.units - CASE WHEN verdict.wait = 0 THEN :cost ELSE 0 END,
        filled_at = clock_timestamp()
    FROM verdict WHERE venue_budgets.venue = :venue
    RETURNING verdict.wait
    """,
        venue=WORD,
        units=AMOUNT,
        rate=AMOUNT,
        cost=AMOUNT,
        left=AMOUNT,
        urgency=NUMBER,
    )
)
_BEGIN = Prepared(
    statement(
        """
    INSERT INTO venue_budgets (venue, units) VALUES (:venue, :units)
    ON CONFLICT (venue) DO NOTHING
    """,
        venue=WORD,
        units=AMOUNT,
    )
)


def _until(column: str) -> str:
    return f"""
        INSERT INTO venue_budgets (venue, units, {column})
        VALUES (:venue, 0, clock_timestamp() + make_interval(secs => :seconds))
        ON CONFLICT (venue) DO UPDATE
        SET {column} = greatest(venue_budgets.{column}, excluded.{column})
        """  # noqa: S608 - one of two names


_BAN = statement(_until("banned_until"), venue=WORD, seconds=SECONDS)
_REST = statement(_until("rests_until"), venue=WORD, seconds=SECONDS)
_HOLD = statement("SELECT pg_advisory_lock(:nonces, :account)", nonces=COUNT, account=COUNT)
_LET_GO = statement(
    "SELECT pg_advisory_unlock(:nonces, :account)", nonces=COUNT, account=COUNT
)


@dataclass(frozen=True, slots=True)
class PostgresVenueBudget:
    """The venues' budgets of an installation."""

    engine: AsyncEngine

    async def take(
        self, venue: str, cost: Decimal, urgency: Urgency, allowance: Allowance
    ) -> timedelta:
        """Take what a request costs, or say how long to wait."""
        values = {
            "venue": venue,
            "cost": min(cost, allowance.units / 2),
            "urgency": int(urgency),
            "units": allowance.units,
            "rate": allowance.per_second,
            "left": allowance.units * LEFT_FOR_OTHERS[urgency],
        }
        async with driver_connection(self.engine) as driver:
            found = await _TAKE(driver, values)
            if not found:
                await _BEGIN(driver, {"venue": venue, "units": allowance.units})
                found = await _TAKE(driver, values)
        return timedelta(seconds=float(found[0]["wait"]))

    async def ban(self, venue: str, pause: timedelta) -> None:
        """Let nobody ask the venue for so long."""
        await self._until(_BAN, venue, pause)

    async def rest(self, venue: str, pause: timedelta) -> None:
        """Let only exits through for so long."""
        await self._until(_REST, venue, pause)

    @asynccontextmanager
    async def turn(self, account: AccountId) -> AsyncIterator[None]:
        """Hold an account's keys, on a connection of its own."""
        place = {"nonces": _NONCES, "account": account}
        async with single_statement(self.engine) as connection:
            await connection.execute(_HOLD, place)
            try:
                yield
            finally:
                await connection.execute(_LET_GO, place)

    async def _until(self, query: object, venue: str, pause: timedelta) -> None:
        values = {"venue": venue, "seconds": pause.total_seconds()}
        async with single_statement(self.engine) as connection:
            await connection.execute(query, values)  # type: ignore[call-overload]
