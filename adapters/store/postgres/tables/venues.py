"""Tables about venues: how they compare with our books, how often they may be asked."""

from sqlalchemy import Boolean, Column, Index, PrimaryKeyConstraint, Table, Text, text

from adapters.store.postgres.tables.metadata import (
    amount,
    count,
    metadata,
    moment,
    one_of,
    reference,
    rule,
    tree,
)
from adapters.store.postgres.tables.metadata import text as words
from application.differences import Remedy
from domain.order import OrderEvent, OrderStatus
from domain.protection import ProtectionKind
from domain.signal import Direction

RESTING_PROTECTION = "NOT triggered AND status IN ('OPEN', 'PARTIALLY_FILLED')"
"""Known to stand at the venue. Of what is not known the watchdog takes care meanwhile."""
LIVE_PROTECTION = (
    "NOT triggered AND status IN "
    "('PLANNED', 'SUBMITTING', 'OPEN', 'PARTIALLY_FILLED', 'UNKNOWN')"
)

LIVE_CLOSE = "closes.status IN ('SUBMITTING', 'OPEN', 'PARTIALLY_FILLED', 'UNKNOWN')"
"""Orders that close what is beyond our books, and whose end is not known."""

comparisons = Table(
    "comparisons",
    metadata,
    reference("account", "accounts.id"),
    words("symbol"),
    amount("ours"),
    amount("theirs", null=True),
    amount("baseline", default=text("0")),
    moment("differs_since", null=True),
    moment("same_since", null=True),
    moment("matched_at", null=True),
    words("asked", null=True),
    words("asked_by", null=True),
    words("asked_from", null=True),
    words("asked_why", null=True),
    Column("gates", Boolean, nullable=False, server_default=text("false")),
    moment("checked_at", now=True),
    PrimaryKeyConstraint("account", "symbol"),
    rule("NOT gates OR differs_since IS NOT NULL", "gates_what_differs"),
    one_of("asked", Remedy, "asked"),
    rule("(asked IS NULL) = (asked_by IS NULL)", "asked_by"),
)

surplus_closes = Table(
    "surplus_closes",
    metadata,
    Column("id", Text, primary_key=True),
    reference("account", "accounts.id"),
    words("symbol"),
    words("side"),
    amount("quantity"),
    amount("decision_price"),
    words("status"),
    amount("filled", default=text("0")),
    amount("cost", default=text("0")),
    words("venue_order_id", null=True),
    moment("may_arrive_until"),
    words("evidence", default=""),
    words("author"),
    words("source"),
    words("reason", default=""),
    moment("created_at", now=True),
    moment("updated_at", now=True),
    one_of("side", Direction, "side"),
    one_of("status", OrderStatus, "status"),
    rule("quantity > 0 AND filled BETWEEN 0 AND quantity", "quantity"),
    Index(None, "account", "symbol", "created_at"),
    Index(
        "uq_surplus_closes_live",
        "account",
        "symbol",
        unique=True,
        postgresql_where=text(LIVE_CLOSE.replace("closes.", "")),
    ),
)

venue_budgets = Table(
    "venue_budgets",
    metadata,
    words("venue"),
    amount("units"),
    moment("filled_at", now=True),
    moment("banned_until", null=True),
    moment("rests_until", null=True),
    PrimaryKeyConstraint("venue"),
    prefixes=["UNLOGGED"],
)

protections = Table(
    "protections",
    metadata,
    Column("id", Text, primary_key=True),
    reference("bot", "bots.id"),
    reference("account", "accounts.id"),
    words("symbol"),
    reference("revision", "revisions.id"),
    words("kind"),
    words("reason"),
    words("side"),
    amount("quantity"),
    amount("level"),
    words("status"),
    amount("filled", default=text("0")),
    words("venue_order_id", null=True),
    Column("triggered", Boolean, nullable=False, server_default=text("false")),
    moment("may_arrive_until", null=True),
    moment("looked_at", null=True),
    moment("created_at", now=True),
    one_of("kind", ProtectionKind, "kind"),
    one_of("side", Direction, "side"),
    one_of("status", OrderStatus, "status"),
    rule("quantity > 0 AND level > 0", "quantity"),
    rule("filled BETWEEN 0 AND quantity", "filled"),
    Index(
        "ix_protections_live",
        "account",
        "symbol",
        "bot",
        postgresql_where=text(LIVE_PROTECTION),
    ),
    Index(None, "bot", "created_at"),
)

protection_transitions = Table(
    "protection_transitions",
    metadata,
    reference("protection", "protections.id"),
    count("seq"),
    words("event"),
    words("status_after"),
    words("evidence"),
    moment("at"),
    PrimaryKeyConstraint("protection", "seq"),
    one_of("event", OrderEvent, "event"),
    one_of("status_after", OrderStatus, "status_after"),
)

missing_stops = Table(
    "missing_stops",
    metadata,
    reference("bot", "bots.id", primary_key=True),
    moment("since"),
    words("why"),
    moment("told_at", null=True),
)

account_tests = Table(
    "account_tests",
    metadata,
    reference("account", "accounts.id", primary_key=True),
    moment("keys_at"),
    tree("options"),
    words("failed"),
    tree("findings"),
    moment("tested_at", now=True),
)

live_confirmations = Table(
    "live_confirmations",
    metadata,
    reference("account", "accounts.id", primary_key=True),
    words("author"),
    words("source"),
    words("reason", default=""),
    moment("at", now=True),
)
