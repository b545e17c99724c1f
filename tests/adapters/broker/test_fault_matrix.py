"""Whatever happens between us and the venue: the answer is what is known, and no more.

A row a fault: what the venue did with the order, and what the broker may conclude from it.
Everything between is real: CCXT, TLS, HTTP, the venue's own error bodies.
"""

import asyncio
import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from application.ports.broker import (
    Acknowledged,
    Answer,
    NotFound,
    NotPlaced,
    Refused,
    Unknown,
)
from tests.adapters.broker.trading import order_id, trading, venue_order
from tests.venue.faults import Way
from tests.venue.venues import Venues

PATHS = {
    "binance": "/api/v3/order",
    "binanceusdm": "/fapi/v1/order",
    "bybit": "/v5/order/create",
}
EVERYWHERE = tuple(PATHS)


@dataclass(frozen=True, slots=True)
class Row:
    """A fault, the answer it must lead to, and how many orders the venue took."""

    name: str
    way: Way
    verdict: type[Answer]
    placed: int
    status: int = 200
    body: str = ""
    exchanges: tuple[str, ...] = EVERYWHERE
    further: Any = None


def binance_error(code: int, text: str = "told by the venue") -> str:
    return json.dumps({"code": code, "msg": text})


def bybit_error(code: int, text: str = "told by the venue") -> str:
    return json.dumps({"retCode": code, "retMsg": text, "result": {}, "time": 1})


def _coded(code: int, verdict: type[Answer], status: int = 400) -> Row:
    body = binance_error(code)
    exchanges = ("binance", "binanceusdm")
    name = f"Binance answers {status} with {code}"
    return Row(name, Way.ANSWER, verdict, 0, status, body, exchanges)


def _bybit(code: int, verdict: type[Answer]) -> Row:
    name = f"Bybit answers {code}"
    return Row(name, Way.ANSWER, verdict, 0, 200, bybit_error(code), ("bybit",))


ROWS = (
    *(_coded(code, Refused) for code in (-2019, -4061, -4164, -1111, -2022, -2015, -1013)),
    *(_coded(code, NotPlaced) for code in (-1021, -1015, -1003)),
    _coded(-1003, NotPlaced, 429),
    _coded(-1003, NotPlaced, 418),
    _coded(-1008, Unknown, 503),
    *(_coded(code, Unknown) for code in (-1000, -1001, -1006, -9999)),
    _coded(-1007, Unknown, 408),
    *(_bybit(code, Refused) for code in (110007, 110017, 170131, 10001)),
    *(_bybit(code, NotPlaced) for code in (10002, 10006)),
    *(_bybit(code, Unknown) for code in (10000, 10016, 10429, 170035, 170146, 5004, 99999)),
    Row("a proxy answers 502 before", Way.ANSWER, Unknown, 0, 502, "<html>bad</html>"),
    Row(
        "a proxy answers 502 after",
        Way.ANSWER_AFTER,
        Unknown,
        1,
        502,
        "<html>bad</html>",
    ),
    Row("the venue answers 500 after", Way.ANSWER_AFTER, Unknown, 1, 500, "oops"),
    Row("a firewall answers 403", Way.ANSWER, Unknown, 0, 403, "<html>blocked</html>"),
    Row("a gateway answers 504 after", Way.ANSWER_AFTER, Unknown, 1, 504, "time-out"),
    Row("the line breaks before", Way.DROP, Unknown, 0),
    Row("the line breaks after", Way.DROP_AFTER, Unknown, 1),
    Row("the answer breaks off", Way.TRUNCATE, Unknown, 1),
    Row("the answer is empty", Way.ANSWER_AFTER, Unknown, 1, 200, ""),
    Row("the answer is a page", Way.ANSWER_AFTER, Unknown, 1, 200, "<html>hello</html>"),
    Row("the answer is half of it", Way.ANSWER_AFTER, Unknown, 1, 200, '{"orderId": 1'),
    Row("the answer says nothing", Way.ANSWER_AFTER, Unknown, 1, 200, "{}"),
    Row("the answer is a list", Way.ANSWER_AFTER, Unknown, 1, 200, "[]"),
)
CASES = [
    pytest.param(exchange, row, id=f"{exchange}: {row.name}")
    for row in ROWS
    for exchange in row.exchanges
]


@pytest.mark.parametrize(("exchange", "row"), CASES)
async def test_the_broker_concludes_no_more_than_is_known(
    venues: Venues, exchange: str, row: Row
) -> None:
    path = PATHS[exchange]
    venues.simulator.plan(row.way, path, status=row.status, body=row.body)

    async with trading(venues, exchange) as broker:
        answer = await broker.place(venue_order(exchange))

    assert isinstance(answer, row.verdict)
    assert venues.customer(exchange).placed(order_id()) == row.placed
    assert len(venues.simulator.asked(path)) == 1


@pytest.mark.parametrize("exchange", EVERYWHERE)
@pytest.mark.parametrize("way", [Way.DROP_AFTER, Way.TRUNCATE])
async def test_what_was_lost_is_found_by_our_id(
    venues: Venues, exchange: str, way: Way
) -> None:
    venues.simulator.plan(way, PATHS[exchange])

    async with trading(venues, exchange) as broker:
        await broker.place(venue_order(exchange))
        found = await broker.find(venue_order(exchange))

    assert isinstance(found, Acknowledged)
    assert found.ended
    assert [fill.quantity for fill in found.fills] == [venue_order(exchange).order.quantity]


