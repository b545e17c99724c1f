"""One statement that writes rows of many tables at once, each kind as one JSON array.

A round trip and a plan are paid once, whether one key moved or a hundred. JSON, since the
driver takes longer to look through a hundred small arrays than PostgreSQL to read them.
The parts run in one snapshot and see nothing of each other, so each row may be written by
one part only. A part without rows is left out: each costs some 30 µs, even empty.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from adapters.store.postgres.driver import Driver

Rows = Sequence[Mapping[str, Any]]
_DIALECT = dialect()  # type: ignore[no-untyped-call] # SQLAlchemy's own
_PLACES = "{rows}"
_ARRAY = re.compile(r"\{all:(\w+)\}")

SETS = 40
"""How many sets of parts a statement is made for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is done with rows: ``{rows}`` in the statement stands for all of them.

    They come as ``new``, with the columns' names and the ``place`` they were given in.
    Exact numbers travel as text. ``{all:name}`` is an array of one column of them: a table
    that rows are looked up in is found by it through an index. Told to join, PostgreSQL
    would read the table whole, for it expects 100 rows and keeps the plan it made while
    the table was small.
    """

    name: str
    sql: str
    columns: Mapping[str, str]
    """Every column of the rows, with its type in PostgreSQL."""
    after: tuple[str, ...] = ()
    """Parts that it reads from, and that are there wherever it is."""


def kept_in(table: Table, *names: str, where: str = "", then: str = "") -> Part:
    """Return the part that inserts rows into a table, in their order.

    ``where`` says which, ``then`` what is done where a row is there already.
    """
    quoted = ", ".join(f'"{name}"' for name in names)
    return Part(
        name=f"kept_{table.name}",
        sql=f"INSERT INTO {table.name} ({quoted}) "  # noqa: S608 - names of our tables
        f"SELECT {quoted} FROM {_PLACES} {where} ORDER BY place {then}",
        columns=columns_of(table, *names),
    )


def columns_of(table: Table, *names: str) -> dict[str, str]:
    """Return columns of a table with their types."""
    return {name: table.c[name].type.compile(dialect=_DIALECT) for name in names}


class Writing:
    """A statement of many parts, made once for each set of parts that have rows."""

    def __init__(
        self, parts: Sequence[Part], result: str, *, always: Sequence[str] = ()
    ) -> None:
        """Join the parts; ``result`` selects what is to be known of them.

        It may read the parts that are there ``always``, and their rows: ``{name}`` in it
        stands for the JSON that a part was given.
        """
        self._parts = {part.name: part for part in parts}
        self._result = result
        self._always = frozenset(always)
        self._made: dict[tuple[str, ...], str] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the parts, in their order."""
        return tuple(self._parts)

    async def __call__(self, driver: Driver, rows: Mapping[str, Rows]) -> asyncpg.Record:
        """Write the rows of every part by its name."""
        needed = self._needed(rows)
        found = await driver.raw.fetch(
            self._statement(needed), *(_json(rows.get(name) or ()) for name in needed)
        )
        return found[0]

    def _needed(self, rows: Mapping[str, Rows]) -> tuple[str, ...]:
        """Return the parts that have rows, with those that they read from.

        Once many sets have been met, all parts are taken: a connection should not have
        to prepare a statement for every set there may be.
        """
        used = {name for name in self._parts if rows.get(name)} | self._always
        for name in tuple(used):
            used |= set(self._parts[name].after)
        needed = tuple(name for name in self._parts if name in used)
        if needed not in self._made and len(self._made) >= SETS:
            return self.names
        return needed

    def _statement(self, needed: tuple[str, ...]) -> str:
        if needed not in self._made:
            texts: list[str] = []
            result = self._result
            for number, name in enumerate(needed, 1):
                part, given = self._parts[name], f"${number}::json"
                texts.append(_text(part, given))
                result = result.replace("{" + name + "}", given)
            self._made[needed] = "WITH " + ",\n".join(texts) + "\n" + result
        return self._made[needed]


def _text(part: Part, given: str) -> str:
    columns = ", ".join(f'"{name}" {type}' for name, type in part.columns.items())
    names = ", ".join(f'"{name}"' for name in part.columns)
    rows = (
        f"ROWS FROM (json_to_recordset({given}) AS ({columns})) "
        f"WITH ORDINALITY AS new ({names}, place)"
    )
    arrays = _ARRAY.sub(partial(_array, part, given), part.sql)
    return f"{part.name} AS ({arrays.replace(_PLACES, rows)})"


def _array(part: Part, given: str, found: re.Match[str]) -> str:
    name = f'"{found[1]}"'
    columns = f"{name} {part.columns[found[1]]}"
    rows = f"json_to_recordset({given}) AS one ({columns})"
    return f"ARRAY(SELECT {name} FROM {rows})"  # noqa: S608 - names of our tables


def _json(rows: Rows) -> str:
    return msgspec.json.encode(rows).decode()
