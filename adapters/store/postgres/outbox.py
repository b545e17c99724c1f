"""The outbox on PostgreSQL: what waits, and whose turn it is, by the database's clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import RowMapping, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.store.postgres.engine import single_statement, transaction
from adapters.store.postgres.notices import notice_row
from adapters.store.postgres.sql import COUNT, NUMBER, SECONDS, WORD, many, statement
from adapters.store.postgres.tables import channels, notifications
from adapters.store.postgres.tables.telling import NoticeStatus
from application.notice import Kind, Notice, Weight
from application.ports.outbox import (
    TURN,
    ChannelState,
    Chat,
    NotificationId,
    Turn,
    TurnLost,
    Waiting,
)
from domain.signal import AlertId

_ADD = statement(
    """
    INSERT INTO notifications (kind, weight, title, lines, bot, alert)
    SELECT :kind, :weight, :title, to_jsonb(CAST(:lines AS text[])), :bot, :alert
    WHERE NOT EXISTS (
        SELECT FROM notifications
        WHERE kind = :kind AND at > clock_timestamp() - make_interval(secs => :seconds)
    )
    RETURNING id
    """,
    kind=WORD,
    weight=COUNT,
    title=WORD,
    lines=many(WORD),
    bot=NUMBER,
    alert=NUMBER,
    seconds=SECONDS,
)
_FREE = """
    (lease_until IS NULL OR lease_until < clock_timestamp())
    AND (rests_until IS NULL OR rests_until <= clock_timestamp())