@pytest.mark.parametrize("exchange", EVERYWHERE)
async def test_what_never_arrived_is_not_found_with_authority(
    venues: Venues, exchange: str
) -> None:
    venues.simulator.plan(Way.DROP, PATHS[exchange])

    async with trading(venues, exchange) as broker:
        await broker.place(venue_order(exchange))
        found = await broker.find(venue_order(exchange))

    assert isinstance(found, NotFound)
    assert found.authoritative


@pytest.mark.parametrize("exchange", EVERYWHERE)
async def test_an_id_that_is_there_already_is_fetched(
    venues: Venues, exchange: str
) -> None:
    venues.matching(exchange).fill_fraction *= 0
    first = venue_order(exchange)

    async with trading(venues, exchange) as broker:
        await broker.place(first)
        again = await broker.place(first)

    assert isinstance(again, Acknowledged)
    assert venues.customer(exchange).placed(order_id()) == 1


@pytest.mark.parametrize("exchange", EVERYWHERE)
async def test_a_venue_that_answers_too_late_leaves_it_unknown(
    venues: Venues, exchange: str
) -> None:
    venues.simulator.plan(Way.DELAY_AFTER, PATHS[exchange], seconds=3)

    async with trading(venues, exchange, timeout=500) as broker:
        answer = await broker.place(venue_order(exchange))

    assert isinstance(answer, Unknown)
    assert venues.customer(exchange).placed(order_id()) == 1


async def test_a_call_that_is_canceled_stays_canceled(venues: Venues) -> None:
    venues.simulator.plan(Way.DELAY_AFTER, PATHS["binanceusdm"], seconds=3)

    async with trading(venues, "binanceusdm") as broker:
        await broker.balance(venue_order("binanceusdm").account)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await broker.place(venue_order("binanceusdm"))
        found = await broker.find(venue_order("binanceusdm"))

    assert isinstance(found, Acknowledged)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"httpsProxy": "http://127.0.0.1:1"}, id="nobody listens"),
        pytest.param({"httpsProxy": "http://nowhere.invalid:1"}, id="no such name"),
    ],
)
async def test_an_order_that_could_not_leave_is_known_not_to_be_placed(
    venues: Venues, options: dict[str, Any]
) -> None:
    async with trading(venues, "binanceusdm") as broker:
        client = await broker.clients.client(venue_order("binanceusdm").account.id)
        client.ccxt.httpsProxy = options["httpsProxy"]
        answer = await broker.place(venue_order("binanceusdm"))

    assert isinstance(answer, NotPlaced)


async def test_an_order_whose_time_is_up_does_not_leave(venues: Venues) -> None:
    order = venue_order("binanceusdm")
    late = replace(order.order, may_arrive_until=order.order.may_arrive_until)
    assert late.may_arrive_until is not None
    early = late.may_arrive_until - timedelta(minutes=1)
    order = replace(order, order=replace(late, may_arrive_until=early))

    async with trading(venues, "binanceusdm") as broker:
        answer = await broker.place(order)

    assert isinstance(answer, NotPlaced)
    assert venues.simulator.asked(PATHS["binanceusdm"]) == []


async def test_ccxt_is_never_let_to_repeat_a_request(venues: Venues) -> None:
    venues.simulator.plan(Way.DROP_AFTER, PATHS["binanceusdm"])
    wish = {"maxRetriesOnFailure": 2, "options": {"maxRetriesOnFailure": 2}}

    async with trading(venues, "binanceusdm", **wish) as broker:
        answer = await broker.place(venue_order("binanceusdm"))

    assert isinstance(answer, Unknown)
    assert len(venues.simulator.asked(PATHS["binanceusdm"])) == 1


async def test_a_clock_that_is_off_is_set_before_the_next_try(venues: Venues) -> None:
    venues.usdm.clock.skew_milliseconds = -30_000

    async with trading(venues, "binanceusdm") as broker:
        first = await broker.place(venue_order("binanceusdm"))
        second = await broker.place(venue_order("binanceusdm"))

    assert isinstance(first, NotPlaced)
    assert isinstance(second, Acknowledged)


async def test_a_clock_that_is_off_is_set_after_a_question_that_failed_by_it(
    venues: Venues,
) -> None:
    order = venue_order("binanceusdm")

    async with trading(venues, "binanceusdm") as broker:
        await broker.place(order)
        venues.usdm.clock.skew_milliseconds = 30_000
        first = await broker.find(order)
        second = await broker.find(order)

    assert isinstance(first, Unknown)
    assert isinstance(second, Acknowledged)


async def test_a_ban_is_waited_for_as_long_as_the_venue_says(venues: Venues) -> None:
    async with trading(venues, "binanceusdm") as broker:
        await broker.balance(venue_order("binanceusdm").account)
        venues.simulator.traffic.limit, venues.simulator.traffic.patience = 0, 0
        answer = await broker.place(venue_order("binanceusdm"))

    assert isinstance(answer, NotPlaced)
    assert answer.retry_after > timedelta(seconds=100)
