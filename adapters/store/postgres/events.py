"""What is told to the dashboard and the notifier, written with whatever it reports.

A reader takes what is above its last number and below ``pg_snapshot_xmin`` of the present:
numbers are given before they are committed, and a late commit must not be skipped.
"""

from collections.abc import Sequence
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.store.postgres.tables import events


class EventKind(Enum):
    """What may have happened."""

    ALERT_RECEIVED = "alert.received"
    ALERT_REFUSED = "alert.refused"
    ALERT_ROUTED = "alert.routed"
    DECISION = "decision"
    ORDER = "order"
    FILL = "fill"
    TRADE = "trade"
    STATE = "state"
    CONFIGURATION = "configuration"


class Event(NamedTuple):
    """One thing that happened, with the little that a listener needs to look it up."""

    kind: EventKind
    alert: int | None = None
    bot: int | None = None
    payload: dict[str, Any] | None = None


async def tell(connection: AsyncConnection, told: Sequence[Event]) -> None:
    """Write events, in their order."""
    if told:
        await connection.execute(
            insert(events),
            [
                {
                    "kind": one.kind.value,
                    "alert": one.alert,
                    "bot": one.bot,
                    "payload": one.payload or {},
                }
                for one in told
            ],
        )
