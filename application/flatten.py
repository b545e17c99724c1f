"""Flattening: halt, close what the bots hold, and ask the venue whether it is true.

Requesting it halts and queues the closes in one transaction; from then on any process that
pursues it finds out from the tables what is left to do, so a crash costs time only.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from application.ports.broker import Broker
from application.ports.configuration import Author, Scope
from application.ports.flattening import (
    Flattening,
    FlatteningId,
    Flattenings,
    FlatteningStatus,
    MarketHeld,
    Progress,
)
from application.ports.inbox import Doorbell, Urgency
from application.wording import listed
from domain.instrument import Kind
from domain.money import ZERO, subtract

ATTEMPTS_MAX = 5
"""How often closes are asked for before a person must look."""
SETTLING = timedelta(seconds=5)
"""How long a venue may differ from our books before it is believed to differ."""
RUNNING_MAX = 100


@dataclass(frozen=True, slots=True)
class Flatten:
    """Request a flattening, and ring for its closes."""

    flattenings: Flattenings
    doorbell: Doorbell

    async def __call__(self, scope: Scope, name: str, author: Author) -> Flattening | None:
        """Return the request; None when there is no such account or bot."""
        begun = await self.flattenings.begin(scope, name, author)
        if begun is None:
            return None
        progress = await self.flattenings.progress(begun.id)
        if progress is not None and progress.waits_for:
            await self.doorbell.ring(progress.waits_for, Urgency.EXIT)
        return begun


@dataclass(frozen=True, slots=True)
class PursueFlattenings:
    """Take every running flattening one step further. Doing it twice changes nothing."""

    flattenings: Flattenings
    broker: Broker

    async def __call__(self) -> None:
        """Look at all that run."""
        for one in await self.flattenings.newest(RUNNING_MAX):
            if one.status is FlatteningStatus.RUNNING:
                await self.pursue(one.id)

    async def pursue(self, id: FlatteningId) -> Progress | None:
        """Take one flattening further; return how far it was."""
        progress = await self.flattenings.progress(id)
        if progress is None or progress.waits_for:
            return progress
        if progress.flattening.status is not FlatteningStatus.RUNNING:
            return progress
        if progress.unresolved:
            await self._give_up(id, _unresolved(progress))
        elif any(market.open for market in progress.markets):
            await self._close_again(progress)
        else:
            await self._confirm(progress)
        return progress

    async def _close_again(self, progress: Progress) -> None:
        id, held = progress.flattening.id, _open(progress)
        if not progress.halted:
            await self._give_up(id, f"trading was resumed meanwhile; {held}")
        elif progress.flattening.attempts >= ATTEMPTS_MAX:
            await self._give_up(id, f"after {ATTEMPTS_MAX} attempts {held}")
        else:
            await self.flattenings.again(id)

    async def _confirm(self, progress: Progress) -> None:
        """Read every market at its venue, and end where it says what our books say."""
        id = progress.flattening.id
        differences = [
            difference
            for market in progress.markets
            if (difference := await self._difference(market)) is not None
        ]
        if not differences:
            await self.flattenings.end(id, FlatteningStatus.DONE, _confirmed(progress))
            return
        outcome = "; ".join(differences)
        since = progress.differs_since
        if since is not None and progress.now - since >= SETTLING:
            await self._give_up(id, outcome)
        else:
            await self.flattenings.differs(id, outcome)

    async def _difference(self, market: MarketHeld) -> str | None:
        there = await self.broker.held(market.account, market.instrument)
        symbol, account = market.instrument.symbol, market.account.name
        if there is None:
            return f"{account} does not tell what it holds of {symbol}"
        surplus = subtract(there, market.ours)
        before_us = market.instrument.kind is Kind.SPOT and market.account.mode != "paper"
        if before_us and surplus > ZERO:  # what was there before is not ours to close
            return None
        # What is less than one step cannot be traded, and is no difference.
        if abs(surplus) < market.instrument.quantity_step:
            return None
        return f"{account} holds {there:f} of {symbol}, our books say {market.ours:f}"

    async def _give_up(self, id: FlatteningId, outcome: str) -> None:
        await self.flattenings.end(id, FlatteningStatus.NEEDS_OPERATOR, outcome)


def _unresolved(progress: Progress) -> str:
    bots = listed(list(progress.unresolved))
    return f"the venue has not said what became of an entry of {bots}; {_open(progress)}"


def _open(progress: Progress) -> str:
    held = [
        f"{bot} {_size(quantity)} of {market.instrument.symbol}"
        for market in progress.markets
        for bot, quantity in market.open
    ]
    return f"still held: {', '.join(held)}" if held else "nothing is held by our books"


def _confirmed(progress: Progress) -> str:
    count = len(progress.markets)
    if not count:
        return "nothing was traded here"
    return f"flat, and {count} market{'s' if count > 1 else ''} read again at the venue"


def _size(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"
