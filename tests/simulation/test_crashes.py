"""Dying between any two steps, and messages lost, doubled or late, change nothing."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from application.ports.workbench import ClaimLost
from tests.simulation.world import KEY, Crash, Fate, World, agree

DAY = [(25, 100), (50, 99), (20, 96), (28, 94), (75, 97), (80, 99), (50, 95), (22, 108)]


class OneBotAmongCrashes(RuleBasedStateMachine):
    """Alerts of one bot, with everything going wrong that may.

    At the end the book must be that of a run in which nothing went wrong.
    """

    @initialize()
    def begin(self) -> None:
        self.runner = asyncio.Runner()
        self.world = World()
        self.sent: list[tuple[float, int]] = []

    @rule(rsi=st.sampled_from([15, 25, 29, 50, 72, 85]), price=st.integers(80, 120))
    def an_alert_arrives(self, rsi: int, price: int) -> None:
        self.runner.run(self.world.receive(len(self.sent), rsi, price))
        self.sent.append((rsi, price))

    @rule(again=st.integers(0, 30))
    def an_alert_arrives_again(self, again: int) -> None:
        if again < len(self.sent):
            self.runner.run(self.world.receive(again, *self.sent[again]))

    @rule(dies=st.integers(1, 2), after=st.booleans())
    def the_fan_out_dies(self, dies: int, after: bool) -> None:  # noqa: FBT001
        self.world.fate.plan(dies, after=after)
        with suppress(Crash):
            self.runner.run(self.world.fan_out())
        self.world.fate.plan(None, after=False)

    @rule(dies=st.integers(1, 14), after=st.booleans(), name=st.sampled_from("ab"))
    def a_worker_dies(self, dies: int, after: bool, name: str) -> None:  # noqa: FBT001
        self.world.fate.plan(dies, after=after)
        with suppress(Crash):
            self.runner.run(self.world.worker(name)(KEY))
        self.world.fate.plan(None, after=False)

    @rule(seconds=st.sampled_from([1, 3, 6]))
    def time_goes_by(self, seconds: int) -> None:
        self.world.clock.move(timedelta(seconds=seconds))

    @invariant()
    def acknowledged_alerts_are_kept(self) -> None:
        if hasattr(self, "world"):
            assert len(self.world.database.alerts) == len(self.sent)

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        calm = World()
        with self.runner:
            self.runner.run(self.world.settle())
            self.runner.run(calmly(calm, self.sent))
        agree(self.world)
        assert self.world.trades() == calm.trades()
        assert self.world.lots() == calm.lots()


async def calmly(world: World, alerts: Sequence[tuple[float, int]]) -> None:
    for bar, (rsi, price) in enumerate(alerts):
        await world.receive(bar, rsi, price)
        await world.settle()


TestOneBotAmongCrashes = OneBotAmongCrashes.TestCase


def test_a_death_at_every_single_step_leaves_the_same_book() -> None:
    calm = World()
    asyncio.run(calmly(calm, DAY))
    steps = calm.fate.steps

    assert len(calm.trades()) > 1
    for step in range(1, steps + 1):
        for after in (False, True):
            world = asyncio.run(with_one_death(step, after=after))
            agree(world)
            assert world.trades() == calm.trades(), f"died at step {step}"
            assert world.lots() == calm.lots()


async def with_one_death(step: int, *, after: bool) -> World:
    world = World()
    for bar, (rsi, price) in enumerate(DAY):
        world.fate.dies_at, world.fate.after = step, after
        with suppress(Crash):
            await world.receive(bar, rsi, price)
        with suppress(Crash):
            await world.fan_out()
        with suppress(Crash):
            await world.worker()(KEY)
        world.fate.plan(None, after=False)
        await world.receive(bar, rsi, price)
        await world.settle()
    return world


def test_a_worker_that_wakes_up_after_its_lease_changes_nothing() -> None:
    calm = World()
    asyncio.run(calmly(calm, DAY))

    for step in range(1, 9):
        for seconds in (1, 6, 30):
            world = asyncio.run(with_a_sleeper(step, timedelta(seconds=seconds)))
            agree(world)
            assert world.trades() == calm.trades(), f"slept at step {step}"
            assert world.lots() == calm.lots()


async def with_a_sleeper(step: int, sleeps: timedelta) -> World:
    """Let one worker fall asleep at every alert while another takes over."""
    world = World()
    for bar, (rsi, price) in enumerate(DAY):
        await world.receive(bar, rsi, price)
        await world.fan_out()
        fate = Fate(sleeps_at=step)
        sleeper = asyncio.create_task(world.worker("sleeper", fate)(KEY))
        dozing = asyncio.create_task(fate.asleep.wait())
        await asyncio.wait((sleeper, dozing), return_when=asyncio.FIRST_COMPLETED)
        world.clock.move(sleeps)
        await world.worker("other")(KEY)
        fate.wakes.set()
        with suppress(ClaimLost):
            await sleeper
        dozing.cancel()
        await world.settle()
    return world
