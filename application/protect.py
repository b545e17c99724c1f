"""Keep protective orders at the venue in step with what is held, under a key's claim."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from application.answers import Report
from application.ports.broker import Broker, VenueOrder
from application.ports.inbox import Doorbell, Urgency
from application.ports.protections import (
    Guarded,
    Protection,
    ProtectionChange,
    Protections,
)
from application.ports.workbench import Claim, WorkQueue
from application.protecting import answered, to_do
from application.records import IntentId, Key
from domain.order import OrderId

ROUNDS_MAX = 10
"""Look, place, remove, and once more where the venue said something unexpected."""


@dataclass(frozen=True, slots=True)
class Protect:
    """Place, replace, look at and remove the protective orders of one key."""

    protections: Protections
    broker: Broker
    new_id: Callable[[], IntentId]

    async def __call__(self, claim: Claim, *, look_at_all: bool = False) -> None:
        """Do what is to be done, asking the venue with no transaction open.

        Raises:
            ClaimLost: If somebody else has claimed the key since.
        """
        if not await self.protections.at_venue(claim.key.account):
            return
        asked: frozenset[OrderId] = frozenset()
        for _ in range(ROUNDS_MAX):
            guarded = await self.protections.guarded(claim.key)
            if guarded is None:
                return
            doing = to_do(
                guarded,
                asked,
                self.new_id,
                rests=self.broker.rests(guarded.account, guarded.instrument),
                look_at_all=look_at_all,
            )
            if doing.is_nothing:
                return
            if doing.changes:
                await self.protections.keep(claim, doing.changes)
            changes = [
                *[await self._ask(guarded, one, self.broker.find) for one in doing.look],
                *[await self._ask(guarded, one, self.broker.place) for one in doing.place],
                *[
                    await self._ask(guarded, one, self.broker.cancel)
                    for one in doing.remove
                ],
            ]
            asked |= {one.protection.order.id for one in changes}
            await self.protections.keep(claim, changes)

    async def is_due(self, key: Key) -> bool:
        """Say whether anything is to be done for a key, as far as is kept here."""
        guarded = await self.protections.guarded(key)
        if guarded is None:
            return False
        rests = self.broker.rests(guarded.account, guarded.instrument)
        return not to_do(guarded, frozenset(), self.new_id, rests=rests).is_nothing

    async def _ask(
        self,
        guarded: Guarded,
        protection: Protection,
        ask: Callable[[VenueOrder], Awaitable[Report]],
    ) -> ProtectionChange:
        answer = await ask(
            VenueOrder(
                account=guarded.account,
                instrument=guarded.instrument,
                order=protection.order,
                waits_for_trigger=True,
            )
        )
        return answered(guarded, protection, answer)


@dataclass(frozen=True, slots=True)
class ProtectAll:
    """See that every position is protected, one key after the other."""

    protections: Protections
    protect: Protect
    queue: WorkQueue
    doorbell: Doorbell
    owner: str

    async def __call__(self) -> None:
        """Look at every key where something is held or rests; those in work are left."""
        for key in await self.protections.watched():
            if not await self.protect.is_due(key):
                continue
            claim = await self.queue.claim(key, self.owner)
            if claim is None:
                continue
            more = False
            try:
                await self.protect(claim)
            finally:
                more = await self.queue.release(claim, None)
            if more:
                await self.doorbell.ring((key,), Urgency.EXIT)
