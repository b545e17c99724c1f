"""One statement that writes rows of many tables at once, each kind as one JSON array.

A round trip and a plan are paid once, whether one key moved or a hundred. JSON, since the
driver takes longer to look through a hundred small arrays than PostgreSQL to read them.
The parts run in one snapshot and see nothing of each other, so each row may be written by
one part only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from adapters.store.postgres.driver import Driver

Rows = Sequence[Mapping[str, Any]]
_DIALECT = dialect()  # type: ignore[no-untyped-call] # SQLAlchemy's own
_PLACES = "{rows}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is done with rows: ``{rows}`` in the statement stands for all of them.

    They come as ``new``, with the columns' names and the ``place`` they were given in.
    Exact numbers travel as text.
    """

    name: str
    sql: str
    columns: Mapping[str, str]
    """Every column of the rows, with its type in PostgreSQL."""


def kept_in(table: Table, *names: str, then: str = "") -> Part:
    """Return the part that inserts rows into a table, in their order.

    ``then`` says what is done where a row is there already.
    """
    quoted = ", ".join(f'"{name}"' for name in names)
    return Part(
        name=f"kept_{table.name}",
        sql=f"INSERT INTO {table.name} ({quoted}) "  # noqa: S608 - names of our tables
        f"SELECT {quoted} FROM {_PLACES} ORDER BY place {then}",
        columns=columns_of(table, *names),
    )


def columns_of(table: Table, *names: str) -> dict[str, str]:
    """Return columns of a table with their types."""
    return {name: table.c[name].type.compile(dialect=_DIALECT) for name in names}


class Writing:
    """A statement of many parts, made once, and run with rows for each of them."""

    def __init__(self, parts: Sequence[Part], result: str) -> None:
        """Join the parts; ``result`` selects what is to be known of them."""
        self.names = tuple(part.name for part in parts)
        texts: list[str] = []
        for number, part in enumerate(parts, 1):
            columns = ", ".join(f'"{name}" {type}' for name, type in part.columns.items())
            names = ", ".join(f'"{name}"' for name in part.columns)
            rows = (
                f"ROWS FROM (json_to_recordset(${number}::json) AS ({columns})) "
                f"WITH ORDINALITY AS new ({names}, place)"
            )
            texts.append(f"{part.name} AS ({part.sql.replace(_PLACES, rows)})")
        self.sql = "WITH " + ",\n".join(texts) + "\n" + result

    async def __call__(self, driver: Driver, rows: Mapping[str, Rows]) -> asyncpg.Record:
        """Write the rows of every part by its name; parts without rows do nothing."""
        given = (rows.get(name) for name in self.names)
        arguments = [_json(some) if some else "[]" for some in given]
        found = await driver.raw.fetch(self.sql, *arguments)
        return found[0]


def _json(rows: Rows) -> str:
    return msgspec.json.encode(rows).decode()
