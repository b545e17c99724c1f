"""What one process learns of a venue's patience, every other one keeps to."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.broker.ccxt import CcxtBroker
from adapters.clock.system import SystemClock
from adapters.store.postgres.engine import create_engine
from adapters.store.postgres.venue_budget import PostgresVenueBudget
from adapters.venue.capabilities import CAPABILITIES
from adapters.venue.clients import Clients
from adapters.venue.guarded import TIRED_AFTER, Guard
from adapters.venue.outcome import NeverSent
from application.ports.broker import Acknowledged, NotPlaced
from application.records import AccountId
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


def bybit_guard(budget: PostgresVenueBudget) -> Guard:
    limits = CAPABILITIES["bybit"].limits
    return Guard(budget, "bybit:live", AccountId(1), one_writer=False, limits=limits)


@pytest.fixture
async def budget(database_url: str) -> AsyncIterator[PostgresVenueBudget]:
    engine = create_engine(database_url)
    yield PostgresVenueBudget(engine)
    await engine.dispose()


async def test_bybits_own_header_says_how_long_to_wait(
    budget: PostgresVenueBudget,
) -> None:
    guard = bybit_guard(budget)
    headers = {"X-Bapi-Limit-Reset-Timestamp": "1700000007500"}

    guard.heard(200, headers, '{"retCode": 10006, "retMsg": "Too many visits"}', 1.7e12)

    assert guard.banned_for == timedelta(milliseconds=7500)


async def test_the_header_of_an_answer_that_was_in_order_means_nothing(
    budget: PostgresVenueBudget,
) -> None:
    guard = bybit_guard(budget)
    headers = {"X-Bapi-Limit-Reset-Timestamp": "1700000007500"}

    guard.heard(200, headers, '{"retCode": 0, "retMsg": "OK"}', 1.7e12)

    assert guard.banned_for is None


async def test_bybits_403_is_ten_minutes_of_silence_for_every_process(
    budget: PostgresVenueBudget,
) -> None:
    guard, other = bybit_guard(budget), bybit_guard(budget)

    guard.heard(403, {}, "<html>access too frequent</html>", 1.7e12)
    await guard.ended(None)

    with pytest.raises(NeverSent) as stopped:
        await other.wait_for_share(1, 20)
    assert timedelta(minutes=9) < stopped.value.wait <= timedelta(minutes=10)
