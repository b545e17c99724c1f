"""One statement that writes rows of many tables at once, each kind as columns of arrays.

A round trip and a plan are paid once, whether one key moved or a hundred. The parts run in
one snapshot and see nothing of each other, so each row may be written by one part only.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from adapters.store.postgres.driver import Driver

Rows = Sequence[Mapping[str, Any]]
_DIALECT = dialect()  # type: ignore[no-untyped-call] # SQLAlchemy's own
_PLACES = "{rows}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is done with rows: ``{rows}`` in the statement stands for all of them.

    They come as ``new``, with the columns' names and the ``place`` they were given in.
    """

    name: str
    sql: str
    columns: Mapping[str, str]
    """Every column of the rows, with its type in PostgreSQL; a structure comes as TEXT.

    asyncpg would ask each connection what an array of JSONB is.
    """
    trees: frozenset[str] = frozenset()
    """Those that hold a structure."""


def kept_in(table: Table, *names: str, then: str = "") -> Part:
    """Return the part that inserts rows into a table, in their order.

    ``then`` says what is done where a row is there already.
    """
    trees = trees_of(table, *names)
    quoted = ", ".join(f'"{name}"' for name in names)
    return Part(
        name=f"kept_{table.name}",
        sql=f"INSERT INTO {table.name} ({quoted}) "  # noqa: S608 - names of our tables
        f"SELECT {given(trees, names)} FROM {_PLACES} ORDER BY place {then}",
        columns=columns_of(table, *names),
        trees=trees,
    )


def columns_of(table: Table, *names: str) -> dict[str, str]:
    """Return columns of a table with the types that rows give them in."""
    trees = trees_of(table, *names)
    return {
        name: "TEXT" if name in trees else table.c[name].type.compile(dialect=_DIALECT)
        for name in names
    }


def trees_of(table: Table, *names: str) -> frozenset[str]:
    """Return those columns of a table that hold a structure."""
    return frozenset(name for name in names if isinstance(table.c[name].type, JSONB))


def given(trees: Container[str], names: Iterable[str]) -> str:
    """Return the columns of rows, as they are selected to be kept."""
    return ", ".join(
        f'CAST("{name}" AS jsonb)' if name in trees else f'"{name}"' for name in names
    )


class Writing:
    """A statement of many parts, made once, and run with rows for each of them."""

    def __init__(self, parts: Sequence[Part], result: str) -> None:
        """Join the parts; ``result`` selects what is to be known of them."""
        self._parts = parts
        self.names = tuple(part.name for part in parts)
        number, texts = 0, list[str]()
        for part in parts:
            types = list(part.columns.values())
            arrays = ", ".join(
                f"${number + place}::{type}[]" for place, type in enumerate(types, 1)
            )
            number += len(types)
            names = ", ".join(f'"{name}"' for name in part.columns)
            rows = f"unnest({arrays}) WITH ORDINALITY AS new ({names}, place)"
            texts.append(f"{part.name} AS ({part.sql.replace(_PLACES, rows)})")
        self.sql = "WITH " + ",\n".join(texts) + "\n" + result

    async def __call__(self, driver: Driver, rows: Mapping[str, Rows]) -> asyncpg.Record:
        """Write the rows of every part by its name; parts without rows do nothing."""
        found = await driver.raw.fetch(self.sql, *self._arguments(rows))
        return found[0]

    def _arguments(self, rows: Mapping[str, Rows]) -> list[list[Any]]:
        arguments: list[list[Any]] = []
        for part in self._parts:
            given = rows.get(part.name, ())
            for name in part.columns:
                values = [row[name] for row in given]
                if name in part.trees:
                    values = [_json(value) for value in values]
                arguments.append(values)
        return arguments


def _json(value: object) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()
