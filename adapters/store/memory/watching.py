"""News, signs of life and how things stand, from memory."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from adapters.store.memory.database import MemoryDatabase
from adapters.store.memory.rows import AccountRow
from application.ports.configuration import Scope
from application.ports.news import BEGINNING, Happening, Place
from application.ports.standing import Standing, VenueStanding
from domain.order import OrderStatus
from domain.risk import TradingState

_OPEN_FATE = (OrderStatus.UNKNOWN, OrderStatus.NEEDS_OPERATOR)


@dataclass(frozen=True, slots=True)
class MemoryNews:
    """The record of what happened in memory."""

    database: MemoryDatabase

    async def newest(self) -> Place:
        """Return the place of the newest happening; the beginning when there is none."""
        happened = self.database.happened
        return happened[-1].place if happened else BEGINNING

    async def since(self, place: Place, limit: int) -> Sequence[Happening]:
        """Return the oldest happenings after ``place``, each once, in their order."""
        happened = self.database.happened
        first = bisect_right(happened, place, key=lambda one: one.place)
        return happened[first : first + limit]


@dataclass(frozen=True, slots=True)
class MemoryPulse:
    """Where a process says that it is alive, in memory."""

    database: MemoryDatabase

    async def beat(self, process: str, role: str) -> None:
        """Say that ``process`` lives now."""
        self.database.beats[process] = (role, self.database.clock.now())

    async def silence(self, host: str, role: str) -> timedelta | None:
        """Return since when no process of a role has said on ``host`` that it lives."""
        beats = [
            at
            for process, (its, at) in self.database.beats.items()
            if its == role and process.partition(":")[0] == host
        ]
        return self.database.clock.now() - max(beats) if beats else None


@dataclass(frozen=True, slots=True)
class MemoryStandings:
    """Reads how things stand from memory."""

    database: MemoryDatabase

    async def standing(self) -> Standing:
        """Return how things stand now."""
        kept = self.database
        states = sorted(kept.states.values(), key=lambda one: (one.scope.value, one.name))
        lives = [at for role, at in kept.beats.values() if role == "worker"]
        return Standing(
            now=kept.clock.now(),
            worker_at=max(lives, default=None),
            installation=next((one for one in states if one.scope is Scope.GLOBAL), None),
            restricted=[
                one
                for one in states
                if one.scope is not Scope.GLOBAL and one.state is not TradingState.ACTIVE
            ],
            venues=[
                self._venue(row)
                for row in sorted(kept.accounts.values(), key=lambda row: row.config.name)
                if not row.archived
            ],
            open_positions=sum(bool(row.state.position.lots) for row in kept.bots.values()),
            last_alert_at=next(
                (row.received_at for row in reversed(kept.alerts.values())), None
            ),
            newest=await MemoryNews(kept).newest(),
        )

    def _venue(self, row: AccountRow) -> VenueStanding:
        return VenueStanding(
            account=row.config.name,
            exchange=row.config.exchange,
            mode=row.config.mode,
            bots=sum(not bot.archived for bot in self.database.bots_of(row.id)),
            unsettled=sum(
                one.order.status in _OPEN_FATE
                for job in self.database.jobs.values()
                if job.key.account == row.id
                for one in job.job.orders
            ),
        )
