"""Statements that read best as SQL, with the kinds of their parameters."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    Executable,
    Float,
    Integer,
    Numeric,
    Text,
    TextClause,
    bindparam,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

Kind = TypeEngine[Any]

NUMBER = BigInteger()
COUNT = Integer()
WORD = Text()
AMOUNT = Numeric()
MOMENT = DateTime(timezone=True)
SECONDS = Float()
SWITCH = Boolean()
TREE = JSONB(none_as_null=True)


NOT_AWAITED = "set_config('synchronous_commit', 'off', true)"
"""Selected by a statement, lets its transaction commit without waiting for the disk.

The journal loses nothing but its end: whatever is kept later is lost before this is. So it
is for what only the database itself relies on: no venue and no person is told of it before
something that was waited for.
"""


def many(kind: Kind) -> ARRAY[Any]:
    """Return the kind of a parameter that is a list."""
    return ARRAY(kind)


async def keep_all(
    connection: AsyncConnection, query: Executable, values: Sequence[Mapping[str, Any]]
) -> None:
    """Run a statement once for each set of values, in one go; not at all without any."""
    if values:
        await connection.execute(query, list(values))


def statement(*parts: str, **kinds: Kind) -> TextClause:
    """Return the statement of these parts, whose parameters have these kinds."""
    sql = "\n".join(parts)
    return text(sql).bindparams(
        *(bindparam(name, type_=kind) for name, kind in kinds.items())
    )
