"""A worker that dies or falls asleep at any checkpoint is taken over, and nothing shows."""

from collections.abc import Sequence

import pytest

from domain.position import Trade
from tests.crash.checkpoints import FAN_OUT, WORK, Fate, Way
from tests.crash.conftest import Lend
from tests.crash.installation import (
    FROZEN_WITHIN,
    TAKEN_OVER_WITHIN,
    bodies,
    everyone,
    installation,
    met,
    traded,
)
from tests.crash.program import forks

MANY = 6
BEFORE = 3
"""The first three open, and reverse twice: every checkpoint is met, most several times."""


@pytest.fixture
async def calm(other_database_url: str) -> list[Trade]:
    """Give what the alerts trade where nothing goes wrong."""
    return await traded(other_database_url, bodies(MANY))


async def test_a_worker_killed_at_any_checkpoint_is_taken_over_within_ten_seconds(
    lend: Lend, calm: list[Trade], times: Sequence[int]
) -> None:
    fates = [
        Fate(checkpoint, time=time)
        for checkpoint in (*FAN_OUT, *WORK)
        for time in times
        if time == 1 or checkpoint.is_of_orders
    ]
    await everyone({str(fate): _taken_over(lend, fate, calm) for fate in fates})


async def test_a_worker_that_sleeps_through_its_lease_at_any_checkpoint_does_no_harm(
    lend: Lend, calm: list[Trade], times: Sequence[int]
) -> None:
    fates = [
        Fate(checkpoint, Way.STOPPED, time, forks.Event())
        for checkpoint in WORK
        for time in times
        if time == 1 or checkpoint.is_of_orders
    ]
    await everyone({str(fate): _taken_over(lend, fate, calm) for fate in fates})


async def _taken_over(lend: Lend, fate: Fate, calm: Sequence[Trade]) -> None:
    """Let a worker meet its fate and another one take over; nothing may show of it."""
    async with lend() as servers, installation(servers) as place:
        victim = place.start("worker", fate)
        opened = place.start_heir()
        alerts = bodies(MANY)
        await place.send(alerts[:BEFORE])
        await met(victim, fate)
        fence, gone_at = await place.claims()
        opened.set()
        await place.send(alerts[BEFORE:])
        taken_at = await place.claimed_after(fence)
        place.wake(victim)
        await place.settled()
        await place.keeps_every_promise()
        within = TAKEN_OVER_WITHIN if fate.way is Way.KILLED else FROZEN_WITHIN
        assert taken_at - gone_at <= within
        assert await place.trades() == calm
