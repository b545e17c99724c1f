"""The watchdog in simulation: prices between alerts, and what must not be done by them."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from adapters.market_data.memory import MemoryMarketData
from adapters.queue.memory import MemoryQueue
from adapters.store.memory.watched import MemoryWatchedPositions
from application.ports.market_data import STALE, Quote
from application.watch_prices import WatchPrices
from domain.rules import ExitRules
from tests.simulation.world import RULES, SYMBOL, World, agree


def watched(world: World, price: int, age: timedelta = timedelta()) -> None:
    """Look at every position while the market is at a price."""
    quote = Quote(last=Decimal(price), at=world.clock.now() - age)
    market_data = MemoryMarketData({SYMBOL: quote})
    positions = MemoryWatchedPositions(world.database)
    asyncio.run(WatchPrices(positions, market_data, MemoryQueue())())
    asyncio.run(world.settle())


def entered(world: World) -> World:
    """Return the world once its bot is long at 100."""
    asyncio.run(world.receive(0, 20, 100))
    asyncio.run(world.settle())
    return world


def test_a_price_beyond_the_stop_closes_between_two_alerts() -> None:
    world = entered(World())

    watched(world, 93)

    agree(world)
    assert world.lots() == []
    assert [trade.exit_proceeds for trade in world.trades()] == [Decimal(930)]


def test_a_price_within_the_stop_changes_nothing_but_the_mark() -> None:
    world = entered(World())
    before = world.lots()

    watched(world, 97)

    assert world.lots() == before
    assert [mark.price for mark in world.database.marks.values()] == [Decimal(97)]


def test_a_stale_price_is_never_used() -> None:
    world = entered(World())
    before = world.lots()

    watched(world, 50, age=STALE + timedelta(seconds=1))

    assert world.lots() == before
    assert [mark.price for mark in world.database.marks.values()] == [Decimal(100)]


def test_a_trailing_stop_follows_the_prices_that_were_seen() -> None:
    world = World()
    world.bot("bot", 1, replace(RULES, exits=ExitRules(trailing_percent=Decimal(5))))
    entered(world)

    watched(world, 120)
    watched(world, 113)

    agree(world)
    assert [trade.exit_proceeds for trade in world.trades()] == [Decimal(1130)]


def test_looking_twice_at_one_price_closes_once() -> None:
    world = entered(World())

    watched(world, 93)
    watched(world, 93)

    agree(world)
    assert len(world.trades()) == 1