"""
_DUE = statement(
    "SELECT EXISTS (SELECT FROM notifications WHERE status = 'WAITING')",
    "AND NOT EXISTS (SELECT FROM channels WHERE name = :channel AND NOT (",
    _FREE,
    "))",
    channel=WORD,
)
_TAKE = statement(
    """
    INSERT INTO channels (name, owner, fence, lease_until)
    VALUES (:channel, :owner, 1, clock_timestamp() + make_interval(secs => :seconds))
    ON CONFLICT (name) DO UPDATE
    SET owner = excluded.owner, fence = channels.fence + 1,
        lease_until = excluded.lease_until
    WHERE (channels.lease_until IS NULL OR channels.lease_until < clock_timestamp())
        AND (channels.rests_until IS NULL OR channels.rests_until <= clock_timestamp())
    RETURNING fence, failures
    """,
    channel=WORD,
    owner=WORD,
    seconds=SECONDS,
)
_REST = statement(
    """
    UPDATE channels
    SET owner = NULL, lease_until = NULL,
        rests_until = clock_timestamp() + make_interval(secs => :seconds),
        failures = CASE WHEN :error = '' THEN 0 ELSE failures + 1 END,
        failing_since = CASE WHEN :error <> ''
            THEN coalesce(failing_since, clock_timestamp()) END,
        error = :error
    WHERE name = :channel AND owner = :owner AND fence = :fence
    RETURNING name
    """,
    seconds=SECONDS,
    error=WORD,
    channel=WORD,
    owner=WORD,
    fence=NUMBER,
)
_END = statement(
    """
    UPDATE notifications
    SET status = :status, told_at = clock_timestamp(), channel = :channel, error = :error
    WHERE id = ANY(:ids) AND status = 'WAITING'
    """,
    status=WORD,
    channel=WORD,
    error=WORD,
    ids=many(NUMBER),
)
_WAITING = (
    select(notifications)
    .where(notifications.c.status == NoticeStatus.WAITING.value)
    .order_by(notifications.c.weight, notifications.c.id)
    .limit(bindparam("most"))
)
_COUNTS = select(
    func.count().filter(notifications.c.status == NoticeStatus.WAITING.value),
    func.min(notifications.c.at).filter(
        notifications.c.status == NoticeStatus.WAITING.value
    ),
    func.count().filter(notifications.c.status == NoticeStatus.GIVEN_UP.value),
)
_CHANNEL = select(channels).where(channels.c.name == bindparam("channel"))


@dataclass(frozen=True, slots=True)
class PostgresOutbox:
    """Reads and settles what the stores have written."""

    engine: AsyncEngine

    async def add_once_in(self, notice: Notice, every: timedelta) -> bool:
        """Add a notice, unless one of its kind was added lately."""
        values = {**notice_row(notice), "seconds": every.total_seconds()}
        async with single_statement(self.engine) as connection:
            return (await connection.execute(_ADD, values)).one_or_none() is not None

    async def due(self, channel: str) -> bool:
        """Say whether something waits and may be told now."""
        async with single_statement(self.engine) as connection:
            found = await connection.execute(_DUE, {"channel": channel})
            return bool(found.scalar_one())

    async def take_turn(self, channel: str, owner: str) -> Turn | None:
        """Take the channel for a while."""
        values = {"channel": channel, "owner": owner, "seconds": TURN.total_seconds()}
        async with transaction(self.engine) as connection:
            row = (await connection.execute(_TAKE, values)).one_or_none()
        if row is None:
            return None
        return Turn(channel=channel, owner=owner, fence=row.fence, failures=row.failures)

    async def waiting(self, limit: int) -> Sequence[Waiting]:
        """Return what waits, the weightiest first."""
        async with single_statement(self.engine) as connection:
            found = await connection.execute(_WAITING, {"most": limit})
            return [waiting(row) for row in found.mappings()]

    async def told(
        self, turn: Turn, ids: Sequence[NotificationId], rest: timedelta
    ) -> None:
        """Note that these were told."""
        async with transaction(self.engine) as connection:
            await _rest(connection, turn, rest, "")
            await _end(connection, turn, NoticeStatus.TOLD, ids, "")

    async def failed(self, turn: Turn, error: str, rest: timedelta) -> None:
        """Note that telling failed and is tried again."""
        async with transaction(self.engine) as connection:
            await _rest(connection, turn, rest, error or "it failed")

    async def given_up(self, turn: Turn, ids: Sequence[NotificationId], error: str) -> None:
        """Note that these can never be told."""
        async with transaction(self.engine) as connection:
            await _rest(connection, turn, timedelta(), "")
            await _end(connection, turn, NoticeStatus.GIVEN_UP, ids, error)

    async def state(self, channel: str) -> ChannelState:
        """Return how it stands."""
        async with transaction(self.engine) as connection:
            count, oldest, given_up = (await connection.execute(_COUNTS)).one()
            found = await connection.execute(_CHANNEL, {"channel": channel})
            row = found.mappings().one_or_none()
        return ChannelState(
            waiting=count,
            oldest=oldest,
            failures=row["failures"] if row else 0,
            failing_since=row["failing_since"] if row else None,
            error=row["error"] if row else "",
            given_up=given_up,
        )

    async def chat(self, channel: str) -> Chat | None:
        """Return the linked chat."""
        async with single_statement(self.engine) as connection:
            found = await connection.execute(_CHANNEL, {"channel": channel})
            row = found.mappings().one_or_none()
        if row is None or row["chat"] is None:
            return None
        return Chat(id=row["chat"], title=row["chat_title"], is_group=row["chat_is_group"])

    async def link(self, channel: str, chat: Chat) -> None:
        """Send from now on to this chat; a rest that was ordered for another is over."""
        values = {
            "chat": chat.id,
            "chat_title": chat.title,
            "chat_is_group": chat.is_group,
        }
        change = upsert(channels).values(name=channel, **values)
        async with transaction(self.engine) as connection:
            await connection.execute(
                change.on_conflict_do_update(
                    index_elements=[channels.c.name], set_={**values, "rests_until": None}
                )
            )


async def _rest(
    connection: AsyncConnection, turn: Turn, rest: timedelta, error: str
) -> None:
    """End the turn; the channel rests.

    Raises:
        TurnLost: If the turn was another's by now.
    """
    values = {
        "channel": turn.channel,
        "owner": turn.owner,
        "fence": turn.fence,
        "seconds": rest.total_seconds(),
        "error": error,
    }
    if (await connection.execute(_REST, values)).one_or_none() is None:
        raise TurnLost(f"{turn.channel} is not told by {turn.owner} any more")


async def _end(
    connection: AsyncConnection,
    turn: Turn,
    status: NoticeStatus,
    ids: Sequence[NotificationId],
    error: str,
) -> None:
    values = {"status": status.value, "channel": turn.channel, "error": error}
    await connection.execute(_END, {**values, "ids": list(ids)})


def waiting(row: RowMapping) -> Waiting:
    """Return the notice that a row keeps."""
    notice = Notice(
        kind=Kind(row["kind"]),
        weight=Weight(row["weight"]),
        title=row["title"],
        lines=tuple(row["lines"]),
        bot=row["bot"],
        alert=None if row["alert"] is None else AlertId(row["alert"]),
    )
    return Waiting(id=NotificationId(row["id"]), notice=notice, at=row["at"])
