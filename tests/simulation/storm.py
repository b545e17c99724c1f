"""A venue that loses answers, turns orders away, lags and keeps silent, by a seed."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any, Protocol, TypeVar

from adapters.broker.paper import PaperBroker
from adapters.store.memory.work_queue import MemoryWorkQueue
from adapters.store.memory.workbench import MemoryWorkbench
from application.execute import Execute
from application.ports.broker import (
    Acknowledged,
    Answer,
    Broker,
    Lookup,
    NotFound,
    NotPlaced,
    Refused,
    Unknown,
    VenueOrder,
)
from application.ports.clock import Clock
from application.records import DeskAccount, IntentId
from domain.instrument import Instrument
from tests.simulation.world import KEY, Crash, Fate, Mortal, World


class ClockedBroker(Broker, Protocol):
    """A venue of a simulation."""

    @property
    def clock(self) -> Clock:
        """The simulation's clock."""


@dataclass(slots=True)
class StormyVenue:
    """A venue behind a line on which everything goes wrong that may.

    It stays truthful in one thing, as real venues do: once an order can no longer arrive,
    not finding it with authority means that it is not there.
    """

    venue: ClockedBroker
    chance: Random
    faults: float

    async def place(self, order: VenueOrder) -> Answer:
        """Place the order, or not, and say so, or not."""
        if self.chance.random() > self.faults:
            return await self.venue.place(order)
        match self.chance.randrange(4):
            case 0:
                await self.venue.place(order)
                return Unknown(evidence="the answer was lost")
            case 1:
                return Unknown(evidence="the request was lost")
            case 2:
                return NotPlaced(evidence="turned away", retry_after=timedelta(seconds=1))
            case 3 if order.waits_for_trigger:
                return Refused(code="-4045", text="Reach max stop order limit.")
            case _:
                placed = await self.venue.place(order)
                return _without_fills(placed)

    async def find(self, order: VenueOrder) -> Lookup:
        """Tell the truth, or nothing yet, or nothing at all."""
        found = await self.venue.find(order)
        if self.chance.random() > self.faults:
            return found
        latest = order.order.may_arrive_until
        lags = latest is not None and self.venue.clock.now() <= latest
        match self.chance.randrange(3):
            case 0:
                return Unknown(evidence="no answer")
            case 1 if lags and order.order.venue_order_id is None:
                return NotFound(authoritative=True, evidence="not visible yet")
            case _:
                return _without_fills(found)

    async def cancel(self, order: VenueOrder) -> Lookup:
        """End it, or not, and say so, or not."""
        if self.chance.random() > self.faults:
            return await self.venue.cancel(order)
        match self.chance.randrange(3):
            case 0:
                await self.venue.cancel(order)
                return Unknown(evidence="the answer was lost")
            case 1:
                return Unknown(evidence="the request was lost")
            case _:
                return await self.find(order)

    def rests(self, account: DeskAccount, instrument: Instrument) -> bool:
        """Say whether stops rest at the venue."""
        return self.venue.rests(account, instrument)

    async def balance(self, account: DeskAccount) -> Decimal | None:
        """Tell the balance, or not."""
        if self.chance.random() < self.faults:
            return None
        return await self.venue.balance(account)

    async def held(self, account: DeskAccount, instrument: Instrument) -> Decimal | None:
        """Tell what is held, or not."""
        if self.chance.random() < self.faults:
            return None
        return await self.venue.held(account, instrument)


T = TypeVar("T")


def _without_fills(answer: T) -> T | Acknowledged:
    """Return an acknowledgment before any execution was told."""
    if isinstance(answer, Acknowledged):
        return Acknowledged(venue_order_id=answer.venue_order_id, evidence="taken")
    return answer


@dataclass(slots=True)
class StormyWorld(World):
    """A world whose line to the venue is bad."""

    chance: Random = field(default_factory=Random)
    faults: float = 0.5

    def worker(self, name: str = "worker", fate: Fate | None = None) -> Execute:
        """Return a worker that may die at every step, and hears little of the venue."""
        fate = fate or self.fate
        venue = StormyVenue(PaperBroker(self.ledger, self.clock), self.chance, self.faults)
        broker: Any = Mortal(venue, fate)
        queue: Any = Mortal(MemoryWorkQueue(self.database), fate)
        workbench: Any = Mortal(MemoryWorkbench(self.database), fate)
        return Execute(
            queue=queue,
            workbench=workbench,
            broker=broker,
            new_id=lambda: IntentId(f"intent-{next(self.ids)}"),
            owner=name,
            now=self.clock.now,
        )


Alerts = list[tuple[float, int]]


async def weather(seed: int, world: StormyWorld) -> Alerts:
    """Send alerts by the seed, with doubles, deaths and pauses; return what was sent."""
    chance = Random(seed)  # noqa: S311 - a schedule that can be repeated
    sent: Alerts = []
    for bar in range(chance.randint(3, 9)):
        sent.append((chance.choice((15, 25, 29, 50, 72, 85)), chance.randint(80, 120)))
        await world.receive(bar, *sent[-1])
        for _ in range(chance.randrange(4)):
            await _one_thing(chance, world, sent)
    await world.settle()
    return sent


async def _one_thing(chance: Random, world: StormyWorld, sent: Alerts) -> None:
    """Let one thing happen that must change nothing."""
    match chance.randrange(4):
        case 0:
            again = chance.randrange(len(sent))
            await world.receive(again, *sent[again])
        case 1:
            world.fate.plan(chance.randint(1, 14), after=chance.random() < 0.5)
            with suppress(Crash):
                await world.fan_out()
                await world.worker(chance.choice("ab"))(KEY)
            world.fate.plan(None, after=False)
        case 2:
            await world.fan_out()
            await world.worker(chance.choice("ab"))(KEY)
        case _:
            world.clock.move(timedelta(seconds=chance.choice((1, 3, 6, 40))))
