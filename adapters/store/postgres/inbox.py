"""The intake on PostgreSQL. Keeping an alert is one statement, committed by itself."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.store.postgres import trees
from adapters.store.postgres.engine import single_statement, transaction
from adapters.store.postgres.events import EventKind
from adapters.store.postgres.fan_out import fan_out
from adapters.store.postgres.locks import RECEIVING
from adapters.store.postgres.sql import (
    COUNT,
    MOMENT,
    NUMBER,
    SECONDS,
    TREE,
    WORD,
    Kind,
    statement,
)
from adapters.store.postgres.tables import feeds
from adapters.store.postgres.tables.intake import SAMPLE
from adapters.store.shared import reused_detail
from application.ports.inbox import (
    AlertLimits,
    Arrival,
    ChartKeys,
    FannedOut,
    Feed,
    Outcome,
    Receipt,
    Refusal,
    Router,
)
from application.records import FeedId
from domain.reasons import Reason
from domain.signal import AlertId

KEPT_FOR_A_MINUTE = AlertLimits()
_COLUMNS = """
    id, feed, received_at, stored_at, source, content_type, size, body, digest, key, signal,
    reason, detail
"""
_VALUES = """
    :feed, coalesce(:received_at, clock_timestamp()), clock_timestamp(), :source,
    :content_type, :size, :body, :digest, :key, :signal
"""
_NAMED = """
    WITH alone AS MATERIALIZED (SELECT pg_advisory_xact_lock(:lock)),
    named AS MATERIALIZED (SELECT nextval('alerts_id_seq') AS id FROM alone)
"""
_TOLD = """
    told AS (
        INSERT INTO events (kind, alert, payload) SELECT :kind, id, :payload FROM kept
    )
    SELECT id FROM kept
