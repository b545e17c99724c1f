"""Limit orders on the wire of three venues: resting, filled in part, canceled, in doubt."""

from dataclasses import replace
from decimal import Decimal

import pytest

from adapters.broker.ccxt import CcxtBroker
from application.ports.broker import Acknowledged, Lookup, Refused, Unknown, VenueOrder
from tests.adapters.broker.trading import trading, venue_order
from tests.venue.faults import Way
from tests.venue.venues import Venues

EXCHANGES = ("binance", "binanceusdm", "bybit")
CANCEL = {
    "binance": ("DELETE", "/api/v3/order"),
    "binanceusdm": ("DELETE", "/fapi/v1/order"),
    "bybit": ("POST", "/v5/order/cancel"),
}
LOOK = {
    "binance": "/api/v3/order",
    "binanceusdm": "/fapi/v1/order",
    "bybit": "/v5/order/realtime",
}


def limit_order(exchange: str, price: str = "59000") -> VenueOrder:
    """Return an order to buy 0.01 at a price, while the market is at 60,000."""
    order = venue_order(exchange)
    return replace(order, order=replace(order.order, limit_price=Decimal(price)))


def known(order: VenueOrder, answer: Lookup) -> VenueOrder:
    """Return the order once we know what the venue calls it."""
    assert isinstance(answer, Acknowledged)
    id = answer.venue_order_id
    return replace(order, order=replace(order.order, venue_order_id=id))


async def resting(broker: CcxtBroker, exchange: str) -> VenueOrder:
    order = limit_order(exchange)
    answer = await broker.place(order)
    assert isinstance(answer, Acknowledged)
    assert (answer.ended, answer.fills) == (False, ())
    return known(order, answer)


def move(venues: Venues, exchange: str, price: str) -> None:
    customer = venues.customer(exchange)
    venues.matching(exchange).move([customer], "BTCUSDT", Decimal(price))


@pytest.mark.parametrize("exchange", EXCHANGES)
async def test_an_order_rests_until_its_price_comes(venues: Venues, exchange: str) -> None:
    async with trading(venues, exchange) as broker:
        order = await resting(broker, exchange)
        move(venues, exchange, "58900")
        after = await broker.find(order)

    assert isinstance(after, Acknowledged)
    assert after.ended
    assert [one.quantity for one in after.fills] == [Decimal("0.01")]


@pytest.mark.parametrize("exchange", EXCHANGES)
async def test_what_filled_before_the_cancel_counts(venues: Venues, exchange: str) -> None:
    async with trading(venues, exchange) as broker:
        order = await resting(broker, exchange)
        venues.matching(exchange).fill_fraction = Decimal("0.4")
        move(venues, exchange, "58900")
        after = await broker.cancel(order)

    assert isinstance(after, Acknowledged)
    assert after.ended
    assert [one.quantity for one in after.fills] == [Decimal("0.004")]


@pytest.mark.parametrize("exchange", EXCHANGES)
async def test_a_cancel_that_comes_too_late_finds_the_fill(
    venues: Venues, exchange: str
) -> None:
    async with trading(venues, exchange) as broker:
        order = await resting(broker, exchange)
        move(venues, exchange, "58900")
        after = await broker.cancel(order)

    assert isinstance(after, Acknowledged)
    assert (after.ended, sum(one.quantity for one in after.fills)) == (
        True,
        Decimal("0.01"),
    )


@pytest.mark.parametrize("exchange", EXCHANGES)
@pytest.mark.parametrize("way", [Way.DROP_AFTER, Way.DROP])
async def test_a_cancel_whose_answer_is_lost_tells_what_is_true(
    venues: Venues, exchange: str, way: Way
) -> None:
    async with trading(venues, exchange) as broker:
        order = await resting(broker, exchange)
        method, path = CANCEL[exchange]
        # aiohttp asks once more where a connection that was used before is gone.
        times = 1 if method == "POST" or way is Way.DROP_AFTER else 2
        venues.simulator.plan(way, path, method=method, times=times)
        after = await broker.cancel(order)
        again = await broker.cancel(order)

    assert isinstance(after, Acknowledged)
    assert after.ended is (way is Way.DROP_AFTER)
    assert isinstance(again, Acknowledged)
    assert again.ended


@pytest.mark.parametrize("exchange", EXCHANGES)
async def test_a_venue_that_answers_nothing_leaves_the_cancel_unknown(
    venues: Venues, exchange: str
) -> None:
    async with trading(venues, exchange) as broker:
        order = await resting(broker, exchange)
        method, path = CANCEL[exchange]
        for one, where in ((method, path), ("GET", LOOK[exchange])):
            venues.simulator.plan(Way.DROP, where, method=one, times=2)
        after = await broker.cancel(order)

    assert isinstance(after, Unknown)


@pytest.mark.parametrize("exchange", EXCHANGES)
async def test_a_price_off_the_tick_never_leaves(venues: Venues, exchange: str) -> None:
    async with trading(venues, exchange) as broker:
        answer = await broker.place(limit_order(exchange, "59000.001"))

    assert isinstance(answer, Refused)
    assert answer.code == "unsent.tick"
    assert venues.customer(exchange).orders == []
