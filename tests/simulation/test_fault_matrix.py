"""Every fault of a venue that was measured, in any order, at any request: books come right.

A state machine over alerts, prices, deaths and the rows of the matrix, on the real CCXT and
the simulated Binance USD-M. SIGNALMAN_STORMS=n makes so many examples of it.
"""

import asyncio
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from domain.rules import ExitRules
from tests.simulation.gale import EXITS
from tests.simulation.test_resting_stops import books_agree, stops_stand
from tests.simulation.wired import MATRIX, REQUESTS, Line, Row, WiredWorld, open_line
from tests.simulation.world import KEY, Crash

EXAMPLES = int(os.environ.get("SIGNALMAN_STORMS", "15"))


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asyncio.Runner, Line]]:
    """Give the venues, and the loop on which they run."""
    directory: Path = tmp_path_factory.mktemp("venues")
    with asyncio.Runner() as runner:
        opening = open_line(directory)
        line = runner.run(opening.__aenter__())
        yield runner, line
        runner.run(opening.__aexit__(None, None, None))


class AVenueWhereEverythingGoesWrong(RuleBasedStateMachine):
    """One bot with stops at the venue; once the line is good again, all must be right."""

    runner: asyncio.Runner
    line: Line

    @initialize(exits=st.sampled_from(EXITS))
    def begin(self, exits: ExitRules) -> None:
        self.world = WiredWorld(line=self.line, exits=exits)
        self.sent: list[tuple[float, Decimal]] = []

    @rule(rsi=st.sampled_from([15, 25, 50, 72, 85]), per_mille=st.integers(-40, 40))
    def an_alert_arrives(self, rsi: int, per_mille: int) -> None:
        self.the_market_moves(per_mille)
        self.sent.append((rsi, self.world.venue.price))
        self.runner.run(self.world.receive(len(self.sent) - 1, *self.sent[-1]))

    @rule(again=st.integers(0, 9))
    def an_alert_arrives_again(self, again: int) -> None:
        if again < len(self.sent):
            self.runner.run(self.world.receive(again, *self.sent[again]))

    @rule(per_mille=st.integers(-40, 40))
    def the_market_moves(self, per_mille: int) -> None:
        price = self.world.venue.price * (1000 + per_mille) / 1000
        self.world.venue.move(price.quantize(Decimal("0.1"), rounding=ROUND_DOWN))

    @rule(
        row=st.sampled_from(MATRIX),
        request=st.sampled_from(REQUESTS),
        times=st.sampled_from([1, 1, 2, 5]),
    )
    def a_request_goes_wrong(self, row: Row, request: tuple[str, str], times: int) -> None:
        self.line.spoil(row, request, times)

    @rule(unplugged=st.booleans())
    def nothing_leaves(self, unplugged: bool) -> None:  # noqa: FBT001
        self.line.unplugged(unplugged=unplugged)

    @rule(seconds=st.sampled_from([-30, 0, 30]))
    def the_venues_clock_is_off(self, seconds: int) -> None:
        self.line.venues.usdm.clock.skew_milliseconds = seconds * 1000

    @rule(fraction=st.sampled_from(["1", "0.5", "0"]))
    def only_a_part_fills(self, fraction: str) -> None:
        self.world.venue.matching.fill_fraction = Decimal(fraction)

    @rule(which=st.integers(0, 3))
    def somebody_cancels_a_stop(self, which: int) -> None:
        resting = self.world.venue.resting()
        if which < len(resting):
            self.world.venue.matching.cancel(resting[which])

    @rule(name=st.sampled_from("ab"))
    def a_worker_works(self, name: str) -> None:
        self._die(None, self._work(name), after=False)

    @rule(dies=st.integers(1, 25), after=st.booleans(), name=st.sampled_from("ab"))
    def a_worker_dies(self, dies: int, after: bool, name: str) -> None:  # noqa: FBT001
        self._die(dies, self._work(name), after=after)

    @rule(milliseconds=st.integers(1, 60))
    def a_worker_is_canceled(self, milliseconds: int) -> None:
        self.runner.run(self._canceled(milliseconds / 1000))

    @rule(dies=st.none() | st.integers(1, 25), after=st.booleans())
    def whoever_leads_looks(self, dies: int | None, after: bool) -> None:  # noqa: FBT001
        self._die(dies, self.world.lead(), after=after)

    @rule(seconds=st.sampled_from([1, 3, 6, 40]))
    def time_goes_by(self, seconds: int) -> None:
        self.runner.run(self.line.all_arrived())
        self.world.clock.move(timedelta(seconds=seconds))

    @invariant()
    def nothing_is_placed_twice(self) -> None:
        if hasattr(self, "world"):
            ids = [one.client_id for one in self.world.venue.customer.orders]
            assert len(set(ids)) == len(ids)
            assert len(self.world.database.alerts) == len(self.sent)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.runner.run(self.world.calm_down())
            assert books_agree(self.world)
            stops_stand(self.world)

    def _die(self, dies: int | None, work: object, *, after: bool) -> None:
        self.world.fate.plan(dies, after=after)
        with suppress(Crash):
            self.runner.run(work)  # type: ignore[arg-type]
        self.world.fate.plan(None, after=False)

    async def _work(self, name: str) -> None:
        await self.world.fan_out()
        await self.world.worker(name)(KEY)

    async def _canceled(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._work("a")


def test_whatever_goes_wrong_at_the_venue_books_and_stops_come_right(
    wire: tuple[asyncio.Runner, Line],
) -> None:
    class AtTheVenue(AVenueWhereEverythingGoesWrong):
        runner, line = wire

    run_state_machine_as_test(
        AtTheVenue,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
