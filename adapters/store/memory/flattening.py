"""Flattenings in memory: the request, its closes, and how far they are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from adapters.store.memory.database import MemoryDatabase
from adapters.store.memory.rows import BotRow, FlatteningRow
from adapters.store.memory.states import set_state
from adapters.store.memory.usage import holds
from adapters.store.shared import desk_account
from application.notifying.states import flattened
from application.ports.configuration import Author, Scope
from application.ports.flattening import (
    Flattening,
    FlatteningId,
    FlatteningStatus,
    MarketHeld,
    Progress,
)
from application.records import IntentStatus, JobCause, JobStatus, Key
from domain.money import total
from domain.risk import TradingState
from domain.signal import Direction


@dataclass(frozen=True, slots=True)
class MemoryFlattenings:
    """Requests to flatten."""

    database: MemoryDatabase

    async def begin(self, scope: Scope, name: str, author: Author) -> Flattening | None:
        """Halt, keep the request and queue the closes."""
        async with self.database.lock:
            halted = TradingState.HALTED
            if not set_state(self.database, scope, name, halted, author):
                return None
            named = "" if scope is Scope.GLOBAL else name
            for row in self.database.flattenings.values():
                known = row.flattening
                if (known.scope, known.name) == (scope, named) and _runs(row):
                    return known
            flattening = Flattening(
                id=FlatteningId(len(self.database.flattenings) + 1),
                scope=scope,
                name=named,
                author=author,
                status=FlatteningStatus.RUNNING,
                attempts=1,
                outcome="",
                requested_at=self.database.clock.now(),
                finished_at=None,
            )
            self.database.flattenings[flattening.id] = FlatteningRow(flattening)
            self._queue(flattening)
            return flattening

    async def progress(self, id: FlatteningId) -> Progress | None:
        """Return how far it is."""
        row = self.database.flattenings.get(id)
        if row is None:
            return None
        covered = self._covered(row.flattening)
        keys = {bot.key: None for bot in covered}
        return Progress(
            flattening=row.flattening,
            now=self.database.clock.now(),
            halted=self._halted(row.flattening),
            waits_for=tuple(key for key in keys if self._waits(key, covered)),
            markets=tuple(self._market(key, covered) for key in sorted(keys)),
            unresolved=tuple(sorted(b.config.name for b in covered if self._stuck(b))),
            differs_since=row.differs_since,
        )

    async def again(self, id: FlatteningId) -> None:
        """Queue another close for every covered bot that holds something."""
        async with self.database.lock:
            row = self.database.flattenings.get(id)
            if row is None or not _runs(row):
                return
            attempts = row.flattening.attempts + 1
            row.flattening = replace(row.flattening, attempts=attempts)
            row.differs_since = None
            self._queue(row.flattening)

    async def differs(self, id: FlatteningId, outcome: str) -> None:
        """Keep what a venue said, and since when."""
        async with self.database.lock:
            row = self.database.flattenings[id]
            if _runs(row):
                row.flattening = replace(row.flattening, outcome=outcome)
                row.differs_since = row.differs_since or self.database.clock.now()

    async def end(self, id: FlatteningId, status: FlatteningStatus, outcome: str) -> None:
        """Keep how it ended, once."""
        async with self.database.lock:
            row = self.database.flattenings[id]
            if _runs(row):
                now = self.database.clock.now()
                row.flattening = replace(
                    row.flattening, status=status, outcome=outcome, finished_at=now
                )
                of, is_flat = row.flattening, status is FlatteningStatus.DONE
                notice = flattened(of.scope, of.name, outcome, is_flat=is_flat)
                self.database.notify([notice])

    async def newest(self, limit: int) -> Sequence[Flattening]:
        """Return the newest requests, running ones first."""
        found = sorted(
            self.database.flattenings.values(),
            key=lambda row: (not _runs(row), -row.flattening.id),
        )
        return [row.flattening for row in found[:limit]]

    def _covered(self, flattening: Flattening) -> list[BotRow]:
        bots = self.database.bots.values()
        match flattening.scope:
            case Scope.GLOBAL:
                return list(bots)
            case Scope.ACCOUNT:
                account = self.database.accounts[flattening.name].id
                return [bot for bot in bots if bot.account == account]
            case Scope.BOT:
                return [self.database.bots[flattening.name]]

    def _queue(self, flattening: Flattening) -> None:
        for bot in self._covered(flattening):
            waiting = [
                row.job
                for row in self.database.unfinished(bot.key)
                if row.job.bot == bot.id
            ]
            if any(job.cause is JobCause.OPERATOR for job in waiting):
                continue
            if bot.state.position.lots or waiting or self.database.live.get(bot.id):
                self.database.queue(bot.key, bot.id, cause=JobCause.OPERATOR)

    def _waits(self, key: Key, covered: list[BotRow]) -> bool:
        ids = {bot.id for bot in covered}
        return any(
            row.job.bot in ids and row.job.status is not JobStatus.DONE
            for row in self.database.unfinished(key)
        )

    def _stuck(self, bot: BotRow) -> bool:
        return any(
            self.database.intent(id)[1].status is IntentStatus.NEEDS_OPERATOR
            for id in self.database.live.get(bot.id, {})
        )

    def _halted(self, flattening: Flattening) -> bool:
        places = {(Scope.GLOBAL, ""), (flattening.scope, flattening.name)}
        if flattening.scope is Scope.BOT:
            account = self.database.account(self.database.bots[flattening.name].account)
            places.add((Scope.ACCOUNT, account.config.name))
        known = (self.database.states.get(place) for place in places)
        return any(one is not None and one.state is TradingState.HALTED for one in known)

    def _market(self, key: Key, covered: list[BotRow]) -> MarketHeld:
        account, instrument = self.database.account(key.account), self.database.market(key)
        bots = [bot for bot in self.database.bots.values() if bot.key == key]
        return MarketHeld(
            account=desk_account(account.id, account.config, instrument),
            instrument=instrument,
            ours=total(_signed(bot) for bot in bots),
            open=tuple(
                (bot.config.name, bot.state.position.quantity)
                for bot in bots
                if bot in covered and holds(self.database, bot)
            ),
        )


def _runs(row: FlatteningRow) -> bool:
    return row.flattening.status is FlatteningStatus.RUNNING


def _signed(bot: BotRow) -> Decimal:
    position = bot.state.position
    short = position.side is Direction.SHORT
    return position.quantity.copy_negate() if short else position.quantity
