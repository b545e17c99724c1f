"""Before an entry leaves: one-way mode, leverage, margin mode, or why it does not."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from application.ports.broker import (
    ALREADY_FLAT,
    Acknowledged,
    Answer,
    NotPlaced,
    Refused,
    VenueOrder,
)
from domain.signal import Direction
from tests.adapters.broker.trading import trading, venue_order
from tests.venue.faults import Way
from tests.venue.venues import Venues

PERPETUALS = pytest.mark.parametrize("exchange", ["binanceusdm", "bybit"])


def entry(exchange: str, leverage: int = 3, **more: Any) -> VenueOrder:
    order = replace(venue_order(exchange), leverage=Decimal(leverage))
    return replace(order, **more)


def refusal(answer: Answer) -> Refused:
    assert isinstance(answer, Refused)
    return answer


@PERPETUALS
async def test_the_bots_leverage_is_set_before_its_first_entry(
    venues: Venues, exchange: str
) -> None:
    async with trading(venues, exchange) as broker:
        answer = await broker.place(entry(exchange))

    assert isinstance(answer, Acknowledged)
    assert venues.customer(exchange).leverage["BTCUSDT"] == 3


@PERPETUALS
async def test_it_is_not_asked_for_again_before_the_next_entry(
    venues: Venues, exchange: str
) -> None:
    async with trading(venues, exchange) as broker:
        await broker.place(entry(exchange))
        before = len(venues.simulator.asked("leverage"))
        again = venue_order(exchange, leg=2)
        answer = await broker.place(replace(again, leverage=Decimal(3)))

    assert isinstance(answer, Acknowledged)
    assert len(venues.simulator.asked("leverage")) == before


@PERPETUALS
async def test_leverage_is_never_changed_under_a_position(
    venues: Venues, exchange: str
) -> None:
    customer = venues.customer(exchange)
    customer.position("BTCUSDT").quantity = Decimal("0.5")
    customer.position("BTCUSDT").cost = Decimal(30_000)

    async with trading(venues, exchange) as broker:
        answer = refusal(await broker.place(entry(exchange)))

    assert answer.code == "unsent.leverage"
    assert answer.text.startswith("the venue has 20x")
    assert "the bot wants 3x" in answer.text
    assert customer.orders == []


@PERPETUALS
async def test_in_hedge_mode_nothing_is_entered_and_the_way_out_is_told(
    venues: Venues, exchange: str
) -> None:
    customer = venues.customer(exchange)
    customer.hedged = True

    async with trading(venues, exchange) as broker:
        answer = refusal(await broker.place(entry(exchange)))

    assert customer.orders == []
    if exchange == "binanceusdm":  # Bybit tells it by its refusal, or by positions
        assert answer.code == "unsent.hedge_mode"
        assert "choose one-way mode" in answer.text


async def test_the_margin_mode_is_set_where_the_venue_lets_us(venues: Venues) -> None:
    async with trading(venues, "binanceusdm") as broker:
        answer = await broker.place(entry("binanceusdm", margin_mode="isolated"))

    assert isinstance(answer, Acknowledged)
    assert venues.customer("binanceusdm").isolated == {"BTCUSDT"}


async def test_a_margin_mode_that_cannot_be_set_is_refused(venues: Venues) -> None:
    async with trading(venues, "bybit") as broker:
        answer = refusal(await broker.place(entry("bybit", margin_mode="isolated")))

    assert "leave out margin_mode" in answer.text
    assert venues.customer("bybit").orders == []


@PERPETUALS
async def test_a_venue_that_does_not_answer_about_settings_got_no_order(
    venues: Venues, exchange: str
) -> None:
    path = "symbolConfig" if exchange == "binanceusdm" else "position/list"
    async with trading(venues, exchange) as broker:
        venues.simulator.plan(Way.ANSWER, path, method="GET", status=502, times=5)
        answer = await broker.place(entry(exchange))

    assert isinstance(answer, NotPlaced)
    assert venues.customer(exchange).orders == []


@PERPETUALS
async def test_a_reduction_of_nothing_is_already_flat(
    venues: Venues, exchange: str
) -> None:
    close = venue_order(exchange, side=Direction.LONG, reduces=True)

    async with trading(venues, exchange) as broker:
        answer = refusal(await broker.place(close))

    assert answer.code == ALREADY_FLAT


@PERPETUALS
async def test_a_reduction_that_is_refused_while_something_is_held_has_failed(
    venues: Venues, exchange: str
) -> None:
    short = venues.customer(exchange).position("BTCUSDT")
    short.quantity, short.cost = Decimal("-0.5"), Decimal(-30_000)
    close = venue_order(exchange, side=Direction.LONG, reduces=True)

    async with trading(venues, exchange) as broker:
        answer = refusal(await broker.place(close))

    assert answer.code != ALREADY_FLAT
