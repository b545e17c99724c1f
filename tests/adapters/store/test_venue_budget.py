"""What all processes share of a venue's patience."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import pytest

from adapters.clock.system import SystemClock
from adapters.store.memory.venue_budget import MemoryVenueBudget
from adapters.store.postgres.engine import create_engine
from adapters.store.postgres.venue_budget import PostgresVenueBudget
from application.ports.venue_budget import Allowance, Urgency, VenueBudget
from application.records import AccountId

SLOW = Allowance(Decimal(10), Decimal("0.001"))
ONE = Decimal(1)
NOW = timedelta()
Budgets = tuple[VenueBudget, VenueBudget]


@pytest.fixture
async def budgets(place: str | None) -> AsyncIterator[Budgets]:
    """Give the budgets of two processes; in memory there is one."""
    if place is None:
        alone = MemoryVenueBudget(SystemClock())
        yield alone, alone
        return
    engines = create_engine(place), create_engine(place)
    yield PostgresVenueBudget(engines[0]), PostgresVenueBudget(engines[1])
    for engine in engines:
        await engine.dispose()


async def taken(budgets: Budgets, urgency: Urgency) -> int:
    """Return how many requests get through before one must wait."""
    for number in range(100):
        if await budgets[number % 2].take("venue", ONE, urgency, SLOW):
            return number
    return 100


async def test_two_processes_share_one_budget(budgets: Budgets) -> None:
    asked = [
        budgets[number % 2].take("venue", ONE, Urgency.EXIT, SLOW) for number in range(30)
    ]

    waits = await asyncio.gather(*asked)

    assert sum(wait == NOW for wait in waits) == 10


async def test_reads_leave_half_for_orders_and_entries_leave_some_for_exits(
    budgets: Budgets,
) -> None:
    reads = await taken(budgets, Urgency.READ)
    entries = await taken(budgets, Urgency.ENTRY)
    exits = await taken(budgets, Urgency.EXIT)

    assert (reads, entries, exits) == (5, 3, 2)


async def test_units_come_back_with_time(budgets: Budgets) -> None:
    quick = Allowance(Decimal(2), Decimal(1))
    got = [await budgets[0].take("venue", ONE, Urgency.EXIT, quick) for _ in range(2)]
    wait = await budgets[0].take("venue", ONE, Urgency.EXIT, quick)
    await asyncio.sleep(wait.total_seconds() + 0.02)

    assert got == [NOW, NOW]
    assert NOW < wait <= timedelta(seconds=1)
    assert await budgets[1].take("venue", ONE, Urgency.EXIT, quick) == NOW


async def test_a_ban_stops_everybody(budgets: Budgets) -> None:
    await budgets[0].ban("venue", timedelta(minutes=1))

    wait = await budgets[1].take("venue", ONE, Urgency.EXIT, SLOW)

    assert wait > timedelta(seconds=50)


async def test_a_resting_venue_is_still_asked_to_close(budgets: Budgets) -> None:
    await budgets[0].take("venue", ONE, Urgency.EXIT, SLOW)
    await budgets[0].rest("venue", timedelta(minutes=1))

    assert await budgets[1].take("venue", ONE, Urgency.EXIT, SLOW) == NOW
    assert await budgets[1].take("venue", ONE, Urgency.ENTRY, SLOW) > NOW


async def test_a_key_whose_nonces_must_rise_is_used_by_one_at_a_time(
    budgets: Budgets,
) -> None:
    under_way, most = 0, 0

    async def use(budget: VenueBudget) -> None:
        nonlocal under_way, most
        async with budget.turn(AccountId(1)):
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0.01)
            under_way -= 1

    await asyncio.gather(*(use(budgets[number % 2]) for number in range(6)))

    assert most == 1
