"""A worker by hand: every step of the workbench on its own, and what the planner saw."""

from dataclasses import dataclass, field, replace
from functools import partial
from uuid import uuid4

from application.advancing import recorded, sent
from application.answers import (
    Acknowledged,
    FillReport,
    Lookup,
    Refused,
    Unknown,
)
from application.planning import plan
from application.ports.workbench import NO_NEWS, Claim, News, Planner
from application.records import (
    Answered,
    Asks,
    Changes,
    Desk,
    IntentId,
    Key,
    LoadedUsage,
    Planned,
    WorkingOrder,
)
from domain.money import ZERO
from tests.adapters.store.stores import KEY, Store


def new_id() -> IntentId:
    """Return a random id of an intent."""
    return IntentId(str(uuid4()))


@dataclass(slots=True)
class Hands:
    """One claim on a key, worked step by step."""

    store: Store
    claim: Claim
    desks: list[Desk] = field(default_factory=list[Desk])

    @classmethod
    async def on(cls, store: Store, key: Key = KEY, owner: str = "hands") -> "Hands":
        """Claim a key that nobody holds."""
        claim = await store.queue.claim(key, owner)
        assert claim is not None
        return cls(store, claim)

    async def plan(self) -> Planned:
        """Plan without sending, remembering every desk that the planner was shown."""
        return await self._advance(self._planner)

    async def look(self) -> Desk:
        """Return the desk as it is, changing nothing."""
        found: list[Desk] = []

        def planner(desk: Desk) -> Planned:
            found.append(desk)
            return Planned()

        await self._advance(planner)
        return found[-1]

    async def send(self, working: WorkingOrder) -> Planned:
        """Send one order, after the last check."""
        return await self._advance(lambda desk: sent(desk, (working,)))

    async def record(self, working: WorkingOrder, answer: Lookup) -> Changes | None:
        """Record an answer of the venue; None when its work is over."""
        news = News(answers=(Answered(working.order.id, answer),))
        planned = await self.store.workbench.advance(self.claim, news, recorded)
        return planned.changes[0] if planned.changes else None

    async def release(self) -> None:
        """Give the key back."""
        await self.store.queue.release(self.claim, None)

    def usages(self) -> list[LoadedUsage]:
        """Return what was loaded as being in use, in the order it was asked for."""
        return [desk.usage for desk in self.desks if desk.usage is not None]

    def filled(
        self, working: WorkingOrder, quantity: str, price: str, *, ended: bool = True
    ) -> Acknowledged:
        """Return the venue's answer that so much of an order was executed."""
        report = FillReport(
            trade_id=f"{working.order.id} {quantity}",
            quantity=type(ZERO)(quantity),
            price=type(ZERO)(price),
            fee=ZERO,
            fee_currency="USDT",
            at=self.store.clock.now(),
        )
        return Acknowledged(venue_order_id="v1", fills=(report,), ended=ended)

    async def _advance(self, planner: Planner) -> Planned:
        return await self.store.workbench.advance(self.claim, NO_NEWS, planner)

    def _planner(self, desk: Desk) -> Planned:
        self.desks.append(desk)
        return plan(desk, new_id)


async def first_order(store: Store) -> tuple[Hands, WorkingOrder]:
    """Plan the entry of one alert, and hold its key."""
    await store.receive(store.signal(rsi=20))
    await store.fan_out()
    hands = await Hands.on(store)
    planned = await hands.plan()
    return hands, planned.to_send[0]


def asking_for_the_balance(desk: Desk, before: int) -> Planned:
    """Plan the first jobs, and then ask what the venue holds."""
    some = plan(replace(desk, jobs=desk.jobs[:before]), new_id)
    return Planned(steps=some.steps, asks=Asks.BALANCE, asking_job=desk.jobs[before].id)


REFUSED = Refused(code="no", text="not today")
LOST = Unknown(evidence="no answer")
asking_after_two = partial(asking_for_the_balance, before=2)
