"""Keeping arrivals that wait at the same moment: one statement, and one commit, for all.

A number is drawn for each in the order in which they came, under the lock that every intake
holds until its commit, so that numbers rise in order of commit.
"""

from collections.abc import Iterable, Sequence

import msgspec

from adapters.store.postgres import trees
from adapters.store.postgres.driver import Driver, Prepared
from adapters.store.postgres.events import EventKind
from adapters.store.postgres.locks import RECEIVING
from adapters.store.postgres.sql import (
    COUNT,
    MOMENT,
    NUMBER,
    SECONDS,
    SWITCH,
    WORD,
    many,
    statement,
)
from application.ports.inbox import Arrival, Outcome, Receipt, TokenGone
from domain.signal import AlertId

# A key that has expired belongs to the newcomer; one that binds keeps its arrival out.
_KEEP = Prepared(
    statement(
        """
        WITH alone AS MATERIALIZED (SELECT pg_advisory_xact_lock(:lock)),
        genuine AS MATERIALIZED (
            SELECT feeds.id, asked.token
            FROM unnest(:of_feeds, :of_tokens) AS asked (feed, token)
            JOIN feeds ON feeds.id = asked.feed
            WHERE feeds.token_digest = asked.token
               OR (feeds.previous_digest = asked.token
                   AND feeds.previous_until > clock_timestamp())
        ),
        given AS MATERIALIZED (
            SELECT new.*, nextval('alerts_id_seq') AS id
            FROM alone CROSS JOIN (
                SELECT * FROM unnest(
                    :feeds, :received, :sources, :content_types, :sizes, :bodies,
                    :digests, :keys, :binding, :seconds, :signals, :reasons, :details,
                    :kinds, :payloads, :tokens
                ) WITH ORDINALITY AS arrival (
                    feed, received_at, source, content_type, size, body, digest, key,
                    binding, seconds, signal, reason, detail, kind, payload, token, place
                )
                WHERE token IS NULL OR (feed, token) IN (SELECT id, token FROM genuine)
                ORDER BY place
            ) AS new
        ),
        taken AS (
            INSERT INTO alert_keys (feed, key, alert, digest, expires_at)
            SELECT feed, key, id, digest,
                   clock_timestamp() + make_interval(secs => seconds)
            FROM given WHERE binding
            ORDER BY feed, key
            ON CONFLICT (feed, key) DO UPDATE
            SET alert = excluded.alert, digest = excluded.digest,
                expires_at = excluded.expires_at
            WHERE alert_keys.expires_at <= clock_timestamp()
            RETURNING alert
        ),
        kept AS (
            INSERT INTO alerts (id, feed, received_at, stored_at, source, content_type,
                                size, body, digest, key, signal, reason, detail)
            SELECT id, feed, coalesce(received_at, clock_timestamp()), clock_timestamp(),
                   source, content_type, size, body, digest, key,
                   CAST(signal AS jsonb), reason, detail
            FROM given
            WHERE NOT binding OR id IN (SELECT alert FROM taken)
            ORDER BY id
            RETURNING id
        ),
        told AS (
            INSERT INTO events (kind, alert, payload)
            SELECT given.kind, given.id, CAST(given.payload AS jsonb)
            FROM given JOIN kept USING (id) ORDER BY given.id
        )
        SELECT given.place, given.id, kept.id IS NOT NULL AS kept
        FROM given LEFT JOIN kept USING (id)
        """,
        lock=NUMBER,
        feeds=many(NUMBER),
        received=many(MOMENT),
        sources=many(WORD),
        content_types=many(WORD),
        sizes=many(COUNT),
        bodies=many(WORD),
        digests=many(WORD),
        keys=many(WORD),
        binding=many(SWITCH),
        seconds=many(SECONDS),
        signals=many(WORD),
        reasons=many(WORD),
        details=many(WORD),
        kinds=many(WORD),
        payloads=many(WORD),
        tokens=many(WORD),
        of_feeds=many(NUMBER),
        of_tokens=many(WORD),
    )
)


async def keep_together(
    driver: Driver, arrivals: Sequence[Arrival], key_seconds: float
) -> list[Receipt | TokenGone | None]:
    """Keep arrivals, no two of one key; None for each whose key is another alert's."""
    refused = [one.reason is not None for one in arrivals]
    asked = {(one.feed, one.token) for one in arrivals if one.token is not None}
    found = await _KEEP(
        driver,
        {
            "lock": RECEIVING,
            "feeds": [one.feed for one in arrivals],
            "received": [
                one.signal.received_at if one.signal else None for one in arrivals
            ],
            "sources": [one.source for one in arrivals],
            "content_types": [one.content_type for one in arrivals],
            "sizes": [one.size for one in arrivals],
            "bodies": [one.body for one in arrivals],
            "digests": [one.digest for one in arrivals],
            "keys": [one.key for one in arrivals],
            "binding": list(map(binds, arrivals)),
            "seconds": [key_seconds if one.key_expires else None for one in arrivals],
            "signals": _json(
                trees.signal_json(one.signal) if one.signal else None for one in arrivals
            ),
            "reasons": [one.reason.value if one.reason else None for one in arrivals],
            "details": [one.detail for one in arrivals],
            "kinds": [_kind(refused=one).value for one in refused],
            "payloads": _json(
                {"reason": one.reason.value} if one.reason else {} for one in arrivals
            ),
            "tokens": [one.token for one in arrivals],
            "of_feeds": [feed for feed, _ in asked],
            "of_tokens": [token for _, token in asked],
        },
    )
    receipts: list[Receipt | TokenGone | None]
    receipts = [TokenGone(one.feed) for one in arrivals]
    for place, alert, kept in found:
        outcome = Outcome.REFUSED if refused[place - 1] else Outcome.ACCEPTED
        receipts[place - 1] = (
            Receipt(alert=AlertId(alert), outcome=outcome) if kept else None
        )
    return receipts


def binds(arrival: Arrival) -> bool:
    """Say whether the arrival's key is kept, to recognize it when it comes again."""
    return arrival.key is not None and arrival.reason is None


def _kind(*, refused: bool) -> EventKind:
    return EventKind.ALERT_REFUSED if refused else EventKind.ALERT_RECEIVED


def _json(values: Iterable[object]) -> list[str | None]:
    return [
        None if value is None else msgspec.json.encode(value).decode() for value in values
    ]
