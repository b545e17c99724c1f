"""Prices by the real ccxt client from the simulated venues."""

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.clock.system import SystemClock
from adapters.market_data.ccxt import CcxtMarketData
from domain.instrument import Symbol
from tests.adapters.broker.trading import instrument, trading, venue_order
from tests.venue.faults import Way
from tests.venue.venues import Venues, running_venues


@pytest.fixture
async def venues(tmp_path: Path) -> AsyncIterator[Venues]:
    async with running_venues(tmp_path) as running:
        yield running


@pytest.mark.parametrize("exchange", ["binance", "binanceusdm", "bybit"])
async def test_many_markets_take_one_request(venues: Venues, exchange: str) -> None:
    clock, market = SystemClock(), instrument(exchange)
    other = replace(market, symbol=Symbol(market.symbol.replace("BTC", "ETH")))
    async with trading(venues, exchange) as broker:
        data = CcxtMarketData(broker.clients, clock)
        await data.quotes(venue_order(exchange).account, [market])
        before = len(venues.simulator.requests)
        quotes = await data.quotes(venue_order(exchange).account, [market, other])

    assert quotes[market.symbol].last == Decimal(60_000)
    assert quotes[other.symbol].last == Decimal(3_000)
    assert quotes[market.symbol].is_fresh(clock.now())
    assert len(venues.simulator.requests) == before + 1


async def test_what_a_venue_does_not_tell_is_missing(venues: Venues) -> None:
    exchange = "binanceusdm"
    async with trading(venues, exchange) as broker:
        data = CcxtMarketData(broker.clients, SystemClock())
        venues.simulator.plan(Way.ANSWER, "/fapi/v1/ticker/24hr", method="GET")
        quotes = await data.quotes(venue_order(exchange).account, [instrument(exchange)])

    assert quotes == {}
