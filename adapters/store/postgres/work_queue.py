"""Who works what, on PostgreSQL: a lease and a fence a key, by the server's clock.

None of it is waited for: with a claim that a crash of the server took back, nothing was
kept, and so nothing was sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.postgres.driver import Prepared, driver_connection
from adapters.store.postgres.engine import single_statement, transaction
from adapters.store.postgres.gathering import Gathering
from adapters.store.postgres.locks import take_routing
from adapters.store.postgres.rows import Row
from adapters.store.postgres.sql import (
    COUNT,
    MOMENT,
    NOT_AWAITED,
    NUMBER,
    SECONDS,
    SWITCH,
    WORD,
    Kind,
    many,
    statement,
)
from application.ports.workbench import LEASE, Claim, ClaimLost
from application.records import AccountId, Key
from domain.instrument import Symbol

TOGETHER = 200
"""How many keys share a statement at most."""

_DUE = statement(
    """
    SELECT jobs.account, jobs.symbol
    FROM jobs JOIN work_keys USING (account, symbol)
    WHERE jobs.status <> 'DONE'
      AND (jobs.due_at IS NULL OR jobs.due_at <= clock_timestamp())
      AND (work_keys.lease_until IS NULL OR work_keys.lease_until <= clock_timestamp())
      AND (work_keys.retry_at IS NULL OR work_keys.retry_at <= clock_timestamp())
      AND (NOT :open_only OR EXISTS (
          SELECT FROM positions
          WHERE positions.account = jobs.account AND positions.symbol = jobs.symbol
            AND positions.quantity > 0
      ))
    GROUP BY jobs.account, jobs.symbol
    ORDER BY min(jobs.id)
    LIMIT :limit
    """,
    limit=COUNT,
    open_only=SWITCH,
)

# Rows are locked in the order of their keys, as every other transaction does. A row that
# somebody else holds is left alone.
_CLAIM = Prepared(
    statement(
        """
        WITH wanted AS (
            SELECT new.account, new.symbol, new.owner
            FROM unnest(:accounts, :symbols, :owners) AS new (account, symbol, owner)
            JOIN accounts ON accounts.id = new.account
            ORDER BY new.account, new.symbol
        )
        INSERT INTO work_keys (account, symbol, owner, fence, lease_until)
        SELECT account, symbol, owner, 1,
               clock_timestamp() + make_interval(secs => :seconds)
        FROM wanted
        ON CONFLICT (account, symbol) DO UPDATE
        SET owner = excluded.owner, fence = work_keys.fence + 1,
            lease_until = clock_timestamp() + make_interval(secs => :seconds),
            retry_at = NULL
        WHERE work_keys.lease_until IS NULL OR work_keys.lease_until <= clock_timestamp()
        RETURNING account, symbol, fence,
        """,
        NOT_AWAITED,
        accounts=many(NUMBER),
        symbols=many(WORD),
        owners=many(WORD),
        seconds=SECONDS,
    )
)

_MINE = """
    mine AS MATERIALIZED (
        SELECT work_keys.account, work_keys.symbol
        FROM unnest(:accounts, :symbols, :owners, :fences)
            AS held (account, symbol, owner, fence)
        JOIN work_keys ON work_keys.account = held.account
                      AND work_keys.symbol = held.symbol
                      AND work_keys.owner = held.owner AND work_keys.fence = held.fence
        ORDER BY work_keys.account, work_keys.symbol
        FOR NO KEY UPDATE OF work_keys
    )
