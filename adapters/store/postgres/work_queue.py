"""Who works what, on PostgreSQL: a lease and a fence a key, by the server's clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.postgres.engine import single_statement, transaction
from adapters.store.postgres.locks import ROUTING
from adapters.store.postgres.sql import (
    COUNT,
    MOMENT,
    NUMBER,
    SECONDS,
    WORD,
    statement,
)
from application.ports.workbench import LEASE, Claim, ClaimLost
from application.records import AccountId, Key
from domain.instrument import Symbol

_DUE = statement(
    """
    SELECT jobs.account, jobs.symbol
    FROM jobs JOIN work_keys USING (account, symbol)
    WHERE jobs.status <> 'DONE'
      AND (jobs.due_at IS NULL OR jobs.due_at <= clock_timestamp())
      AND (work_keys.lease_until IS NULL OR work_keys.lease_until <= clock_timestamp())
      AND (work_keys.retry_at IS NULL OR work_keys.retry_at <= clock_timestamp())
    GROUP BY jobs.account, jobs.symbol
    ORDER BY min(jobs.id)
    LIMIT :limit
    """,
    limit=COUNT,
)

_CLAIM = statement(
    """
    INSERT INTO work_keys (account, symbol, owner, fence, lease_until)
    SELECT id, :symbol, :owner, 1, clock_timestamp() + make_interval(secs => :seconds)
    FROM accounts WHERE id = :account
    ON CONFLICT (account, symbol) DO UPDATE
    SET owner = excluded.owner, fence = work_keys.fence + 1,
        lease_until = clock_timestamp() + make_interval(secs => :seconds), retry_at = NULL
    WHERE work_keys.lease_until IS NULL OR work_keys.lease_until <= clock_timestamp()
    RETURNING fence
    """,
    account=NUMBER,
    symbol=WORD,
    owner=WORD,
    seconds=SECONDS,
)

_RENEW = statement(
    """
    UPDATE work_keys SET lease_until = clock_timestamp() + make_interval(secs => :seconds)
    WHERE account = :account AND symbol = :symbol AND fence = :fence AND owner = :owner
    RETURNING fence
    """,
    account=NUMBER,
    symbol=WORD,
    owner=WORD,
    fence=NUMBER,
    seconds=SECONDS,
)

_RELEASE = statement(
    """
    UPDATE work_keys SET owner = NULL, lease_until = NULL, retry_at = :retry_at
    WHERE account = :account AND symbol = :symbol AND fence = :fence AND owner = :owner
    RETURNING :retry_at IS NULL AND EXISTS (
        SELECT FROM jobs
        WHERE jobs.account = :account AND jobs.symbol = :symbol AND status <> 'DONE'
          AND (due_at IS NULL OR due_at <= clock_timestamp())
    )
    """,
    account=NUMBER,
    symbol=WORD,
    owner=WORD,
    fence=NUMBER,
    retry_at=MOMENT,
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


@dataclass(frozen=True, slots=True)
class PostgresWorkQueue:
    """The queue of record."""

    engine: AsyncEngine

    async def due(self, limit: int) -> Sequence[Key]:
        """Return keys that wait for somebody, the one with the oldest job first."""
        async with single_statement(self.engine) as connection:
            rows = (await connection.execute(_DUE, {"limit": limit})).all()
        return [Key(AccountId(row.account), Symbol(row.symbol)) for row in rows]

    async def claim(self, key: Key, owner: str) -> Claim | None:
        """Take the key unless somebody holds it."""
        values = {**key._asdict(), "owner": owner, "seconds": LEASE.total_seconds()}
        async with single_statement(self.engine) as connection:
            fence = (await connection.execute(_CLAIM, values)).scalar_one_or_none()
        return None if fence is None else Claim(key=key, owner=owner, fence=fence)

    async def renew(self, claim: Claim) -> None:
        """Hold the key on."""
        values = {**_mine(claim), "seconds": LEASE.total_seconds()}
        async with single_statement(self.engine) as connection:
            held = (await connection.execute(_RENEW, values)).scalar_one_or_none()
        if held is None:
            raise ClaimLost(f"{claim.key} is not held by {claim.owner} any more")

    async def release(self, claim: Claim, retry_at: datetime | None) -> bool:
        """Give the key back, if it is still held."""
        values = {**_mine(claim), "retry_at": retry_at}
        async with single_statement(self.engine) as connection:
            more = (await connection.execute(_RELEASE, values)).scalar_one_or_none()
        return bool(more)

    async def ring_timers(self, limit: int) -> Sequence[Key]:
        """Turn timers that are due into jobs."""
        async with single_statement(self.engine) as connection:
            if (await connection.execute(_ANY_TIMER)).first() is None:
                return ()
        async with transaction(self.engine) as connection:
            # Jobs are numbered in the order in which they become visible.
            await connection.execute(select(func.pg_advisory_xact_lock(ROUTING)))
            rows = await connection.execute(_RING, {"limit": limit})
            return [Key(AccountId(row.account), Symbol(row.symbol)) for row in rows]


def _mine(claim: Claim) -> dict[str, object]:
    return {**claim.key._asdict(), "owner": claim.owner, "fence": claim.fence}
