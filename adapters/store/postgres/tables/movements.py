"""The table of money that came or left otherwise than by trading."""

from sqlalchemy import Index, Table, UniqueConstraint

from adapters.store.postgres.tables.metadata import (
    amount,
    key,
    metadata,
    moment,
    one_of,
    reference,
    rule,
    text,
)
from application.ports.movements import MovementKind

movements = Table(
    "movements",
    metadata,
    key(),
    reference("account", "accounts.id"),
    text("kind"),
    amount("amount"),
    text("currency"),
    moment("at"),
    text("reference"),
    moment("recorded_at", now=True),
    one_of("kind", MovementKind, "kind"),
    rule("amount > 0 OR (amount < 0 AND kind = 'funding')", "amount"),
    UniqueConstraint("account", "reference"),
    Index(None, "account", "at"),
)
