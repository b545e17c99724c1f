"""What is told to the dashboard and the notifier, written with whatever it reports.

Numbers are given before they are committed, so ``news`` reads by transaction, then number,
and only what is below ``pg_snapshot_xmin`` of the present: nothing is skipped.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.store.postgres.tables import events
from application.ports.news import EventKind

__all__ = ["Event", "EventKind", "tell"]


class Event(NamedTuple):
    """One thing that happened, with the little that a listener needs to look it up."""

    kind: EventKind
    alert: int | None = None
    bot: int | None = None
    payload: dict[str, Any] | None = None

    @property
    def row(self) -> dict[str, Any]:
        """Return what is written of it."""
        return {
            "kind": self.kind.value,
            "alert": self.alert,
            "bot": self.bot,
            "payload": self.payload or {},
        }


async def tell(connection: AsyncConnection, told: Sequence[Event]) -> None:
    """Write events, in their order."""
    if told:
        await connection.execute(insert(events), [one.row for one in told])
