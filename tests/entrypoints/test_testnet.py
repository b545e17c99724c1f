"""An account on a testnet: from an alert to an order at the venue, on the real path."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from application.records import AccountId
from domain.instrument import Symbol
from domain.order import OrderStatus
from domain.reasons import Reason
from tests.entrypoints.rehearsal import EXCHANGES, PATIENCE, rehearsing
from tests.entrypoints.stack import (
    AUTHOR,
    FOUR_HOURS,
    alert,
    last_closed_bar,
)
from tests.venue.faults import Way
from tests.venue.venues import Venues, running_venues

ACCOUNT = AccountId(1)
SYMBOL = Symbol("BTC/USDT:USDT")


@pytest.fixture
async def venues(tmp_path: Path) -> AsyncIterator[Venues]:
    async with running_venues(tmp_path) as running:
        yield running


@pytest.mark.parametrize("exchange", EXCHANGES)
async def test_an_alert_becomes_an_order_at_the_venue(
    database_url: str, venues: Venues, exchange: str
) -> None:
    async with rehearsing(database_url, venues, exchange) as stack:
        body = alert(rsi=25, exchange=EXCHANGES[exchange])
        reason = await stack.outcome(body)
        await stack.settled(PATIENCE)
        order = (await stack.container.views().orders(limit=10))[0]
        position = (await stack.container.views().positions())[0]

    at_venue = venues.customer(exchange).orders
    assert reason is Reason.ENTRY_OPENED
    assert order.order.status is OrderStatus.FILLED
    assert [one.filled for one in at_venue] == [Decimal("0.016")]
    assert position.position.quantity == Decimal("0.016")
    assert position.position.fees == at_venue[0].trades[0].fee


async def test_a_lost_answer_is_found_and_the_order_is_never_doubled(
    database_url: str, venues: Venues
) -> None:
    venues.simulator.plan(Way.DROP_AFTER, "/fapi/v1/order")

    async with rehearsing(database_url, venues, "binanceusdm") as stack:
        await stack.outcome(alert(rsi=25))
        await stack.settled(PATIENCE)
        order = (await stack.container.views().orders(limit=10))[0]

    assert order.order.status is OrderStatus.FILLED
    assert len(venues.customer("binanceusdm").orders) == 1


async def test_the_opposite_alert_closes_at_the_venue_and_then_reverses(
    database_url: str, venues: Venues
) -> None:
    bar = last_closed_bar()
    async with rehearsing(database_url, venues, "binanceusdm") as stack:
        await stack.outcome(alert(id="one", rsi=25, bar=bar - FOUR_HOURS))
        await stack.settled(PATIENCE)
        await stack.outcome(alert(id="two", rsi=75, bar=bar))
        await stack.settled(PATIENCE)

    customer = venues.customer("binanceusdm")
    sides = [(one.side, one.reduce_only) for one in customer.orders]
    assert sides == [("BUY", False), ("SELL", True), ("SELL", False)]
    assert customer.position("BTCUSDT").quantity == Decimal("-0.016")


async def test_a_refusal_of_the_venue_is_told_in_its_own_words(
    database_url: str, venues: Venues
) -> None:
    venues.customer("binanceusdm").balances["USDT"] = Decimal(1)

    async with rehearsing(database_url, venues, "binanceusdm") as stack:
        await stack.outcome(alert(rsi=25))
        await stack.settled(PATIENCE)
        order = (await stack.container.views().orders(limit=10))[0]

    assert order.order.status is OrderStatus.REJECTED
    assert venues.customer("binanceusdm").orders == []


async def test_what_was_turned_away_is_tried_again_later_and_only_once_each_time(
    database_url: str, venues: Venues
) -> None:
    busy = '{"code": -1015, "msg": "Too many new orders."}'
    venues.simulator.plan(Way.ANSWER, "/fapi/v1/order", status=400, body=busy)

    async with rehearsing(database_url, venues, "binanceusdm") as stack:
        await stack.outcome(alert(rsi=25))
        await stack.settled(PATIENCE)
        after = [one.order.status for one in await stack.container.views().orders(limit=9)]

    assert sorted(one.value for one in after) == ["FILLED", "NOT_PLACED"]
    assert len(venues.customer("binanceusdm").orders) == 1


async def test_what_the_venue_holds_besides_stops_entries_until_somebody_has_looked(
    database_url: str, venues: Venues
) -> None:
    bar = last_closed_bar()
    customer = venues.customer("binanceusdm")
    async with rehearsing(database_url, venues, "binanceusdm") as stack:
        await stack.outcome(alert(id="one", rsi=25, bar=bar - FOUR_HOURS))
        await stack.settled(PATIENCE)
        customer.position("BTCUSDT").quantity += Decimal("0.5")
        reconcile = stack.container.reconcile()
        once = (await reconcile())[0]
        await stack.execute("UPDATE comparisons SET differs_since = now() - interval '6 s'")
        twice = (await reconcile())[0]
        await stack.outcome(alert(id="two", rsi=75, bar=bar))
        await stack.settled(PATIENCE)
        await stack.container.comparisons().ignore(ACCOUNT, SYMBOL, AUTHOR)
        after = (await reconcile())[0]

    assert (once.gates, twice.gates, after.gates) == (False, True, False)
    assert (twice.ours, twice.theirs) == (Decimal("0.016"), Decimal("0.516"))
    assert after.baseline == Decimal("0.5")
    assert [one.reduce_only for one in customer.orders] == [False, True]


async def test_a_liquidation_is_seen_and_stops_entries(
    database_url: str, venues: Venues
) -> None:
    async with rehearsing(database_url, venues, "binanceusdm") as stack:
        await stack.outcome(alert(rsi=25))
        venues.usdm.matching.liquidate(venues.customer("binanceusdm"), "BTCUSDT")
        await stack.container.reconcile()()
        await stack.execute("UPDATE comparisons SET differs_since = now() - interval '6 s'")
        seen = (await stack.container.reconcile()())[0]

    assert (seen.ours, seen.theirs, seen.gates) == (Decimal("0.016"), Decimal(0), True)
