"""Taking an order back at five further venues: by which request, and what is true then."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from application.ports.broker import Acknowledged, Lookup, Unknown
from tests.adapters.broker.scripted import IDS, Scripted, market
from tests.adapters.broker.test_other_venues import VENUES
from tests.adapters.broker.trading import trading, venue_order
from tests.venue.simulator import Simulator


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """How an order is taken back, and how the venue tells of it afterwards."""

    request: str
    sent: Mapping[str, Any]
    answer: Any
    told_at: str
    """The question whose answer tells of the order."""
    place: tuple[Any, ...]
    """Where in that answer the order stands."""
    canceled: Mapping[str, Any]
    """What is different there for one that was canceled without a fill."""


VENUES_TAKING = {
    "okx": Taking(
        request="POST /api/v5/trade/cancel-order",
        sent={"ordId": "7001", "instId": "BTC-USDT-SWAP"},
        answer={"code": "0", "data": [{"ordId": "7001", "sCode": "0", "sMsg": ""}]},
        told_at="GET /api/v5/trade/order",
        place=("data", 0),
        canceled={"state": "canceled", "accFillSz": "0", "avgPx": ""},
    ),
    "bitget": Taking(
        request="POST /api/v2/mix/order/cancel-order",
        sent={"orderId": "7001", "symbol": "BTCUSDT"},
        answer={"code": "00000", "data": {"orderId": "7001"}},
        told_at="GET /api/v2/mix/order/detail",
        place=("data",),
        canceled={"state": "canceled", "baseVolume": "0", "priceAvg": ""},
    ),
    "gate": Taking(
        request="DELETE /api/v4/futures/usdt/orders/7001",
        sent={},
        answer={"id": 7001, "contract": "BTC_USDT", "status": "finished"},
        told_at=next(path for path in VENUES["gate"].asked if "/orders/" in path),
        place=(),
        canceled={"finish_as": "ioc", "left": 1000, "fill_price": "0"},
    ),
    "kraken": Taking(
        request="POST /0/private/CancelOrder",
        sent={"txid": "7001"},
        answer={"error": [], "result": {"count": 1}},
        told_at="POST /0/private/ClosedOrders",
        place=("result", "closed", "7001"),
        canceled={"status": "canceled", "vol_exec": "0", "cost": "0", "fee": "0"},
    ),
    "kucoinfutures": Taking(
        request="DELETE /api/v1/orders/7001",
        sent={},
        answer={"code": "200000", "data": {"cancelledOrderIds": ["7001"]}},
        told_at="GET /api/v1/orders/byClientOid",
        place=("data",),
        canceled={"cancelExist": True, "dealSize": 0, "filledSize": 0},
    ),
}
ALL = pytest.mark.parametrize("exchange", VENUES_TAKING)


def answers(exchange: str, *, canceled: bool) -> dict[str, Any]:
    """Return what the venue tells of the order: that it was canceled, or that it filled."""
    taking = VENUES_TAKING[exchange]
    told = copy.deepcopy(dict(VENUES[exchange].asked))
    if canceled:
        order = told[taking.told_at]
        for name in taking.place:
            order = order[name]
        order.update(taking.canceled)
    return told


async def taken_back(exchange: str, wire: Scripted, directory: Path) -> Lookup:
    order = venue_order(exchange, "0.1")
    order = replace(order, order=replace(order.order, venue_order_id="7001"))
    async with (
        Simulator.running([wire], directory) as simulator,
        trading(
            simulator, exchange, markets={IDS[exchange][1]: market(exchange)}
        ) as broker,
    ):
        return await broker.cancel(order)


@ALL
async def test_an_order_is_taken_back_by_the_venues_own_id(
    exchange: str, tmp_path: Path
) -> None:
    taking = VENUES_TAKING[exchange]
    told = answers(exchange, canceled=True)
    wire = Scripted({taking.request: taking.answer, **told})

    after = await taken_back(exchange, wire, tmp_path)

    sent = wire.sent(taking.request.split()[1])
    assert isinstance(after, Acknowledged)
    assert (after.ended, after.fills) == (True, ())
    assert {name: sent.get(name) for name in taking.sent} == taking.sent


@ALL
async def test_a_cancel_that_is_refused_because_it_filled_tells_the_fill(
    exchange: str, tmp_path: Path
) -> None:
    wire = Scripted(answers(exchange, canceled=False))

    after = await taken_back(exchange, wire, tmp_path)

    assert isinstance(after, Acknowledged)
    assert after.ended
    assert [one.trade_id for one in after.fills] == ["9001"]


@ALL
async def test_a_venue_that_is_silent_leaves_it_unknown(
    exchange: str, tmp_path: Path
) -> None:
    after = await taken_back(exchange, Scripted(), tmp_path)

    assert isinstance(after, Unknown)


async def test_gate_is_asked_by_its_own_id_once_it_has_forgotten_ours(
    tmp_path: Path,
) -> None:
    told = answers("gate", canceled=True)
    known = told.pop(VENUES_TAKING["gate"].told_at)
    wire = Scripted(
        {
            **told,
            "GET /api/v4/futures/usdt/orders": [],
            "GET /api/v4/futures/usdt/orders/7001": known | {"text": "-"},
        },
        forgotten={VENUES_TAKING["gate"].told_at: {"label": "ORDER_NOT_FOUND"}},
    )

    after = await taken_back("gate", wire, tmp_path)

    assert isinstance(after, Acknowledged)
    assert after.ended
