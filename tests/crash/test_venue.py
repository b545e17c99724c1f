"""A worker that dies or falls asleep around the call of a real venue: still one order.

Every case has a simulated Binance of its own, which real workers reach through CCXT; what
its customer holds afterwards is compared with our book, order by order.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest

from application.ports.vault import SecretKind, SecretPlace
from application.secret import Secret
from tests.crash.books import (
    broken_promises,
    executions_of,
    our_executions,
    our_position,
    reasons,
)
from tests.crash.checkpoints import AROUND_THE_CALL, VENUE, Checkpoint, Fate
from tests.crash.checkpoints import Way as Death
from tests.crash.conftest import Lend
from tests.crash.installation import (
    Installation,
    bodies,
    everyone,
    installation,
    met,
    until,
)
from tests.crash.program import forks
from tests.entrypoints.rehearsal import bots
from tests.entrypoints.stack import AUTHOR
from tests.venue.books import Customer
from tests.venue.faults import Fault, Way
from tests.venue.venues import KEY, SECRET, Venues, running_venues

ORDER = "/fapi/v1/order"
MANY = 4
BEFORE = 2
"""Long, and reversed to short, before the worker is gone; reversed twice more after it."""
CALM = [
    ("BUY", False),
    ("SELL", True),
    ("SELL", False),
    ("BUY", True),
    ("BUY", False),
    ("SELL", True),
    ("SELL", False),
]
"""What the venue takes of the alerts where nothing goes wrong: side, and whether it only
reduces."""
PATIENT = {"limits": {"max_age_seconds": "600"}}
"""An unknown order is waited for; what comes after it shall not grow too old meanwhile."""
LATER_THAN_THE_ANSWER = 30.0
STILL_UNDER_WAY = 4.0
"""Shorter than the window in which Binance takes a request."""


@pytest.fixture(params=("dramatiq", "celery"))
def runtime(request: pytest.FixtureRequest) -> str:
    """Give the name of each runtime that has workers of its own."""
    return str(request.param)


@pytest.fixture
def checkpoints(times: Sequence[int]) -> Sequence[Checkpoint]:
    """Give the checkpoints of the call itself, or all round it where all are asked for."""
    return AROUND_THE_CALL if len(times) > 1 else VENUE


def _alerts() -> list[dict[str, Any]]:
    """Return alerts that are sent now; one of an hour ago would trade nothing."""
    return [body | {"price": 60_000} for body in bodies(MANY)]


@dataclass(slots=True)
class Traded:
    """An installation whose account is at a simulated venue."""

    place: Installation
    venues: Venues
    alerts: Sequence[dict[str, Any]] = field(default_factory=_alerts)

    @property
    def customer(self) -> Customer:
        """Return what the venue keeps of the account."""
        return self.venues.customer("binanceusdm")

    async def agrees_with_the_venue(self) -> None:
        """Assert that both books say the same, and that they are those of a calm day."""
        connection, orders = self.place.connection, self.customer.orders
        assert await broken_promises(connection, self.place.acknowledged) == {}
        taken = [(one.side, one.reduce_only) for one in orders]
        assert taken == CALM, await reasons(connection)
        assert len({one.client_id for one in orders}) == len(orders)
        assert await our_executions(connection) == executions_of(self.customer)
        held = self.customer.position("BTCUSDT").quantity
        assert await our_position(connection) == held


def made(directory: Path) -> Path:
    """Make a directory, and return it."""
    directory.mkdir()
    return directory


@asynccontextmanager
async def at_a_venue(lend: Lend, directory: Path) -> AsyncIterator[Traded]:
    """Yield an installation without any process yet, with keys for its own venue."""
    async with running_venues(directory) as venues, lend() as servers:
        text = bots(venues, "binanceusdm", PATIENT)
        async with installation(servers, text) as place:
            deployed = await place.container.configuration().deployed()
            of = SecretPlace(SecretKind.ACCOUNT, deployed.accounts[0].id)
            keys = {"apiKey": Secret(KEY), "secret": Secret(SECRET)}
            await place.container.seal_secret()(of, keys, AUTHOR)
            yield Traded(place, venues)


async def test_killed_at_any_checkpoint_round_the_call_there_is_one_order(
    lend: Lend, tmp_path: Path, checkpoints: Sequence[Checkpoint], times: Sequence[int]
) -> None:
    fates = [
        Fate(checkpoint, time=time)
        for checkpoint in checkpoints
        for time in times
        if time == 1 or checkpoint.is_of_orders
    ]
    await everyone(
        {
            str(fate): _dies(lend, made(tmp_path / str(number)), fate)
            for number, fate in enumerate(fates)
        }
    )


async def test_asleep_for_longer_than_its_lease_it_sends_nothing_twice(
    lend: Lend, tmp_path: Path, checkpoints: Sequence[Checkpoint]
) -> None:
    cases = {}
    for checkpoint in checkpoints:
        for late in (False, True):
            fate = Fate(checkpoint, Death.STOPPED, 1, forks.Event())
            place = made(tmp_path / f"{checkpoint.number}-{late}")
            when = "when all is settled" if late else "when another has the key"
            name = f"{fate}, and wakes {when}"
            cases[name] = _sleeps(lend, place, fate, late=late)
    await everyone(cases)


async def test_killed_while_its_request_is_under_way_there_is_one_order(
    lend: Lend, tmp_path: Path
) -> None:
    faults = {
        "when the venue took it, and has not answered": Fault(
            way=Way.DELAY_AFTER, path=ORDER, seconds=LATER_THAN_THE_ANSWER
        ),
        "while the order is still on its way": Fault(
            way=Way.DELAY, path=ORDER, seconds=STILL_UNDER_WAY
        ),
        "when the request was lost": Fault(way=Way.DROP, path=ORDER),
    }
    await everyone(
        {
            name: _dies_under_way(lend, made(tmp_path / str(number)), fault)
            for number, (name, fault) in enumerate(faults.items())
        }
    )


async def _dies(lend: Lend, directory: Path, fate: Fate) -> None:
    async with at_a_venue(lend, directory) as traded:
        place = traded.place
        victim, opened = place.start("worker", fate), place.start_heir()
        await place.send(traded.alerts[:BEFORE])
        await met(victim, fate)
        opened.set()
        await place.send(traded.alerts[BEFORE:])
        await place.settled()
        await traded.agrees_with_the_venue()


async def _sleeps(lend: Lend, directory: Path, fate: Fate, *, late: bool) -> None:
    async with at_a_venue(lend, directory) as traded:
        place = traded.place
        victim, opened = place.start("worker", fate), place.start_heir()
        await place.send(traded.alerts[:BEFORE])
        await met(victim, fate)
        fence, _ = await place.claims()
        opened.set()
        await place.send(traded.alerts[BEFORE:])
        await place.claimed_after(fence)
        if late:
            await place.settled()
        place.wake(victim)
        await place.settled()
        await place.end()
        await traded.agrees_with_the_venue()


async def _dies_under_way(lend: Lend, directory: Path, fault: Fault) -> None:
    async with at_a_venue(lend, directory) as traded:
        place = traded.place
        traded.venues.simulator.faults.append(fault)
        victim, opened = place.start("worker"), place.start_heir()
        await place.send(traded.alerts[:BEFORE])
        await until(lambda: _struck(fault), "the request is at the venue")
        await _killed(victim)
        opened.set()
        await place.send(traded.alerts[BEFORE:])
        await place.settled()
        await traded.agrees_with_the_venue()


async def _struck(fault: Fault) -> bool:
    return fault.times == 0


async def _killed(process: ForkServerProcess) -> None:
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    await asyncio.to_thread(process.join)
