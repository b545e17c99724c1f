"""Time that passes on a database whose clock nobody can move: what waits comes nearer."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Interval, bindparam, text
from sqlalchemy.ext.asyncio import AsyncEngine

TIMES = (
    "alert_keys expires_at",
    "work_keys lease_until",
    "work_keys retry_at",
    "timers due_at",
    "feeds previous_until",
    "flattenings differs_since",
    "channels lease_until",
    "channels rests_until",
    "orders rests_until",
    "orders cancel_asked_at",
    "protections may_arrive_until",
    "protections looked_at",
    "missing_stops since",
    "intents created_at",
    "heartbeats started_at",
)
WITH_ORDERS = (*TIMES, "orders may_arrive_until")
"""Also until when an order that was sent may arrive, which many tests compare whole."""


async def bring_nearer(
    engine: AsyncEngine, by: timedelta, times: Sequence[str] = TIMES
) -> None:
    """Move deadlines of the database so much closer."""
    async with engine.begin() as connection:
        for table, column in (one.split() for one in times):
            moved = text(f"UPDATE {table} SET {column} = {column} - :by")  # noqa: S608 - names from the list above
            typed = moved.bindparams(bindparam("by", type_=Interval))
            await connection.execute(typed, {"by": by})
