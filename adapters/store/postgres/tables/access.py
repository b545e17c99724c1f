"""Tables of who may come in, and of what is kept sealed."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)
from sqlalchemy import (
    text as sql,
)

from adapters.store.postgres.tables.metadata import (
    count,
    key,
    metadata,
    moment,
    one_of,
    reference,
    rule,
    text,
    tree,
)
from application.ports.access import Role
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

users = Table(
    "users",
    metadata,
    key(),
    text("name"),
    text("role"),
    text("password_hash", null=True),
    Column("has_totp", Boolean, nullable=False, server_default=sql("false")),
    Column("totp_step", BigInteger, nullable=False, server_default=sql("0")),
    moment("created_at", now=True),
    moment("disabled_at", null=True),
    one_of("role", Role, "role"),
    rule("name <> ''", "name"),
    Index("uq_users_name", sql("lower(name)"), unique=True),
)

sessions = Table(
    "sessions",
    metadata,
    text("digest"),
    reference("user", "users.id"),
    text("address"),
    text("agent"),
    moment("created_at", now=True),
    moment("seen_at", now=True),
    moment("proved_at", now=True),
    PrimaryKeyConstraint("digest"),
    Index(None, "user"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    key(),
    text("name"),
    text("digest"),
    tree("scopes"),
    text("author"),
    moment("created_at", now=True),
    moment("used_at", null=True),
    moment("revoked_at", null=True),
    UniqueConstraint("digest"),
    Index(
        "uq_api_tokens_name",
        "name",
        unique=True,
        postgresql_where=sql("revoked_at IS NULL"),
    ),
)

one_time_links = Table(
    "one_time_links",
    metadata,
    text("digest"),
    reference("user", "users.id", null=True),
    moment("created_at", now=True),
    moment("expires_at"),
    PrimaryKeyConstraint("digest"),
)

page_links = Table(
    "page_links",
    metadata,
    text("digest"),
    text("path"),
    moment("expires_at"),
    PrimaryKeyConstraint("digest"),
    rule("path LIKE '/%' AND path NOT LIKE '//%'", "path"),
)

login_attempts = Table(
    "login_attempts",
    metadata,
    text("of"),
    count("failures"),
    moment("last_at", now=True),
    PrimaryKeyConstraint("of"),
)

__all__ = [
    "api_tokens",
    "login_attempts",
    "one_time_links",
    "page_links",
    "sealed_secrets",
    "sessions",
    "users",
]
