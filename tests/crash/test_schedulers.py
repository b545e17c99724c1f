"""A scheduler that dies at any checkpoint is replaced by the other, which goes on."""

import pytest

from adapters.store.postgres.locks import LEADING
from tests.crash.checkpoints import LEAD, SWEEP, TIMERS, WORK, Fate, Way
from tests.crash.conftest import Lend
from tests.crash.installation import (
    ONE_BOT,
    TAKEN_OVER_WITHIN,
    Installation,
    Servers,
    bodies,
    everyone,
    installation,
    met,
    until,
)
from tests.crash.program import forks

WITH_TIMER = ONE_BOT.replace("clock: bar", "clock: wall").replace(
    "reverse: yes", "exits: {max_bars: 1}"
)
"""An entry on a bar that is over is to be closed at once, by a timer.

Its clock is the wall's: the alert must be made when it is sent, or it is too old.
"""
LEADER = f"""
    SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted
    AND classid::bigint << 32 | objid::bigint = {LEADING}
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""  # noqa: S608 - a number of our own
ROUTED = "SELECT 1 FROM jobs WHERE cause = 'SIGNAL'"
RUNG = "SELECT 1 FROM jobs WHERE cause = 'TIMER'"


async def test_a_scheduler_killed_while_it_routes_leaves_the_routing_to_the_other(
    lend: Lend, runtime: str
) -> None:
    leads = () if runtime == "memory" else LEAD  # there everybody sweeps, nobody leads
    fates = [Fate(checkpoint) for checkpoint in (*leads, *SWEEP, TIMERS[-1])]
    await everyone({str(fate): _routed_by_another(lend, fate) for fate in fates})


async def _routed_by_another(lend: Lend, fate: Fate) -> None:
    async with lend() as servers, installation(servers) as place:
        await _scheduled_by_another(servers, place, fate, ROUTED)


async def test_a_scheduler_killed_at_its_timers_leaves_them_to_the_other(
    lend: Lend,
) -> None:
    fates = [Fate(checkpoint) for checkpoint in TIMERS]
    await everyone({str(fate): _rung_by_another(lend, fate) for fate in fates})


async def _rung_by_another(lend: Lend, fate: Fate) -> None:
    async with lend() as servers, installation(servers, WITH_TIMER) as place:
        await place.send(bodies(1))
        await place.work_by_hand()
        await _scheduled_by_another(servers, place, fate, RUNG)
        assert len(await place.trades()) == 1


async def _scheduled_by_another(
    servers: Servers, place: Installation, fate: Fate, done: str
) -> None:
    """Let the leading scheduler meet its fate; the other does what was to be done."""
    first = place.start("scheduler", fate)
    if servers.queue != "memory":
        await until(lambda: _leads_or_is_gone(place, first.is_alive()), "the first leads")
        place.start("scheduler")
    if done == ROUTED:
        await place.send(bodies(1))
    await met(first, fate)
    gone_at = (await place.claims()).at
    if servers.queue == "memory":
        place.start("scheduler")
    await until(lambda: place.has(done), "the other schedules")
    assert (await place.claims()).at - gone_at <= TAKEN_OVER_WITHIN
    place.start("worker")
    await place.settled()
    await place.keeps_every_promise()
    assert len(await place.connection.fetch(done)) == 1


async def _leads_or_is_gone(place: Installation, alive: bool) -> bool:  # noqa: FBT001
    return not alive or await place.has(LEADER)


async def test_a_lease_is_taken_over_although_worker_and_leader_were_killed(
    lend: Lend,
) -> None:
    dying, leading = Fate(WORK[5]), Fate(TIMERS[2])
    async with lend() as servers, installation(servers) as place:
        scheduler = place.start("scheduler", leading)
        await place.send(bodies(1))
        await met(scheduler, leading)
        worker = place.start("worker", dying)
        await met(worker, dying)
        fence, gone_at = await place.claims()
        place.start("scheduler")
        if servers.queue != "memory":
            await until(lambda: place.has(LEADER), "the other leads")
        place.start("worker")
        taken_at = await place.claimed_after(fence)
        assert taken_at - gone_at <= TAKEN_OVER_WITHIN
        await place.settled()
        await place.keeps_every_promise()


@pytest.mark.parametrize("runtime", ["dramatiq", "celery"])
async def test_a_leader_that_sleeps_is_replaced_and_does_not_lead_when_it_wakes(
    lend: Lend,
) -> None:
    fate = Fate(LEAD[0], Way.STOPPED, reached=forks.Event())
    async with lend() as servers, installation(servers) as place:
        first = place.start("scheduler", fate)
        await met(first, fate)
        asleep = await place.connection.fetch(LEADER)
        gone_at = (await place.claims()).at
        place.start("scheduler")
        await place.send(bodies(1))
        await until(lambda: place.has(ROUTED), "the other schedules")
        taken_at = (await place.claims()).at
        leading = await place.connection.fetch(LEADER)
        place.wake(first)
        place.start("worker")
        await place.settled()
        assert taken_at - gone_at <= TAKEN_OVER_WITHIN
        assert leading != asleep
        assert await place.connection.fetch(LEADER) == leading
