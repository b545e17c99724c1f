"""Entries that rest: a worker may die at every step, and the book comes out the same."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from adapters.broker.paper import PaperBroker
from adapters.store.memory.work_queue import MemoryWorkQueue
from application.execute import Execute
from application.ports.broker import Answer, Lookup, VenueOrder
from domain.order import OrderStatus
from domain.rules import OnTimeout, OrderRules, OrderType
from tests.simulation.world import KEY, RULES, Crash, Fate, Mortal, World, agree

TWO_BARS = OrderRules(type=OrderType.LIMIT, timeout_seconds=28_900)
TO_MARKET = replace(TWO_BARS, on_timeout=OnTimeout.MARKET, collar_percent=None)
DAY = [(25, 100), (50, 101), (50, 99), (24, 97), (75, 99), (80, 102), (50, 101), (22, 95)]
"""The first entry waits and fills, the second is turned round while it waits."""


class AVenueThatIsNeverThereAtOnce(PaperBroker):
    """Its market is one percent away until another alert tells another price."""

    async def place(self, order: VenueOrder) -> Answer:
        return await super().place(_away(order))

    async def find(self, order: VenueOrder) -> Lookup:
        told_another = order.market != order.order.limit_price
        return await super().find(order if told_another else _away(order))


def _away(order: VenueOrder) -> VenueOrder:
    limit = order.order.limit_price
    if limit is None:
        return order
    percent = limit / 100
    market = limit + percent if order.order.buys else limit - percent
    return replace(order, market=market)


@dataclass(slots=True)
class PatientWorld(World):
    """A world whose entries rest."""

    order: OrderRules = TWO_BARS

    def __post_init__(self) -> None:
        World.__post_init__(self)
        self.bot("bot", 1, replace(RULES, order=self.order))

    def worker(self, name: str = "worker", fate: Fate | None = None) -> Execute:
        broker: Any = Mortal(
            AVenueThatIsNeverThereAtOnce(self.ledger, self.clock), fate or self.fate
        )
        return replace(World.worker(self, name, fate), broker=broker)

    async def rounds(self, count: int = 12) -> None:
        """Work what is due for a while; what rests may go on resting."""
        self.fate.plan(None, after=False)
        await self.fan_out()
        for _ in range(count):
            for key in await MemoryWorkQueue(self.database).due(100):
                await self.worker()(key)
            self.clock.move(timedelta(seconds=1))


async def one_day(world: PatientWorld, step: int | None, *, after: bool) -> None:
    """Let the worker die once at every alert, so many steps into its work."""
    for bar, (rsi, price) in enumerate(DAY):
        await world.receive(bar, rsi, price)
        await world.fan_out()
        if step is not None:
            world.fate.plan(step, after=after)
        with suppress(Crash):
            await world.worker()(KEY)
        await world.rounds()


def statuses(world: PatientWorld) -> list[OrderStatus]:
    jobs = [row.job for row in world.database.jobs.values()]
    return [one.order.status for job in jobs for one in job.orders]


def test_entries_wait_fill_and_are_taken_back() -> None:
    world = PatientWorld()

    asyncio.run(one_day(world, None, after=False))

    found = set(statuses(world))
    assert {OrderStatus.FILLED, OrderStatus.CANCELED} <= found
    assert OrderStatus.NEEDS_OPERATOR not in found
    agree(world)


def test_a_death_at_every_step_leaves_the_same_book() -> None:
    for order in (TWO_BARS, TO_MARKET):
        calm = PatientWorld(order=order)
        asyncio.run(one_day(calm, None, after=False))
        for step in range(1, 13):
            for after in (False, True):
                world = PatientWorld(order=order)
                asyncio.run(one_day(world, step, after=after))
                agree(world)
                assert world.trades() == calm.trades(), f"died at step {step}"
                assert world.lots() == calm.lots()
