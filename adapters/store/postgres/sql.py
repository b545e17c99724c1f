"""Statements that read best as SQL, with the kinds of their parameters."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    Float,
    Integer,
    Numeric,
    Text,
    TextClause,
    bindparam,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
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


def many(kind: Kind) -> ARRAY[Any]:
    """Return the kind of a parameter that is a list."""
    return ARRAY(kind)


def statement(*parts: str, **kinds: Kind) -> TextClause:
    """Return the statement of these parts, whose parameters have these kinds."""
    sql = "\n".join(parts)
    return text(sql).bindparams(
        *(bindparam(name, type_=kind) for name, kind in kinds.items())
    )
