"""The watchdog where no stop rests: an exit rule fires between two alerts."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from domain.order import OrderStatus
from tests.entrypoints.rehearsal import PATIENCE, rehearsing
from tests.entrypoints.stack import alert
from tests.venue.venues import Venues, running_venues


@pytest.fixture
async def venues(tmp_path: Path) -> AsyncIterator[Venues]:
    async with running_venues(tmp_path) as running:
        yield running


def moved(venues: Venues, exchange: str, price: str) -> None:
    customers = (venues.customer(exchange),)
    venues.matching(exchange).move(customers, "BTCUSDT", Decimal(price))


async def test_on_spot_the_stop_is_held_against_the_venues_price(
    database_url: str, venues: Venues
) -> None:
    chart = {"exchange": "BINANCE", "ticker": "BTCUSDT", "interval": "4h"}
    rules = {"exits": {"stop_loss_percent": "2"}, "chart": chart, "reverse": "no"}
    async with rehearsing(database_url, venues, "binance", rules) as stack:
        await stack.outcome(alert(rsi=25, ticker="BTCUSDT"))
        await stack.settled(PATIENCE)
        moved(venues, "binance", "58000")
        await stack.container.watch_prices()()
        await stack.settle()
        await stack.settled(PATIENCE)
        newest = (await stack.container.views().orders(limit=10))[0]

    *_, sold = venues.customer("binance").orders
    assert newest.order.status is OrderStatus.FILLED
    assert newest.order.trigger_price == Decimal(58800)
    assert (sold.side, sold.filled) == ("SELL", newest.order.filled)
