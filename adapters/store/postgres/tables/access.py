"""Tables of who may come in, and of what is kept sealed."""

from sqlalchemy import (
    BigInteger,
    Column,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
)

from adapters.store.postgres.tables.metadata import (
    metadata,
    moment,
    one_of,
    rule,
    text,
    tree,
)
from application.ports.vault import SecretKind

sealed_secrets = Table(
    "sealed_secrets",
    metadata,
    text("kind"),
    Column("owner", BigInteger, nullable=False),
    text("key"),
    Column("wrapped", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    tree("names"),
    moment("at", now=True),
    PrimaryKeyConstraint("kind", "owner"),
    one_of("kind", SecretKind, "kind"),
    rule("octet_length(wrapped) > 0 AND octet_length(body) > 0", "sealed"),
)

__all__ = ["sealed_secrets"]
