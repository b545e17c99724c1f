"""What one process learns of a venue's patience, every other one keeps to."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.broker.ccxt import CcxtBroker
from adapters.clock.system import SystemClock
from adapters.store.postgres.engine import create_engine
from adapters.store.postgres.venue_budget import PostgresVenueBudget
from adapters.venue.clients import Clients
from adapters.venue.guarded import TIRED_AFTER
from application.ports.broker import Acknowledged, NotPlaced
from domain.signal import Direction
from tests.adapters.broker.trading import OneAccount, venue_order
from tests.venue.faults import Way
from tests.venue.venues import Venues, running_venues

EXCHANGE = "binanceusdm"
ORDER = "/fapi/v1/order"


@pytest.fixture
async def venues(tmp_path: Path) -> AsyncIterator[Venues]:
    async with running_venues(tmp_path) as running:
        yield running


@pytest.fixture
async def brokers(
    venues: Venues, database_url: str
) -> AsyncIterator[tuple[CcxtBroker, CcxtBroker]]:
    """Give the brokers of two processes that share a database."""
    engine = create_engine(database_url)
    access = OneAccount(EXCHANGE, venues.simulator.options)
    both = [
        CcxtBroker(Clients(access, PostgresVenueBudget(engine)), SystemClock())
        for _ in range(2)
    ]
    yield both[0], both[1]
    for one in both:
        await one.close()
    await engine.dispose()


async def test_a_ban_that_one_process_hears_of_stops_the_other(
    venues: Venues, brokers: tuple[CcxtBroker, CcxtBroker]
) -> None:
    one, other = brokers
    await other.balance(venue_order(EXCHANGE).account)
    later = {"Retry-After": "60"}
    told = '{"code": -1003, "msg": "Too many requests."}'
    venues.simulator.plan(Way.ANSWER, ORDER, status=429, headers=later, body=told)

    first = await one.place(venue_order(EXCHANGE))
    second = await other.place(venue_order(EXCHANGE, leg=2))

    assert isinstance(first, NotPlaced)
    assert isinstance(second, NotPlaced)
    assert len(venues.simulator.asked(ORDER)) == 1


async def test_a_venue_that_fails_again_and_again_is_asked_for_exits_only(
    venues: Venues, brokers: tuple[CcxtBroker, CcxtBroker]
) -> None:
    one, other = brokers
    await other.place(venue_order(EXCHANGE))
    venues.simulator.plan(Way.ANSWER, ORDER, method="GET", times=99, status=502)
    for _ in range(TIRED_AFTER + 4):
        await one.find(venue_order(EXCHANGE, leg=3, reduces=True))

    entry = await other.place(venue_order(EXCHANGE, leg=4))
    exit = venue_order(EXCHANGE, leg=5, side=Direction.LONG, reduces=True)

    assert isinstance(entry, NotPlaced)
    assert isinstance(await other.place(exit), Acknowledged)
