"""The watchdog at a real venue: an exit rule fires between two alerts."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from domain.order import OrderStatus
from tests.entrypoints.rehearsal import EXCHANGES, PATIENCE, rehearsing
from tests.entrypoints.stack import alert
from tests.venue.venues import Venues, running_venues


@pytest.fixture
async def venues(tmp_path: Path) -> AsyncIterator[Venues]:
    async with running_venues(tmp_path) as running:
        yield running


def moved(venues: Venues, exchange: str, price: str) -> None:
    customers = (venues.customer(exchange),)
    venues.matching(exchange).move(customers, "BTCUSDT", Decimal(price))


@pytest.mark.parametrize("exchange", EXCHANGES)
async def test_a_stop_that_cannot_rest_is_held_against_the_venues_price(
    database_url: str, venues: Venues, exchange: str
) -> None:
    exits = {"exits": {"stop_loss_percent": "2"}}
    async with rehearsing(database_url, venues, exchange, exits) as stack:
        await stack.outcome(alert(rsi=25, exchange=EXCHANGES[exchange]))
        await stack.settled(PATIENCE)
        moved(venues, exchange, "58000")
        await stack.container.watch_prices()()
        await stack.settle()
        await stack.settled(PATIENCE)
        newest = (await stack.container.views().orders(limit=10))[0]
        trade = (await stack.container.views().trades(limit=10))[0]

    assert newest.order.status is OrderStatus.FILLED
    assert newest.order.trigger_price == Decimal(58800)
    assert trade.trade.closed_at
    assert venues.customer(exchange).position("BTCUSDT").quantity == 0
