"""Tables of what must be done: jobs, who works them, decisions, when to look again."""

from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    func,
)
from sqlalchemy import (
    text as sql,
)
from sqlalchemy.dialects.postgresql import JSONB

from adapters.store.postgres.tables.metadata import (
    Xid8,
    amount,
    key,
    metadata,
    moment,
    one_of,
    reference,
    rule,
    text,
    transaction_number,
    tree,
)
from application.records import JobCause, JobStatus

jobs = Table(
    "jobs",
    metadata,
    key(),
    reference("alert", "alerts.id", null=True),
    reference("bot", "bots.id"),
    reference("account", "accounts.id"),
    text("symbol"),
    text("cause"),
    text("status"),
    moment("queued_at", now=True),
    moment("due_at", null=True),
    moment("finished_at", null=True),
    amount("price", null=True),
    moment("priced_at", null=True),
    tree("told", null=True),
    reference("protection", "protections.id", null=True),
    UniqueConstraint("alert", "bot"),
    one_of("cause", JobCause, "cause"),
    one_of("status", JobStatus, "status"),
    rule("(cause = 'SIGNAL') = (alert IS NOT NULL)", "signal_of_an_alert"),
    rule(
        "(cause IN ('PRICE', 'VENUE')) = (price IS NOT NULL AND priced_at IS NOT NULL)",
        "priced",
    ),
    rule("told IS NULL OR cause = 'VENUE'", "told"),
    rule("(cause = 'PROTECTION') = (protection IS NOT NULL)", "protection"),
    UniqueConstraint("protection"),
    rule("(status = 'DONE') = (finished_at IS NOT NULL)", "finished"),
    Index(
        "ix_jobs_unfinished",
        "account",
        "symbol",
        "id",
        postgresql_where=sql("status <> 'DONE'"),
    ),
    Index("ix_jobs_bot_unfinished", "bot", postgresql_where=sql("status <> 'DONE'")),
    Index(None, "bot", "alert"),
)

work_keys = Table(
    "work_keys",
    metadata,
    reference("account", "accounts.id"),
    text("symbol"),
    text("owner", null=True),
    Column("fence", BigInteger, nullable=False, server_default=sql("0")),
    moment("lease_until", null=True),
    moment("retry_at", null=True),
    PrimaryKeyConstraint("account", "symbol"),
    rule("(owner IS NULL) = (lease_until IS NULL)", "owner"),
    rule("fence >= 0", "fence"),
)

decisions = Table(
    "decisions",
    metadata,
    reference("job", "jobs.id"),
    Column("step", Integer, nullable=False),
    reference("bot", "bots.id"),
    reference("revision", "revisions.id"),
    text("reason"),
    tree("findings"),
    tree("sized", null=True),
    moment("at"),
    transaction_number(),
    PrimaryKeyConstraint("job", "step"),
    rule("step >= 0", "step"),
    Index("ix_decisions_xid", "xid", postgresql_using="brin"),
)

bot_memory = Table(
    "bot_memory",
    metadata,
    reference("bot", "bots.id", primary_key=True),
    tree("memory"),
)

timers = Table(
    "timers",
    metadata,
    reference("bot", "bots.id", primary_key=True),
    moment("due_at"),
    Index(None, "due_at"),
)

events = Table(
    "events",
    metadata,
    Column("id", BigInteger, Identity(), nullable=False),
    moment("at", now=True),
    text("kind"),
    Column("alert", BigInteger),
    Column("bot", BigInteger),
    Column("payload", JSONB, nullable=False, server_default=sql("'{}'")),
    Column("xid", Xid8, nullable=False, server_default=func.pg_current_xact_id()),
    PrimaryKeyConstraint("xid", "id"),
)

heartbeats = Table(
    "heartbeats",
    metadata,
    text("process"),
    text("role"),
    moment("started_at", now=True),
    moment("at", now=True),
    PrimaryKeyConstraint("process"),
)

__all__ = [
    "bot_memory",
    "decisions",
    "events",
    "heartbeats",
    "jobs",
    "timers",
    "work_keys",
]
