"""The intake on PostgreSQL. Alerts that wait at the same moment share one commit."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.postgres.driver import Prepared, driver_connection
from adapters.store.postgres.engine import single_statement, transaction
from adapters.store.postgres.fan_out import fan_out
from adapters.store.postgres.gathering import Gathering
from adapters.store.postgres.receiving import binds, keep_together
from adapters.store.postgres.sql import COUNT, NUMBER, WORD, many, statement
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
    TokenGone,
)
from application.records import FeedId
from domain.reasons import Reason
from domain.signal import AlertId

KEPT_FOR_A_MINUTE = AlertLimits()
TOGETHER = 500
"""How many requests share a statement at most."""

TOKENS_MAX = 1_000
"""How many feeds' tokens are remembered, by their digests."""

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

_FEEDS = Prepared(
    statement(
        """
        SELECT wanted.digest, feeds.id, feeds.name
        FROM unnest(:digests) AS wanted (digest)
        JOIN feeds ON feeds.token_digest = wanted.digest
        UNION
        SELECT wanted.digest, feeds.id, feeds.name
        FROM unnest(:digests) AS wanted (digest)
        JOIN feeds ON feeds.previous_digest = wanted.digest
                  AND feeds.previous_until > clock_timestamp()
        """,
        digests=many(WORD),
    )
)


@dataclass(slots=True)
class PostgresInbox:
    """Alerts in PostgreSQL. Those that wait at the same moment share a commit."""

    engine: AsyncEngine
    limits: AlertLimits = KEPT_FOR_A_MINUTE
    _tokens: dict[str, Feed] = field(default_factory=dict[str, Feed])
    """Feeds by a token that was found; keeping an arrival looks whether it still is."""
    _arrivals: "Gathering[Arrival, Receipt | None]" = field(init=False)
    _feeds: "Gathering[str, Feed | None]" = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nobody waiting."""
        self._arrivals = Gathering(self._together, most=TOGETHER)
        self._feeds = Gathering(self._feeds_of, most=TOGETHER)

    async def feed(self, token_digest: str) -> Feed | None:
        """Return the feed of a token."""
        known = self._tokens.get(token_digest)
        if known is not None:
            return known
        found = await self._feeds(token_digest)
        if found is not None:
            if len(self._tokens) >= TOKENS_MAX:
                self._tokens.clear()
            self._tokens[token_digest] = found
        return found

    async def receive(self, arrival: Arrival) -> Receipt:
        """Keep an arrival, or count it as a duplicate of the one that has its key."""
        try:
            while True:
                receipt = await self._arrivals(arrival) or await self._known(arrival)
                if receipt is not None:
                    return receipt
        except TokenGone:
            self._tokens.pop(arrival.token or "", None)
            raise

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

    async def _together(
        self, arrivals: Sequence[Arrival]
    ) -> Sequence[Receipt | Exception | None]:
        """Keep arrivals by one commit; of those with one key the first."""
        first: dict[object, int] = {}
        for place, one in enumerate(arrivals):
            first.setdefault((one.feed, one.key) if binds(one) else place, place)
        places = sorted(first.values())
        group = [arrivals[place] for place in places]
        async with driver_connection(self.engine) as driver:
            kept = await keep_together(driver, group, self.limits.key_seconds)
        receipts = dict(zip(places, kept, strict=True))
        return [receipts.get(place) for place in range(len(arrivals))]

    async def _known(self, arrival: Arrival) -> Receipt | None:
        """Count an arrival whose key belongs to another; None if it was given up now."""
        key = {"feed": arrival.feed, "key": arrival.key}
        same = key | {"digest": arrival.digest}
        async with single_statement(self.engine) as connection:
            first = (await connection.execute(_COUNT_DUPLICATE, same)).scalar_one_or_none()
            if first is not None:
                return Receipt(alert=AlertId(first), outcome=Outcome.DUPLICATE)
            owner = (await connection.execute(_OWNER_OF_KEY, key)).scalar_one_or_none()
            if owner is None:
                return None
        refused = replace(
            arrival, reason=Reason.ALERT_ID_REUSED, detail=reused_detail(AlertId(owner))
        )
        kept = await self._arrivals(refused)
        return None if kept is None else replace(kept, outcome=Outcome.ID_REUSED)

    async def _feeds_of(self, digests: Sequence[str]) -> Sequence[Feed | None]:
        async with driver_connection(self.engine) as driver:
            rows = await _FEEDS(driver, {"digests": list(set(digests))})
        found = {
            row["digest"]: Feed(id=FeedId(row["id"]), name=row["name"]) for row in rows
        }
        return [found.get(digest) for digest in digests]
