"""Tables of what is configured: feeds, accounts, bots, their revisions, who may trade."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    UniqueConstraint,
    Uuid,
    func,
)
from sqlalchemy import (
    text as sql,
)

from adapters.store.postgres.tables.metadata import (
    amount,
    count,
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
from application.ports.configuration import Kind, Scope
from application.ports.flattening import FlatteningStatus
from domain.instrument import Kind as MarketKind
from domain.risk import TradingState

installation = Table(
    "installation",
    metadata,
    Column("id", SmallInteger, primary_key=True, server_default=sql("1")),
    Column("uuid", Uuid, nullable=False, server_default=func.gen_random_uuid()),
    count("epoch", default=sql("1")),
    reference("revision", "revisions.id", null=True),
    moment("created_at", now=True),
    rule("id = 1", "only_one"),
    rule("epoch > 0", "epoch"),
)

revisions = Table(
    "revisions",
    metadata,
    key(),
    text("kind"),
    text("name"),
    tree("tree"),
    text("author"),
    text("source"),
    text("reason", default=""),
    moment("at", now=True),
    transaction_number(),
    one_of("kind", Kind, "kind"),
    Index(None, "kind", "name", "id"),
    Index("ix_revisions_xid", "xid", postgresql_using="brin"),
)

feeds = Table(
    "feeds",
    metadata,
    key(),
    text("name"),
    text("token_digest"),
    text("previous_digest", null=True),
    moment("previous_until", null=True),
    reference("revision", "revisions.id"),
    moment("created_at", now=True),
    UniqueConstraint("name"),
    UniqueConstraint("token_digest"),
    UniqueConstraint("previous_digest"),
    rule("(previous_digest IS NULL) = (previous_until IS NULL)", "previous"),
    rule("previous_digest <> token_digest", "another_token"),
)

accounts = Table(
    "accounts",
    metadata,
    key(),
    text("name"),
    text("exchange"),
    text("mode"),
    reference("revision", "revisions.id"),
    moment("archived_at", null=True),
    moment("created_at", now=True),
    UniqueConstraint("name"),
    one_of("mode", ("paper", "testnet", "live"), "mode"),
)

account_totals = Table(
    "account_totals",
    metadata,
    reference("account", "accounts.id", primary_key=True),
    amount("realized", default=sql("0")),
    amount("fees", default=sql("0")),
    amount("equity_peak", null=True),
    count("losses_in_row", default=sql("0")),
    rule("losses_in_row >= 0", "losses_in_row"),
)

bots = Table(
    "bots",
    metadata,
    key(),
    text("name"),
    reference("account", "accounts.id"),
    reference("feed", "feeds.id"),
    text("symbol"),
    text("chart_key"),
    Column("enabled", Boolean, nullable=False),
    reference("revision", "revisions.id"),
    moment("archived_at", null=True),
    moment("created_at", now=True),
    UniqueConstraint("name"),
    Index(
        "ix_bots_feed_chart_key",
        "feed",
        "chart_key",
        postgresql_where=sql("archived_at IS NULL"),
    ),
    Index(None, "account", "symbol"),
)

instruments = Table(
    "instruments",
    metadata,
    text("exchange"),
    text("symbol"),
    text("kind"),
    text("base"),
    text("quote"),
    text("settle"),
    amount("price_tick"),
    amount("quantity_step"),
    amount("quantity_min"),
    amount("notional_min"),
    amount("contract_size"),
    amount("taker_fee"),
    text("tv_exchange"),
    text("tv_ticker"),
    moment("synced_at", now=True),
    PrimaryKeyConstraint("exchange", "symbol"),
    one_of("kind", MarketKind, "kind"),
    rule("price_tick > 0 AND quantity_step > 0 AND contract_size > 0", "steps"),
    rule("quantity_min >= 0 AND notional_min >= 0", "minimums"),
)

trading_states = Table(
    "trading_states",
    metadata,
    text("scope"),
    Column("target", BigInteger, nullable=False),
    text("name"),
    Column("state", SmallInteger, nullable=False),
    text("author"),
    text("source"),
    text("reason", default=""),
    moment("at", now=True),
    PrimaryKeyConstraint("scope", "target"),
    one_of("scope", Scope, "scope"),
    rule(f"state BETWEEN {min(TradingState):d} AND {max(TradingState):d}", "state"),
    rule("(scope = 'global') = (target = 0)", "target"),
)

operator_actions = Table(
    "operator_actions",
    metadata,
    key(),
    text("action"),
    text("scope"),
    text("name"),
    tree("detail"),
    text("author"),
    text("source"),
    text("reason", default=""),
    moment("at", now=True),
    transaction_number(),
    Index(None, "scope", "name", "id"),
    Index("ix_operator_actions_xid", "xid", postgresql_using="brin"),
)

flattenings = Table(
    "flattenings",
    metadata,
    key(),
    text("scope"),
    Column("target", BigInteger, nullable=False),
    text("name"),
    text("author"),
    text("source"),
    text("reason", default=""),
    text("status"),
    count("attempts", default=sql("1")),
    text("outcome", default=""),
    moment("differs_since", null=True),
    moment("requested_at", now=True),
    moment("finished_at", null=True),
    one_of("scope", Scope, "scope"),
    one_of("status", FlatteningStatus, "status"),
    rule("attempts > 0", "attempts"),
    rule("(scope = 'global') = (target = 0)", "target"),
    rule("(status = 'RUNNING') = (finished_at IS NULL)", "finished"),
    Index(
        "uq_flattenings_running",
        "scope",
        "target",
        unique=True,
        postgresql_where=sql("status = 'RUNNING'"),
    ),
)

__all__ = [
    "account_totals",
    "accounts",
    "bots",
    "feeds",
    "flattenings",
    "installation",
    "instruments",
    "operator_actions",
    "revisions",
    "trading_states",
]
