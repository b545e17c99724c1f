"""Tables of what came in: alerts with their keys, and requests that were refused."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Identity,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
)
from sqlalchemy import (
    text as sql,
)

from adapters.store.postgres.tables.metadata import (
    count,
    key,
    metadata,
    moment,
    reference,
    rule,
    text,
    tree,
)

SAMPLE = 1_000
"""How many refused requests are kept whole."""

alerts = Table(
    "alerts",
    metadata,
    key(),
    reference("feed", "feeds.id"),
    moment("received_at"),
    moment("stored_at", now=True),
    text("source"),
    text("content_type"),
    count("size"),
    text("body"),
    text("digest"),
    text("key", null=True),
    tree("signal", null=True),
    text("reason", null=True),
    text("value", default=""),
    text("limit", default=""),
    text("detail", default=""),
    moment("fanned_out_at", null=True),
    count("duplicates", default=sql("0")),
    moment("last_duplicate_at", null=True),
    rule("size >= 0", "size"),
    rule("signal IS NOT NULL OR reason IS NOT NULL", "refused_with_reason"),
    rule("fanned_out_at IS NULL OR reason IS NOT NULL", "routed_with_reason"),
    rule("(duplicates = 0) = (last_duplicate_at IS NULL)", "duplicates"),
    Index("ix_alerts_waiting", "id", postgresql_where=sql("reason IS NULL")),
)

alert_keys = Table(
    "alert_keys",
    metadata,
    reference("feed", "feeds.id"),
    text("key"),
    reference("alert", "alerts.id"),
    text("digest"),
    moment("expires_at", null=True),
    PrimaryKeyConstraint("feed", "key"),
    Index(None, "expires_at", postgresql_where=sql("expires_at IS NOT NULL")),
)

refused_counts = Table(
    "refused_counts",
    metadata,
    text("reason"),
    moment("hour"),
    Column("requests", BigInteger, nullable=False),
    PrimaryKeyConstraint("reason", "hour"),
    rule("requests > 0", "requests"),
)

refused_requests = Table(
    "refused_requests",
    metadata,
    Column("slot", SmallInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, Identity(), nullable=False),
    Column("feed", ForeignKey("feeds.id"), nullable=True),
    text("reason"),
    text("detail"),
    text("source"),
    count("size"),
    text("body"),
    moment("at", now=True),
    rule(f"slot BETWEEN 0 AND {SAMPLE - 1}", "slot"),
    rule("length(body) <= 2000", "body"),
    rule("size >= 0", "size"),
)

__all__ = ["SAMPLE", "alert_keys", "alerts", "refused_counts", "refused_requests"]
