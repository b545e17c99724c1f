"""CCXT's client classes with a guard before every request, and an ear for its answer.

Before: the request waits for its share of the venue's budget, and an order that is late
does not leave. A worker may be paused anywhere; the guard runs after the request was
signed, so what passes it was signed in time, and the venue's own time window refuses it
soon after. After: a ban is kept for all processes, a venue that fails again and again is
let rest, and one whose clock is another is asked for the time before the next question.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import ccxt.async_support as ccxt

from adapters.venue.capabilities import GENERIC, USUAL_LIMITS, Capabilities, RateLimits
from adapters.venue.outcome import EXPECTED, NeverSent, judge
from application.ports.venue_budget import Allowance, Urgency, VenueBudget
from application.records import AccountId

BURST_SECONDS = 10
"""How much of what a venue allows may be used at once, in seconds' worth."""
PATIENCE = {
    Urgency.EXIT: timedelta(seconds=10),
    Urgency.ENTRY: timedelta(seconds=5),
    Urgency.READ: timedelta(seconds=10),
}
"""How long a request waits for its share before it is given up, unsent."""
BANS = (418, 429)
BAN_UNTOLD = {418: timedelta(minutes=2), 429: timedelta(seconds=5)}
TIRED_AFTER = 5
REST_MAX = timedelta(minutes=1)


@dataclass(slots=True)
class Departure:
    """What is wanted and known of one order's leaving."""

    latest: float | None
    """When it must have left, in milliseconds since 1970; None if it may be late."""
    left: bool = False
    """Whether anything that could place an order was handed to the network."""


DEPARTURE: ContextVar[Departure | None] = ContextVar("departure", default=None)
URGENCY: ContextVar[Urgency] = ContextVar("urgency", default=Urgency.READ)


@dataclass(slots=True)
class Guard:
    """What one client shares with all others of its venue, and what it has seen itself."""

    budget: VenueBudget
    venue: str
    account: AccountId
    one_writer: bool
    limits: RateLimits = USUAL_LIMITS
    failures: int = 0
    banned_for: timedelta | None = None

    async def wait_for_share(self, cost: float, rate_limit: float) -> None:
        """Wait for a share of the budget.

        Raises:
            NeverSent: If it would take longer than the request can wait.
        """
        urgency = URGENCY.get()
        per_second = Decimal(1000) / Decimal(str(rate_limit or 50))
        allowance = Allowance(per_second * BURST_SECONDS, per_second)
        waited = timedelta()
        while wait := await self.budget.take(
            self.venue, Decimal(str(cost)), urgency, allowance
        ):
            waited += wait
            if waited > PATIENCE[urgency]:
                text = f"the venue is to be left alone for {wait.total_seconds():.1f} s"
                raise NeverSent(text, wait)
            await asyncio.sleep(wait.total_seconds())

    def heard(self, status: int, headers: Mapping[str, str], body: str, now: float) -> None:
        """Remember a ban that an answer tells of; ``now`` is milliseconds since 1970."""
        told = {name.casefold(): value for name, value in headers.items()}
        if status in BANS:
            seconds = told.get("retry-after", "")
            known = timedelta(seconds=int(seconds)) if seconds.isdigit() else None
            self.banned_for = known or self._until_reset(told, now) or BAN_UNTOLD[status]
        elif status == self.limits.banned_status:
            self.banned_for = self.limits.banned_for
        elif any(text in body.replace(" ", "") for text in self.limits.exceeded):
            self.banned_for = self._until_reset(told, now) or BAN_UNTOLD[429]

    def _until_reset(self, told: Mapping[str, str], now: float) -> timedelta | None:
        """Return how long the venue itself says to wait, at most a minute; else None."""
        at = told.get(self.limits.reset_header or "", "")
        if not at.isdigit():
            return None
        wait = timedelta(milliseconds=int(at) - now)
        return min(wait, REST_MAX) if wait > timedelta() else None

    async def ended(self, error: BaseException | None) -> None:
        """Keep what a request's end means for those to come."""
        if self.banned_for is not None:
            pause, self.banned_for = self.banned_for, None
            await self.budget.ban(self.venue, pause)
        tired = isinstance(error, ccxt.RequestTimeout | ccxt.ExchangeNotAvailable)
        self.failures = self.failures + 1 if tired else 0
        if self.failures >= TIRED_AFTER:
            over = self.failures - TIRED_AFTER
            pause = min(timedelta(seconds=2 ** min(over, 6)), REST_MAX)
            await self.budget.rest(self.venue, pause)


_Client: Any = object
"""Whatever class of CCXT stands behind the guard."""


class Guarded(_Client):  # type: ignore[misc]
    """A client with a guard, which is None until it is set."""

    guard: Guard | None = None
    capabilities: Capabilities = GENERIC
    clock_is_off = False
    """Whether the venue said so, and its clock was not measured since."""

    async def throttle(self, cost: Any = None) -> None:
        """Wait for a share of the budget, in place of CCXT's own queue."""
        if self.guard is not None:
            await self.guard.wait_for_share(float(cost or 1), float(self.rateLimit))

    async def fetch2(self, *arguments: Any, **named: Any) -> Any:
        """Sign and send, one at a time where a key's nonces demand it."""
        if self.clock_is_off:
            await self.set_clock()
        if self.guard is None or not self.guard.one_writer:
            return await super().fetch2(*arguments, **named)
        async with self.guard.budget.turn(self.guard.account):
            return await super().fetch2(*arguments, **named)

    async def fetch(
        self, url: str, method: str = "GET", headers: Any = None, body: Any = None
    ) -> Any:
        """Send what is signed, unless it comes too late, and keep what its end means."""
        _may_leave(method, self.milliseconds())
        try:
            answer = await super().fetch(url, method, headers, body)
        except ccxt.BaseError as error:
            if judge(error, self.capabilities, left=True).clock_is_off:
                self.clock_is_off = True
            if self.guard is not None:
                await self.guard.ended(error)
            raise
        if self.guard is not None:
            await self.guard.ended(None)
        return answer

    async def set_clock(self) -> None:
        """Measure how far the venue's clock is from ours, for the requests to come."""
        self.clock_is_off = False
        with suppress(*EXPECTED):
            await self.load_time_difference()
            self.options["adjustForTimeDifference"] = True

    def handle_errors(self, code: int, *further: Any) -> Any:
        """Hear of bans before CCXT makes an exception of the answer."""
        if self.guard is not None:
            headers, body = further[_HEADERS] or {}, str(further[_BODY] or "")
            self.guard.heard(code, headers, body, self.milliseconds())
        return super().handle_errors(code, *further)


@cache
def guarded(kind: type[Any]) -> type[Any]:
    """Return the client's class with the guard."""
    return type(f"Guarded{kind.__name__}", (Guarded, kind), {})


_HEADERS, _BODY = 3, 4


def _may_leave(method: str, now: float) -> None:
    departure = DEPARTURE.get()
    if departure is None or method == "GET":
        return
    if departure.latest is not None and now > departure.latest:
        raise NeverSent("the order's time was up before it could leave")
    departure.left = True
