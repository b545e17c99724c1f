"""The simulated venues speak the wire that the real ccxt client understands."""

import contextlib
from decimal import Decimal
from typing import Any

import pytest
from ccxt import AuthenticationError, DDoSProtection, ExchangeNotAvailable, InvalidNonce

from tests.venue.faults import Way
from tests.venue.venues import PERPETUAL, Venues, client

QUICK: dict[str, Any] = {"clientOrderId": "ab" * 16}


@pytest.mark.parametrize("exchange", ["binance", "binanceusdm", "bybit"])
async def test_the_real_client_loads_the_markets(venues: Venues, exchange: str) -> None:
    async with client(venues, exchange) as real:
        markets = await real.load_markets()

    symbol = "BTC/USDT" if exchange == "binance" else PERPETUAL
    assert symbol in markets


@pytest.mark.parametrize("exchange", ["binance", "binanceusdm", "bybit"])
async def test_the_real_client_places_finds_and_lists(
    venues: Venues, exchange: str
) -> None:
    symbol = "BTC/USDT" if exchange == "binance" else PERPETUAL
    async with client(venues, exchange) as real:
        placed = await real.create_order(symbol, "market", "buy", 0.01, None, QUICK)
        trades = await real.fetch_my_trades(symbol)
        balance = await real.fetch_balance()
        resting = await real.create_order(symbol, "limit", "buy", 0.01, 50000.0)
        opened = await real.fetch_open_orders(symbol)
        canceled = await real.cancel_order(resting["id"], symbol)

    customer = venues.customer(exchange)
    assert placed["id"] == str(customer.orders[0].id)
    assert [Decimal(str(one["amount"])) for one in trades] == [Decimal("0.01")]
    assert Decimal(str(balance["USDT"]["total"])) == customer.balances["USDT"]
    assert [one["id"] for one in opened] == [resting["id"]] == [canceled["id"]]


@pytest.mark.parametrize("exchange", ["binanceusdm", "bybit"])
async def test_the_real_client_sees_the_position(venues: Venues, exchange: str) -> None:
    async with client(venues, exchange) as real:
        await real.create_order(PERPETUAL, "market", "sell", 0.02, None, QUICK)
        positions = await real.fetch_positions([PERPETUAL])

    assert [(one["side"], one["contracts"]) for one in positions] == [("short", 0.02)]


async def test_a_request_signed_with_another_secret_is_refused(venues: Venues) -> None:
    async with client(venues, "binanceusdm", secret="wrong") as real:  # noqa: S106
        with pytest.raises(AuthenticationError):
            await real.fetch_balance()


async def test_an_answer_can_be_lost_after_the_order_was_taken(venues: Venues) -> None:
    venues.simulator.plan(Way.DROP_AFTER, "/fapi/v1/order")

    async with client(venues, "binanceusdm") as real:
        with pytest.raises(ExchangeNotAvailable):
            await real.create_order(PERPETUAL, "market", "buy", 0.01, None, QUICK)

    assert venues.customer("binanceusdm").placed(QUICK["clientOrderId"]) == 1


async def test_a_clock_that_is_wrong_is_told(venues: Venues) -> None:
    venues.usdm.clock.skew_milliseconds = 60_000

    async with client(venues, "binanceusdm") as real:
        with pytest.raises(InvalidNonce):
            await real.fetch_balance()


async def test_who_asks_too_often_is_told_and_then_banned(venues: Venues) -> None:
    venues.simulator.traffic.limit, venues.simulator.traffic.patience = 1, 1

    statuses = []
    async with client(venues, "binanceusdm") as real:
        for _ in range(4):
            with contextlib.suppress(DDoSProtection):
                await real.fetch_time()
            statuses.append(venues.simulator.traffic.banned_until > 0)

    assert statuses == [False, False, True, True]