"""
_HELD: dict[str, Kind] = {
    "accounts": many(NUMBER),
    "symbols": many(WORD),
    "owners": many(WORD),
    "fences": many(NUMBER),
}
_RENEW = Prepared(
    statement(
        "WITH",
        _MINE,
        """
        UPDATE work_keys
        SET lease_until = clock_timestamp() + make_interval(secs => :seconds)
        FROM mine
        WHERE work_keys.account = mine.account AND work_keys.symbol = mine.symbol
        RETURNING work_keys.account, work_keys.symbol, work_keys.fence,
        """,
        NOT_AWAITED,
        seconds=SECONDS,
        **_HELD,
    )
)

_RELEASE = Prepared(
    statement(
        "WITH",
        _MINE,
        """
        UPDATE work_keys SET owner = NULL, lease_until = NULL, retry_at = again.retry_at
        FROM mine
        JOIN unnest(:accounts, :symbols, :times) AS again (account, symbol, retry_at)
            ON again.account = mine.account AND again.symbol = mine.symbol
        WHERE work_keys.account = mine.account AND work_keys.symbol = mine.symbol
        RETURNING work_keys.account, work_keys.symbol, work_keys.fence,
            again.retry_at IS NULL AND EXISTS (
                SELECT FROM jobs
                WHERE jobs.account = mine.account AND jobs.symbol = mine.symbol
                  AND status <> 'DONE'
                  AND (due_at IS NULL OR due_at <= clock_timestamp())
            ) AS more,
        """,
        NOT_AWAITED,
        times=many(MOMENT),
        **_HELD,
    )
)

_ANY_TIMER = statement("SELECT 1 FROM timers WHERE due_at <= clock_timestamp() LIMIT 1")

_RING = statement(
    """
    WITH rung AS (
        DELETE FROM timers
        WHERE bot IN (
            SELECT bot FROM timers WHERE due_at <= clock_timestamp()
            ORDER BY due_at, bot LIMIT :limit FOR UPDATE SKIP LOCKED
        )
        RETURNING bot, due_at
    ),
    work AS (
        SELECT bots.id AS bot, account, symbol, rung.due_at
        FROM rung JOIN bots ON bots.id = rung.bot
    ),
    queued AS (
        INSERT INTO jobs (bot, account, symbol, cause, status)
        SELECT bot, account, symbol, 'TIMER', 'QUEUED' FROM work ORDER BY due_at, bot
    ),
    keys AS (
        INSERT INTO work_keys (account, symbol)
        SELECT DISTINCT account, symbol FROM work ORDER BY account, symbol
        ON CONFLICT (account, symbol) DO NOTHING
    )
    SELECT account, symbol FROM work
    GROUP BY account, symbol ORDER BY min(due_at), min(bot)
    """,
    limit=COUNT,
)


class Wanted(NamedTuple):
    """A key that somebody would take."""

    key: Key
    owner: str


class Released(NamedTuple):
    """A claim that is given back."""

    claim: Claim
    retry_at: datetime | None


@dataclass(slots=True)
class PostgresWorkQueue:
    """The queue of record. What waits at the same moment shares a statement."""

    engine: AsyncEngine
    _claims: "Gathering[Wanted, Claim | None]" = field(init=False)
    _renewals: "Gathering[Claim, None]" = field(init=False)
    _releases: "Gathering[Released, bool]" = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nobody waiting."""
        self._claims = Gathering(self._claimed, most=TOGETHER)
        self._renewals = Gathering(self._renewed, most=TOGETHER)
        self._releases = Gathering(self._released, most=TOGETHER)

    async def due(self, limit: int, *, open_only: bool = False) -> Sequence[Key]:
        """Return keys that wait for somebody, the one with the oldest job first."""
        asked = {"limit": limit, "open_only": open_only}
        async with single_statement(self.engine) as connection:
            rows = (await connection.execute(_DUE, asked)).all()
        return [Key(AccountId(row.account), Symbol(row.symbol)) for row in rows]

    async def claim(self, key: Key, owner: str) -> Claim | None:
        """Take the key unless somebody holds it."""
        return await self._claims(Wanted(key, owner))

    async def renew(self, claim: Claim) -> None:
        """Hold the key on."""
        await self._renewals(claim)

    async def release(self, claim: Claim, retry_at: datetime | None) -> bool:
        """Give the key back, if it is still held."""
        return await self._releases(Released(claim, retry_at))

    async def ring_timers(self, limit: int) -> Sequence[Key]:
        """Turn timers that are due into jobs."""
        async with single_statement(self.engine) as connection:
            if (await connection.execute(_ANY_TIMER)).first() is None:
                return ()
        async with transaction(self.engine) as connection:
            # Jobs are numbered in the order in which they become visible.
            await take_routing(connection)
            rows = await connection.execute(_RING, {"limit": limit})
            return [Key(AccountId(row.account), Symbol(row.symbol)) for row in rows]

    async def _claimed(self, wanted: Sequence[Wanted]) -> Sequence[Claim | None]:
        """Take keys; of several who want the same one the first gets it."""
        first = {one.key: one.owner for one in reversed(wanted)}
        asked = {
            "accounts": [key.account for key in first],
            "symbols": [key.symbol for key in first],
            "owners": list(first.values()),
            "seconds": LEASE.total_seconds(),
        }
        async with driver_connection(self.engine) as driver:
            rows = await _CLAIM(driver, asked)
        claims: dict[Key, Claim] = {}
        for row in rows:
            key = _key(row)
            claims[key] = Claim(key=key, owner=first[key], fence=row["fence"])
        return [claims.pop(one.key, None) for one in wanted]

    async def _renewed(self, claims: Sequence[Claim]) -> Sequence[ClaimLost | None]:
        values = {**_held(claims), "seconds": LEASE.total_seconds()}
        async with driver_connection(self.engine) as driver:
            held = {(_key(row), row["fence"]) for row in await _RENEW(driver, values)}
        return [
            None if (one.key, one.fence) in held else ClaimLost(_gone(one))
            for one in claims
        ]

    async def _released(self, released: Sequence[Released]) -> Sequence[bool]:
        times = [one.retry_at for one in released]
        values = {**_held([one.claim for one in released]), "times": times}
        async with driver_connection(self.engine) as driver:
            found = await _RELEASE(driver, values)
        more = {(_key(row), row["fence"]) for row in found if row["more"]}
        return [(one.claim.key, one.claim.fence) in more for one in released]


def _key(row: Row) -> Key:
    return Key(AccountId(row["account"]), Symbol(row["symbol"]))


def _gone(claim: Claim) -> str:
    return f"{claim.key} is not held by {claim.owner} any more"


def _held(claims: Sequence[Claim]) -> dict[str, list[Any]]:
    return {
        "accounts": [one.key.account for one in claims],
        "symbols": [one.key.symbol for one in claims],
        "owners": [one.owner for one in claims],
        "fences": [one.fence for one in claims],
    }
