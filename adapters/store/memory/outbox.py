"""The outbox in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from adapters.store.memory.database import MemoryDatabase
from adapters.store.memory.notices import Channel, NoticeRow
from application.notice import Notice
from application.ports.outbox import (
    TURN,
    ChannelState,
    Chat,
    NotificationId,
    Turn,
    TurnLost,
    Waiting,
)


@dataclass(frozen=True, slots=True)
class MemoryOutbox:
    """Reads and settles what the stores have written."""

    database: MemoryDatabase

    async def add_once_in(self, notice: Notice, every: timedelta) -> bool:
        """Add a notice, unless one of its kind was added lately."""
        async with self.database.lock:
            since = self.database.clock.now() - every
            known = any(
                row.notice.kind is notice.kind and row.at > since
                for row in self.database.notices
            )
            if not known:
                self.database.notify([notice])
            return not known

    async def due(self, channel: str) -> bool:
        """Say whether something waits and may be told now."""
        return bool(self._waiting()) and self._is_free(self._channel(channel))

    async def take_turn(self, channel: str, owner: str) -> Turn | None:
        """Take the channel for a while."""
        async with self.database.lock:
            row = self._channel(channel)
            if not self._is_free(row):
                return None
            row.owner, row.fence = owner, row.fence + 1
            row.lease_until = self.database.clock.now() + TURN
            return Turn(
                channel=channel, owner=owner, fence=row.fence, failures=row.failures
            )

    async def waiting(self, limit: int) -> Sequence[Waiting]:
        """Return what waits, the weightiest first."""
        return [
            Waiting(id=row.id, notice=row.notice, at=row.at)
            for row in self._waiting()[:limit]
        ]

    async def told(
        self, turn: Turn, ids: Sequence[NotificationId], rest: timedelta
    ) -> None:
        """Note that these were told."""
        async with self.database.lock:
            self._rest(turn, rest, "")
            self._end(turn, ids, "")

    async def failed(self, turn: Turn, error: str, rest: timedelta) -> None:
        """Note that telling failed and is tried again."""
        async with self.database.lock:
            self._rest(turn, rest, error or "it failed")

    async def given_up(self, turn: Turn, ids: Sequence[NotificationId], error: str) -> None:
        """Note that these can never be told."""
        async with self.database.lock:
            self._rest(turn, timedelta(), "")
            self._end(turn, ids, error)

    async def state(self, channel: str) -> ChannelState:
        """Return how it stands."""
        row, waiting = self._channel(channel), self._waiting()
        return ChannelState(
            waiting=len(waiting),
            oldest=min((one.at for one in waiting), default=None),
            failures=row.failures,
            failing_since=row.failing_since,
            error=row.error,
            given_up=sum(bool(one.error) for one in self.database.notices),
        )

    async def chat(self, channel: str) -> Chat | None:
        """Return the linked chat."""
        return self._channel(channel).chat

    async def link(self, channel: str, chat: Chat) -> None:
        """Send from now on to this chat; a rest that was ordered for another is over."""
        async with self.database.lock:
            row = self._channel(channel)
            row.chat, row.rests_until = chat, None

    def _channel(self, name: str) -> Channel:
        return self.database.channels.setdefault(name, Channel())

    def _waiting(self) -> list[NoticeRow]:
        rows = (row for row in self.database.notices if row.told_at is None)
        return sorted(rows, key=lambda row: (row.notice.weight, row.id))

    def _is_free(self, row: Channel) -> bool:
        now = self.database.clock.now()
        leased = row.lease_until is not None and row.lease_until >= now
        return not leased and (row.rests_until is None or row.rests_until <= now)

    def _rest(self, turn: Turn, rest: timedelta, error: str) -> None:
        row = self._channel(turn.channel)
        if (row.owner, row.fence) != (turn.owner, turn.fence):
            raise TurnLost(f"{turn.channel} is not told by {turn.owner} any more")
        now = self.database.clock.now()
        row.owner, row.lease_until, row.rests_until = None, None, now + rest
        row.error = error
        row.failures = row.failures + 1 if error else 0
        row.failing_since = (row.failing_since or now) if error else None

    def _end(self, turn: Turn, ids: Sequence[NotificationId], error: str) -> None:
        for row in self.database.notices:
            if row.id in ids and row.told_at is None:
                row.told_at = self.database.clock.now()
                row.channel, row.error = turn.channel, error
