"""Tables about venues: how they compare with our books, how often they may be asked."""

from sqlalchemy import Boolean, Column, PrimaryKeyConstraint, Table, text

from adapters.store.postgres.tables.metadata import (
    amount,
    metadata,
    moment,
    reference,
    rule,
)
from adapters.store.postgres.tables.metadata import text as words

comparisons = Table(
    "comparisons",
    metadata,
    reference("account", "accounts.id"),
    words("symbol"),
    amount("ours"),
    amount("theirs", null=True),
    amount("baseline", default=text("0")),
    moment("differs_since", null=True),
    Column("gates", Boolean, nullable=False, server_default=text("false")),
    moment("checked_at", now=True),
    PrimaryKeyConstraint("account", "symbol"),
    rule("NOT gates OR differs_since IS NOT NULL", "gates_what_differs"),
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
