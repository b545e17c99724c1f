"""Thousands of schedules of alerts, doubles, deaths and a venue that keeps silent.

A seed that fails prints itself: SIGNALMAN_SEED=n runs it alone, SIGNALMAN_SEEDS=n so many.
"""

import asyncio
import os
from collections.abc import Iterable
from random import Random

from application.records import BotId
from tests.simulation.storm import Alerts, StormyWorld, weather
from tests.simulation.test_crashes import calmly
from tests.simulation.world import World, agree

SEEDS = int(os.environ.get("SIGNALMAN_SEEDS", "60"))


def seeds() -> Iterable[int]:
    alone = os.environ.get("SIGNALMAN_SEED")
    return range(SEEDS) if alone is None else (int(alone),)


def stormy(seed: int) -> StormyWorld:
    return StormyWorld(chance=Random(seed + 1))  # noqa: S311 - it can be repeated


async def storm(seed: int, world: StormyWorld) -> Alerts:
    try:
        return await weather(seed, world)
    except Exception as error:
        error.add_note(f"repeat it with SIGNALMAN_SEED={seed}")
        raise


def test_whatever_the_venue_does_the_book_is_that_of_a_calm_day() -> None:
    for seed in seeds():
        world, calm = stormy(seed), World()

        sent = asyncio.run(storm(seed, world))
        asyncio.run(calmly(calm, sent))

        agree(world)
        assert world.trades() == calm.trades(), f"SIGNALMAN_SEED={seed}"
        assert world.lots() == calm.lots(), f"SIGNALMAN_SEED={seed}"


def test_three_bots_on_one_market_close_their_own_and_add_up_to_the_venue() -> None:
    for seed in seeds():
        world = stormy(seed)
        for number in (2, 3):
            world.bot(f"bot-{number}", number)

        asyncio.run(storm(seed, world))

        agree(world)
        traded = {entry.closed.bot for entry in world.database.trades}
        assert traded <= {BotId(1), BotId(2), BotId(3)}, f"SIGNALMAN_SEED={seed}"
