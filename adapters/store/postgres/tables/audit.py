"""Tables of the audit's chain."""

from sqlalchemy import (
    BigInteger,
    Column,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    UniqueConstraint,
)
from sqlalchemy import (
    text as sql,
)

from adapters.store.postgres.tables.metadata import (
    metadata,
    moment,
    one_of,
    rule,
    text,
)
from application.ports.audit import Source

audit_log = Table(
    "audit_log",
    metadata,
    Column("position", BigInteger, nullable=False, autoincrement=False),
    text("source"),
    text("ref"),
    Column("form", SmallInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    moment("at", now=True),
    PrimaryKeyConstraint("position"),
    UniqueConstraint("source", "ref"),
    one_of("source", Source, "source"),
    rule("position > 0", "position"),
)

audit_state = Table(
    "audit_state",
    metadata,
    Column("id", SmallInteger, primary_key=True, server_default=sql("1")),
    Column("next_xid", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    rule("id = 1", "only_one"),
)

__all__ = ["audit_log", "audit_state"]
