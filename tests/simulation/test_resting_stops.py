"""What rests at a venue, through storms: stops trigger, are replaced, lost and canceled.

A seed that fails prints itself: SIGNALMAN_SEED=n runs it alone, SIGNALMAN_SEEDS=n so many.
"""

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from random import Random

import pytest

from application.ports.broker import Lookup
from application.ports.broker import VenueOrder as Sent
from application.protecting import RESTING
from domain.money import ZERO, total
from domain.order import OrderStatus
from domain.protection import Protective, protective
from domain.reasons import Reason
from tests.application.desks import PERPETUAL
from tests.simulation.gale import EXITS, GuardedWorld, gale
from tests.simulation.test_storms import seeds
from tests.simulation.venue import MatchingVenue
from tests.simulation.world import KEY, Crash
from tests.venue.books import VenueOrder


class AVenueWhoseCancelsKillTheWorker(MatchingVenue):
    async def cancel(self, order: Sent) -> Lookup:
        raise Crash(order.order.id)


def stormy(seed: int) -> GuardedWorld:
    exits = EXITS[seed % len(EXITS)]
    return GuardedWorld(chance=Random(seed + 1), exits=exits)  # noqa: S311 - repeatable


async def storm(seed: int, world: GuardedWorld) -> None:
    try:
        sent = await gale(seed, world)
        assert len(world.database.alerts) == len(sent)
        if books_agree(world):
            stops_stand(world)
    except Exception as error:
        error.add_note(f"repeat it with SIGNALMAN_SEED={seed}")
        raise


def books_agree(world: GuardedWorld) -> bool:
    """Assert that nothing was placed twice, and that venue and books say the same.

    False where a stop and a close of one bot met, and what one of them executed belonged to
    another: that is told, and nothing more can be said of it here.
    """
    at_venue = world.venue.customer.orders
    ids = [one.client_id for one in at_venue]
    assert len(set(ids)) == len(ids), "an order was placed twice"
    jobs = [row.job for row in world.database.jobs.values()]
    orders = {one.order.id: one.order for job in jobs for one in job.orders}
    assert set(ids) <= {*orders, *world.database.protections}
    theirs = {one.client_id: one.filled for one in at_venue if one.filled}
    nobodys = {id: filled for id, filled in theirs.items() if id not in orders}
    assert {id: one.filled for id, one in orders.items() if one.filled} | nobodys == theirs
    assert_told(world, nobodys)
    assert held(world) + signed(world, nobodys) == world.venue.held_now
    unsettled = {OrderStatus.UNKNOWN, OrderStatus.NEEDS_OPERATOR, OrderStatus.SUBMITTING}
    assert not unsettled & {one.status for one in orders.values()}
    return not nobodys


def assert_told(world: GuardedWorld, nobodys: Mapping[str, Decimal]) -> None:
    """Assert that what belongs to no position here is told, and that bots met for it.

    Alone on a market it cannot be: what only reduces finds nothing more to reduce.
    """
    told = [
        row.job.triggered.order
        for row in world.database.jobs.values()
        for one in row.job.decisions
        if one.reason is Reason.PROTECTION_AFTER_CLOSE and row.job.triggered
    ]
    assert sorted(told) == sorted(nobodys)
    assert not nobodys or len(world.database.bots) > 1


def signed(world: GuardedWorld, nobodys: Mapping[str, Decimal]) -> Decimal:
    buys = {one.client_id: one.buys for one in world.venue.customer.orders}
    return total(filled if buys[id] else -filled for id, filled in nobodys.items())


def held(world: GuardedWorld) -> Decimal:
    held = ZERO
    for bot in world.database.bots.values():
        position = bot.state.position
        long = position.side is None or position.side.value == "LONG"
        held += position.quantity if long else -position.quantity
    return held


def stops_stand(world: GuardedWorld) -> None:
    """Assert that what should rest does, that nothing else does, and that we know of it."""
    resting = {one.client_id: one for one in world.venue.resting()}
    assert resting.keys() == {one.client_id for one in world.venue.open_orders()}
    live = {id: one for id, one in world.database.protections.items() if one.is_live}
    assert resting.keys() == {id for id, one in live.items() if one.order.status in RESTING}
    for bot in world.database.bots.values():
        mine = [resting[id] for id, one in live.items() if one.bot == bot.id]
        wanted = protective(bot.state.position, world.exits, PERPETUAL)
        assert len(mine) == len(wanted), f"{mine} rest for {wanted}"
        assert all(any(meets(one, want) for one in mine) for want in wanted)
    assert world.database.missing_stops == {}


def meets(order: VenueOrder, wanted: Protective) -> bool:
    level = order.trigger
    return level is not None and wanted.is_met_by(level, order.quantity)


def test_whatever_the_venue_does_every_position_keeps_its_stop_and_no_other() -> None:
    for seed in seeds():
        asyncio.run(storm(seed, stormy(seed)))


async def scaled_in_while_a_stop_cannot_be_replaced(world: GuardedWorld) -> None:
    """Leave the old stop and the one that replaces it at the venue, both for one bot."""
    world.faults = 0
    await world.receive(0, 20, Decimal(100))
    await world.settle()
    await world.receive(1, 20, Decimal(100))
    await world.fan_out()
    with pytest.raises(Crash):
        await world.worker()(KEY)
    assert [one.quantity for one in world.venue.resting()] == [Decimal(10), Decimal(20)]


def test_a_stop_and_the_one_that_replaces_it_may_trigger_together() -> None:
    world = GuardedWorld()
    deadly = world.venue = AVenueWhoseCancelsKillTheWorker.opened(world.clock)

    asyncio.run(scaled_in_while_a_stop_cannot_be_replaced(world))
    deadly.move(Decimal(90))
    asyncio.run(world.calm_down())

    assert books_agree(world)
    assert [trade.exit_proceeds for trade in world.trades()] == [Decimal(1800)]
    assert len(world.venue.customer.orders) == 4


def test_three_bots_on_one_market_keep_a_stop_each() -> None:
    for seed in seeds():
        world = stormy(seed)
        for number in (2, 3):
            world.bot(f"bot-{number}", number)
        asyncio.run(storm(seed, world))
