"""What happened, from the table of events."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.store.postgres.engine import single_statement
from adapters.store.postgres.sql import COUNT, NUMBER, statement
from application.ports.news import BEGINNING, EventKind, Happening, Place
from domain.signal import AlertId

_SETTLED = "events.xid < pg_snapshot_xmin(pg_current_snapshot())"
_NEWEST = statement(
    f"""
    SELECT xid::text::bigint AS xid, id FROM events WHERE {_SETTLED}
    ORDER BY xid DESC, id DESC LIMIT 1
    """  # noqa: S608 - no input is in it
)
_SINCE = statement(
    f"""
    SELECT xid::text::bigint AS xid, id, kind, alert FROM events
    WHERE (xid, id) > (CAST(CAST(:transaction AS bigint)::text AS xid8), :number)
      AND {_SETTLED}
    ORDER BY xid, id LIMIT :limit
    """,  # noqa: S608 - no input is in it
    transaction=NUMBER,
    number=NUMBER,
    limit=COUNT,
)


@dataclass(frozen=True, slots=True)
class PostgresNews:
    """The record of what happened in PostgreSQL."""

    engine: AsyncEngine

    async def newest(self) -> Place:
        """Return the place of the newest happening; the beginning when there is none."""
        async with single_statement(self.engine) as connection:
            return await newest(connection)

    async def since(self, place: Place, limit: int) -> Sequence[Happening]:
        """Return the oldest happenings after ``place``, each once, in their order."""
        given = {
            "transaction": place.transaction,
            "number": place.number,
            "limit": limit,
        }
        async with single_statement(self.engine) as connection:
            found = (await connection.execute(_SINCE, given)).all()
        return [
            Happening(
                Place(row.xid, row.id),
                EventKind(row.kind),
                None if row.alert is None else AlertId(row.alert),
            )
            for row in found
        ]


async def newest(connection: AsyncConnection) -> Place:
    """Return the place up to which everything that happened can be read."""
    row = (await connection.execute(_NEWEST)).one_or_none()
    return BEGINNING if row is None else Place(row.xid, row.id)
