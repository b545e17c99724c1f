"""Protective orders at real venues: they rest, are replaced, trigger, and are removed."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from domain.order import OrderStatus
from tests.entrypoints.rehearsal import EXCHANGES, PATIENCE, rehearsing
from tests.entrypoints.stack import FOUR_HOURS, Stack, alert, last_closed_bar
from tests.venue.books import Status, VenueOrder
from tests.venue.faults import Way
from tests.venue.venues import Venues, running_venues

STOP: dict[str, Any] = {"exits": {"stop_loss_percent": "2"}}
BOTH: dict[str, Any] = {"exits": {"stop_loss_percent": "2", "take_profit_percent": "3"}}
PLACING = {"binanceusdm": "/fapi/v1/algoOrder", "bybit": "/v5/order/create"}


@pytest.fixture
async def venues(tmp_path: Path) -> AsyncIterator[Venues]:
    async with running_venues(tmp_path) as running:
        yield running


def moved(venues: Venues, exchange: str, price: str) -> None:
    customers = (venues.customer(exchange),)
    venues.matching(exchange).move(customers, "BTCUSDT", Decimal(price))


def resting(venues: Venues, exchange: str) -> list[VenueOrder]:
    return [
        one for one in venues.customer(exchange).orders if one.status is Status.UNTRIGGERED
    ]


async def enter(stack: Stack, exchange: str, **fields: object) -> None:
    await stack.outcome(alert(**{"rsi": 25, "exchange": EXCHANGES[exchange], **fields}))
    await stack.settled(PATIENCE)


async def notices(stack: Stack) -> list[Any]:
    async with stack.container.engine().begin() as connection:
        found = await connection.execute(
            text("SELECT title FROM notifications ORDER BY id")
        )
        return list(found)


async def look(stack: Stack) -> None:
    """Do once what whoever leads does every three seconds, and work what came of it."""
    await stack.container.watch_prices()()
    await stack.container.protect_all()()
    await stack.settle()
    await stack.settled(PATIENCE)


@pytest.mark.parametrize("exchange", EXCHANGES)
async def test_a_stop_and_a_target_rest_at_the_venue_once_the_entry_has_filled(
    database_url: str, venues: Venues, exchange: str
) -> None:
    async with rehearsing(database_url, venues, exchange, BOTH) as stack:
        await enter(stack, exchange)

    found = [
        (one.trigger, one.quantity, one.side, one.reduce_only)
        for one in resting(venues, exchange)
    ]
    assert found == [
        (Decimal(58800), Decimal("0.016"), "SELL", True),
        (Decimal(61800), Decimal("0.016"), "SELL", True),
    ]


@pytest.mark.parametrize("exchange", EXCHANGES)
async def test_a_stop_that_triggers_is_the_exit_and_counts_once(
    database_url: str, venues: Venues, exchange: str
) -> None:
    async with rehearsing(database_url, venues, exchange, BOTH) as stack:
        await enter(stack, exchange)
        moved(venues, exchange, "58700")
        await look(stack)
        await look(stack)
        trades = await stack.container.views().trades(limit=10)
        orders = await stack.container.views().orders(limit=10)
        positions = await stack.container.views().positions()

    assert len(trades) == 1
    assert orders[0].order.status is OrderStatus.FILLED
    assert orders[0].order.trigger_price == Decimal(58800)
    assert not [one for one in positions if not one.position.is_flat]
    assert resting(venues, exchange) == []
    assert venues.customer(exchange).position("BTCUSDT").quantity == 0


@pytest.mark.parametrize("exchange", EXCHANGES)
async def test_a_scale_in_replaces_the_stop_and_never_leaves_the_position_without(
    database_url: str, venues: Venues, exchange: str
) -> None:
    rules = {**STOP, "scaling": {"max_entries": 2}}
    bar = last_closed_bar()
    async with rehearsing(database_url, venues, exchange, rules) as stack:
        await enter(stack, exchange, id="one", bar=bar - FOUR_HOURS)
        moved(venues, exchange, "59500")
        await enter(stack, exchange, id="two", bar=bar, price=59500)

    stops = [one for one in venues.customer(exchange).orders if one.trigger is not None]
    assert [one.status for one in stops] == [Status.CANCELED, Status.UNTRIGGERED]
    assert stops[1].quantity == venues.customer(exchange).position("BTCUSDT").quantity
    assert stops[1].at < stops[0].updated


@pytest.mark.parametrize("exchange", EXCHANGES)
async def test_a_close_by_the_signal_removes_the_stop_afterwards(
    database_url: str, venues: Venues, exchange: str
) -> None:
    bar = last_closed_bar()
    async with rehearsing(database_url, venues, exchange, BOTH) as stack:
        await enter(stack, exchange, id="one", bar=bar - FOUR_HOURS)
        await enter(stack, exchange, id="two", rsi=75, bar=bar)

    _, *stops, close, _, _, _ = venues.customer(exchange).orders
    assert close.reduce_only
    assert close.status is Status.FILLED
    assert [one.status for one in stops] == [Status.CANCELED] * 2
    assert all(one.updated > close.updated for one in stops)
    assert [one.side for one in resting(venues, exchange)] == ["BUY", "BUY"]


async def test_a_stop_whose_answer_is_lost_is_found_and_not_doubled(
    database_url: str, venues: Venues
) -> None:
    exchange = "binanceusdm"
    venues.simulator.plan(Way.DROP_AFTER, PLACING[exchange])
    async with rehearsing(database_url, venues, exchange, STOP) as stack:
        await enter(stack, exchange)
        await look(stack)

    assert len(resting(venues, exchange)) == 1


async def test_a_stop_that_somebody_canceled_at_the_venue_is_put_back(
    database_url: str, venues: Venues
) -> None:
    exchange = "binanceusdm"
    async with rehearsing(database_url, venues, exchange, STOP) as stack:
        await enter(stack, exchange)
        (stop,) = resting(venues, exchange)
        venues.matching(exchange).cancel(stop)
        await stack.execute("UPDATE protections SET looked_at = now() - interval '1 hour'")
        await look(stack)

    (again,) = resting(venues, exchange)
    assert again.client_id != stop.client_id


async def test_what_the_venue_refuses_to_rest_is_held_by_the_watchdog(
    database_url: str, venues: Venues
) -> None:
    exchange = "binanceusdm"
    said = '{"code":-2021,"msg":"Order would immediately trigger."}'
    venues.simulator.plan(Way.ANSWER, PLACING[exchange], status=400, body=said)
    async with rehearsing(database_url, venues, exchange, STOP) as stack:
        await enter(stack, exchange)
        moved(venues, exchange, "58000")
        await look(stack)
        trades = await stack.container.views().trades(limit=10)

    assert len(trades) == 1
    assert resting(venues, exchange) == []
    assert venues.customer(exchange).position("BTCUSDT").quantity == 0


async def test_a_position_without_its_stop_is_an_alarm_until_it_rests_again(
    database_url: str, venues: Venues
) -> None:
    exchange = "binanceusdm"
    said = '{"code":-4045,"msg":"Reach max stop order limit."}'
    venues.simulator.plan(Way.ANSWER, PLACING[exchange], status=400, body=said)
    async with rehearsing(database_url, venues, exchange, STOP) as stack:
        await enter(stack, exchange)
        await stack.container.watch_stops()()
        early = await notices(stack)
        await stack.execute("UPDATE missing_stops SET since = now() - interval '11 s'")
        await stack.container.watch_stops()()
        await stack.container.watch_stops()()
        (alone,) = await stack.container.views().positions()
        await stack.execute("UPDATE protections SET looked_at = now() - interval '1 hour'")
        await look(stack)
        await stack.container.watch_stops()()
        (safe,) = await stack.container.views().positions()
        told = [one.title for one in await notices(stack)]

    assert not [one for one in early if "rotected" in one.title]
    assert alone.unprotected_since
    assert "Reach max stop order limit" in str(alone.unprotected_why)
    assert (safe.unprotected_since, safe.resting_stop) == (None, Decimal(58800))
    assert [one for one in told if "rotected" in one] == [
        "Unprotected: BTC/USDT:USDT without its stop · trader",
        "Protected again: BTC/USDT:USDT · trader",
    ]


async def test_while_the_fate_of_a_stop_is_open_the_watchdog_holds_the_rule(
    database_url: str, venues: Venues
) -> None:
    exchange = "binanceusdm"
    venues.simulator.plan(Way.DROP, PLACING[exchange])
    async with rehearsing(database_url, venues, exchange, STOP) as stack:
        await enter(stack, exchange)
        moved(venues, exchange, "58000")
        await look(stack)
        trades = await stack.container.views().trades(limit=10)

    assert len(trades) == 1
    assert venues.customer(exchange).position("BTCUSDT").quantity == 0
