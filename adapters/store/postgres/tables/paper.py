"""Tables of the paper venue's own books. Only the paper ledger writes them."""

from sqlalchemy import BigInteger, Boolean, Column, Index, PrimaryKeyConstraint, Table
from sqlalchemy import text as sql

from adapters.store.postgres.tables.metadata import (
    amount,
    metadata,
    moment,
    one_of,
    reference,
    rule,
    text,
)
from domain.instrument import Kind
from domain.signal import Direction

paper_balances = Table(
    "paper_balances",
    metadata,
    Column("account", BigInteger, primary_key=True, autoincrement=False),
    text("currency"),
    amount("balance"),
    moment("opened_at", now=True),
)

paper_holdings = Table(
    "paper_holdings",
    metadata,
    Column("account", BigInteger, nullable=False),
    text("symbol"),
    text("kind"),
    amount("quantity", default=sql("0")),
    amount("cost", default=sql("0")),
    PrimaryKeyConstraint("account", "symbol"),
    one_of("kind", Kind, "kind"),
)

paper_orders = Table(
    "paper_orders",
    metadata,
    text("id"),
    Column("account", BigInteger, nullable=False),
    text("symbol"),
    text("side"),
    Column("reduces", Boolean, nullable=False),
    amount("quantity"),
    text("venue_order_id", null=True),
    Column("ended", Boolean, nullable=False, server_default=sql("false")),
    text("evidence", default=""),
    text("refusal_code", null=True),
    text("refusal_text", null=True),
    moment("at", now=True),
    PrimaryKeyConstraint("id"),
    one_of("side", Direction, "side"),
    rule("quantity > 0", "quantity"),
    rule("(refusal_code IS NULL) = (refusal_text IS NULL)", "refusal"),
    rule("venue_order_id IS NULL OR refusal_code IS NULL", "one_answer"),
    Index("ix_paper_orders_at", "at", postgresql_using="brin"),
)

paper_fills = Table(
    "paper_fills",
    metadata,
    reference("order", "paper_orders.id"),
    text("trade_id"),
    amount("quantity"),
    amount("price"),
    amount("fee"),
    text("fee_currency"),
    moment("at"),
    PrimaryKeyConstraint("order", "trade_id"),
    rule("quantity > 0 AND price > 0", "quantity"),
)

__all__ = ["paper_balances", "paper_fills", "paper_holdings", "paper_orders"]
