"""How tables are declared here: names of constraints, kinds of columns, rules in words."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Integer,
    MetaData,
    Numeric,
    Text,
    TextClause,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import UserDefinedType

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


class Xid8(UserDefinedType[str]):
    """A transaction's own number, which PostgreSQL never uses again."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Return what PostgreSQL calls it."""
        return "xid8"


def key() -> Column[int]:
    """Return a primary key that the database counts up."""
    return Column("id", BigInteger, Identity(), primary_key=True)


def text(name: str, *, null: bool = False, default: str | None = None) -> Column[str]:
    """Return a column of text."""
    return Column(name, Text, nullable=null, server_default=default)


def amount(
    name: str, *, null: bool = False, default: TextClause | None = None
) -> Column[Decimal]:
    """Return a column of an exact number: money, a price or a quantity."""
    return Column(name, Numeric, nullable=null, server_default=default)


def count(name: str, *, default: TextClause | None = None) -> Column[int]:
    """Return a column of a small whole number."""
    return Column(name, Integer, nullable=False, server_default=default)


def moment(name: str, *, null: bool = False, now: bool = False) -> Column[datetime]:
    """Return a column of a moment; by default the database's own where it says so."""
    default = func.clock_timestamp() if now else None
    return Column(name, DateTime(timezone=True), nullable=null, server_default=default)


def tree(name: str, *, null: bool = False) -> Column[Any]:
    """Return a column of a structure whose numbers are text."""
    return Column(name, JSONB(none_as_null=True), nullable=null)


def reference(
    name: str, target: str, *, null: bool = False, primary_key: bool = False
) -> Column[Any]:
    """Return a column that names a row of another table."""
    return Column(name, ForeignKey(target), nullable=null, primary_key=primary_key)


def one_of(column: str, values: type[Enum] | Iterable[str], name: str) -> CheckConstraint:
    """Return the rule that a column holds one of these words."""
    words = [one.value if isinstance(one, Enum) else one for one in values]
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=name)


def rule(condition: str, name: str) -> CheckConstraint:
    """Return a rule that every row keeps."""
    return CheckConstraint(condition, name=name)


def transaction_number() -> Column[int]:
    """Return a column of the transaction that made a row.

    Rows of transactions that are over, and older than any that is not, are told by it; a
    BRIN index on it costs next to nothing where rows are only ever appended.
    """
    mine = func.pg_current_xact_id().cast(Text).cast(BigInteger)
    return Column("xid", BigInteger, nullable=False, server_default=mine)
