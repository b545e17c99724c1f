"""What is held, and the prices that the watchdog saw, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.store.memory.database import BotRow, MemoryDatabase
from adapters.store.memory.protections import resting
from adapters.store.shared import desk_account
from application.ports.watched import Sighting, WatchedPosition
from application.records import BotId, Job, JobCause, JobStatus, Key, Mark
from application.usage import marked


@dataclass(frozen=True, slots=True)
class MemoryWatchedPositions:
    """Open positions in memory. Every account may be watched here: simulations have one."""

    database: MemoryDatabase

    async def held(self) -> Sequence[WatchedPosition]:
        """Return every open position."""
        async with self.database.lock:
            open_ones = [one for one in self.database.bots.values() if one.state.side]
            return [
                self._watched(one)
                for one in sorted(open_ones, key=lambda one: (*one.key, one.id))
                if not one.state.position.is_flat
            ]

    async def keep(self, sightings: Sequence[Sighting]) -> Sequence[Key]:
        """Move the prices on, and queue work where an exit rule must be looked at."""
        keys: dict[Key, None] = {}
        async with self.database.lock:
            for one in sightings:
                mark = Mark(price=one.price, at=one.at)
                self._move(one.key, mark)
                for bot in one.bots:
                    if not self._waits(one.key, bot):
                        self._queue(one.key, bot, mark)
                        keys[one.key] = None
        return tuple(keys)

    def _move(self, key: Key, mark: Mark) -> None:
        known = self.database.marks.get(key)
        if known is None or mark.at > known.at:
            begins = self.database.account(key.account).config.day_start
            self.database.marks[key] = marked(known, mark, begins)

    def _queue(self, key: Key, bot: BotId, mark: Mark) -> None:
        job = Job(
            id=self.database.next_job(),
            bot=bot,
            cause=JobCause.PRICE,
            status=JobStatus.QUEUED,
            seen=mark,
        )
        self.database.add_job(key, job)

    def _waits(self, key: Key, bot: BotId) -> bool:
        return any(
            row.job.bot == bot and row.job.cause is JobCause.PRICE
            for row in self.database.unfinished(key)
        )

    def _watched(self, row: BotRow) -> WatchedPosition:
        market = self.database.market(row.key)
        account = self.database.account(row.account)
        _, bound = row.bound or (row.revision, row.config)
        known = self.database.marks.get(row.key)
        return WatchedPosition(
            bot=row.id,
            account=desk_account(account.id, account.config, market),
            instrument=market,
            position=row.state.position,
            exits=bound.rules.exits,
            known_at=None if known is None else known.at,
            now=self.database.clock.now(),
            resting=resting(self.database, row.id),
        )
