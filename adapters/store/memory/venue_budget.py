"""What is left of venues' patience, in memory: shared by all who hold the same one."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from adapters.store.shared import LEFT_FOR_OTHERS
from application.ports.clock import Clock
from application.ports.venue_budget import Allowance, Urgency
from application.records import AccountId
from domain.money import add, multiply, subtract

NOW = timedelta()
SOON = timedelta(milliseconds=1)


@dataclass(slots=True)
class Purse:
    """What is left of one venue's units, as of when, and until when it is left alone."""

    units: Decimal
    filled_at: datetime
    banned_until: datetime
    rests_until: datetime


@dataclass(slots=True)
class MemoryVenueBudget:
    """The venues' budgets of one process."""

    clock: Clock
    _purses: dict[str, Purse] = field(default_factory=dict[str, Purse])
    _turns: defaultdict[AccountId, asyncio.Lock] = field(
        default_factory=lambda: defaultdict(asyncio.Lock)
    )

    async def take(
        self, venue: str, cost: Decimal, urgency: Urgency, allowance: Allowance
    ) -> timedelta:
        """Take what a request costs, or say how long to wait."""
        now = self.clock.now()
        purse = self._purse(venue, allowance.units)
        seconds = Decimal(str((now - purse.filled_at).total_seconds()))
        came_back = add(purse.units, multiply(allowance.per_second, seconds))
        purse.units, purse.filled_at = min(allowance.units, came_back), now
        cost = min(cost, allowance.units / 2)
        wait = self._wait(purse, cost, urgency, allowance)
        if wait == NOW:
            purse.units = subtract(purse.units, cost)
        return wait

    async def ban(self, venue: str, pause: timedelta) -> None:
        """Let nobody ask the venue for so long."""
        purse = self._purse(venue, Decimal(0))
        purse.banned_until = max(purse.banned_until, self.clock.now() + pause)

    async def rest(self, venue: str, pause: timedelta) -> None:
        """Let only exits through for so long."""
        purse = self._purse(venue, Decimal(0))
        purse.rests_until = max(purse.rests_until, self.clock.now() + pause)

    @asynccontextmanager
    async def turn(self, account: AccountId) -> AsyncIterator[None]:
        """Hold an account's keys."""
        async with self._turns[account]:
            yield

    def _purse(self, venue: str, units: Decimal) -> Purse:
        now = self.clock.now()
        return self._purses.setdefault(venue, Purse(units, now, now, now))

    def _wait(
        self, purse: Purse, cost: Decimal, urgency: Urgency, allowance: Allowance
    ) -> timedelta:
        now = self.clock.now()
        least = add(multiply(allowance.units, LEFT_FOR_OTHERS[urgency]), cost)
        if purse.banned_until > now:
            return purse.banned_until - now
        if purse.rests_until > now and urgency is not Urgency.EXIT:
            return purse.rests_until - now
        if purse.units >= least:
            return NOW
        missing = float(subtract(least, purse.units))
        return max(timedelta(seconds=missing / float(allowance.per_second)), SOON)