"""
_KINDS: dict[str, Kind] = {
    "lock": NUMBER,
    "feed": NUMBER,
    "received_at": MOMENT,
    "source": WORD,
    "content_type": WORD,
    "size": COUNT,
    "body": WORD,
    "digest": WORD,
    "key": WORD,
    "signal": TREE,
    "kind": WORD,
    "payload": TREE,
}

# The lock is taken before the number is drawn, and held until the commit. A key that has
# expired belongs to the newcomer; one that binds makes the whole statement keep nothing.
_KEEP = statement(
    _NAMED,
    """,
    taken AS (
        INSERT INTO alert_keys (feed, key, alert, digest, expires_at)
        SELECT :feed, :key, named.id, :digest,
               clock_timestamp() + make_interval(secs => :key_seconds)
        FROM named
        ON CONFLICT (feed, key) DO UPDATE
        SET alert = excluded.alert, digest = excluded.digest,
            expires_at = excluded.expires_at
        WHERE alert_keys.expires_at <= clock_timestamp()
        RETURNING alert
    ),
    kept AS (
        INSERT INTO alerts (""",
    _COLUMNS,
    """
        ) SELECT taken.alert, """,
    _VALUES,
    """
        , NULL, :detail FROM taken RETURNING id
    ),
    """,
    _TOLD,
    key_seconds=SECONDS,
    **_KINDS,
)

_KEEP_WITHOUT_KEY = statement(
    _NAMED,
    """,
    kept AS (
        INSERT INTO alerts (""",
    _COLUMNS,
    """
        ) SELECT named.id, """,
    _VALUES,
    """
        , :reason, :detail FROM named RETURNING id
    ),
    """,
    _TOLD,
    reason=WORD,
    detail=WORD,
    **_KINDS,
)

_COUNT_DUPLICATE = statement(
    """
    UPDATE alerts
    SET duplicates = duplicates + 1, last_duplicate_at = clock_timestamp()
    FROM alert_keys AS known
    WHERE known.feed = :feed AND known.key = :key AND known.digest = :digest
      AND alerts.id = known.alert
    RETURNING alerts.id
    """,
    feed=NUMBER,
    key=WORD,
    digest=WORD,
)

_OWNER_OF_KEY = statement(
    "SELECT alert FROM alert_keys WHERE feed = :feed AND key = :key", feed=NUMBER, key=WORD
)

_REFUSE = statement(
    """
    WITH counted AS (
        INSERT INTO refused_counts (reason, hour, requests)
        VALUES (:reason, date_trunc('hour', clock_timestamp(), 'UTC'), 1)
        ON CONFLICT (reason, hour) DO UPDATE SET requests = refused_counts.requests + 1
    ),
    numbered AS (SELECT nextval('refused_requests_number_seq') AS number)
    INSERT INTO refused_requests (slot, number, feed, reason, detail, source, size, body)
    SELECT number % :sample, number, :feed, :reason, :detail, :source, :size, :body
    FROM numbered
    ON CONFLICT (slot) DO UPDATE
    SET number = excluded.number, feed = excluded.feed, reason = excluded.reason,
        detail = excluded.detail, source = excluded.source, size = excluded.size,
        body = excluded.body, at = excluded.at
    WHERE refused_requests.number < excluded.number
    """,
    feed=NUMBER,
    reason=WORD,
    detail=WORD,
    source=WORD,
    size=COUNT,
    body=WORD,
    sample=COUNT,
)

_FEED = select(feeds.c.id, feeds.c.name).where(
    (feeds.c.token_digest == bindparam("digest"))
    | (
        (feeds.c.previous_digest == bindparam("digest"))
        & (feeds.c.previous_until > func.clock_timestamp())
    )
)


@dataclass(frozen=True, slots=True)
class PostgresInbox:
    """Alerts in PostgreSQL."""

    engine: AsyncEngine
    limits: AlertLimits = KEPT_FOR_A_MINUTE

    async def feed(self, token_digest: str) -> Feed | None:
        """Return the feed of a token."""
        async with single_statement(self.engine) as connection:
            found = await connection.execute(_FEED, {"digest": token_digest})
            row = found.one_or_none()
        return None if row is None else Feed(id=FeedId(row.id), name=row.name)

    async def receive(self, arrival: Arrival) -> Receipt:
        """Keep an arrival, or count it as a duplicate of the one that has its key."""
        async with single_statement(self.engine) as connection:
            if arrival.key is None or arrival.reason is not None:
                return await _kept_without_key(connection, arrival)
            while True:
                receipt = await self._kept(connection, arrival)
                if receipt is not None:
                    return receipt

    async def refuse(self, refusal: Refusal) -> None:
        """Count a refusal and keep it in the place of the oldest one kept."""
        async with single_statement(self.engine) as connection:
            await connection.execute(
                _REFUSE,
                {
                    "feed": refusal.feed,
                    "reason": refusal.reason.value,
                    "detail": refusal.detail,
                    "source": refusal.source,
                    "size": refusal.size,
                    "body": refusal.body,
                    "sample": SAMPLE,
                },
            )

    async def fan_out(self, charts: ChartKeys, router: Router, limit: int) -> FannedOut:
        """Route the oldest alerts that wait."""
        async with transaction(self.engine) as connection:
            return await fan_out(connection, charts, router, limit)

    async def _kept(self, connection: AsyncConnection, arrival: Arrival) -> Receipt | None:
        """Return what became of an arrival with a key; None if the key was given up now."""
        values = _values(arrival) | {
            "key_seconds": self.limits.key_seconds if arrival.key_expires else None,
            "kind": EventKind.ALERT_RECEIVED.value,
            "payload": {},
        }
        new = (await connection.execute(_KEEP, values)).scalar_one_or_none()
        if new is not None:
            return Receipt(alert=AlertId(new), outcome=Outcome.ACCEPTED)
        key = {"feed": arrival.feed, "key": arrival.key}
        same = key | {"digest": arrival.digest}
        first = (await connection.execute(_COUNT_DUPLICATE, same)).scalar_one_or_none()
        if first is not None:
            return Receipt(alert=AlertId(first), outcome=Outcome.DUPLICATE)
        owner = (await connection.execute(_OWNER_OF_KEY, key)).scalar_one_or_none()
        return None if owner is None else await _id_reused(connection, arrival, owner)


async def _id_reused(connection: AsyncConnection, arrival: Arrival, owner: int) -> Receipt:
    refused = replace(
        arrival, reason=Reason.ALERT_ID_REUSED, detail=reused_detail(AlertId(owner))
    )
    kept = await _kept_without_key(connection, refused)
    return replace(kept, outcome=Outcome.ID_REUSED)


async def _kept_without_key(connection: AsyncConnection, arrival: Arrival) -> Receipt:
    refused = arrival.reason is not None
    reason = arrival.reason.value if arrival.reason else None
    kind = EventKind.ALERT_REFUSED if refused else EventKind.ALERT_RECEIVED
    values = _values(arrival) | {
        "reason": reason,
        "detail": arrival.detail,
        "kind": kind.value,
        "payload": {"reason": reason} if refused else {},
    }
    kept = (await connection.execute(_KEEP_WITHOUT_KEY, values)).scalar_one()
    outcome = Outcome.REFUSED if refused else Outcome.ACCEPTED
    return Receipt(alert=AlertId(kept), outcome=outcome)


def _values(arrival: Arrival) -> dict[str, Any]:
    signal = arrival.signal
    return {
        "lock": RECEIVING,
        "feed": arrival.feed,
        "received_at": signal.received_at if signal else None,
        "source": arrival.source,
        "content_type": arrival.content_type,
        "size": arrival.size,
        "body": arrival.body,
        "digest": arrival.digest,
        "key": arrival.key,
        "signal": trees.signal_json(signal) if signal else None,
        "detail": arrival.detail,
    }
