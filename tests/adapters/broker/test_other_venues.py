"""OKX, Kraken, KuCoin, Bitget and Gate: what goes on the wire, and what answers prove."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.venue.capabilities import CAPABILITIES
from adapters.venue.client_id import encode
from application.ports.broker import (
    Acknowledged,
    Answer,
    NotFound,
    NotPlaced,
    Refused,
    Unknown,
)
from tests.adapters.broker.scripted import IDS, Scripted, market
from tests.adapters.broker.trading import order_id, trading, venue_order
from tests.venue.simulator import Simulator


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """One venue's wire: where orders go, as what, and how it tells of them."""

    place: str
    sent: Mapping[str, Any]
    """Fields of our order of 0.1 BTC as they must stand in the request."""
    id_field: str
    taken: Any
    asked: Mapping[str, Any]
    """Answers to the questions by which a filled order is found, by method and path."""
    nothing: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Answers when there is no such order."""
    authoritative: bool = True
    refused: Any = None
    puzzling: Any = None
    not_now: Any = None


def ours(exchange: str) -> str:
    text = encode(order_id(), CAPABILITIES[exchange].encoding)
    return f"t-{text}" if exchange == "gate" else text


def _okx(code: str, text: str = "") -> Any:
    details = [{"ordId": "", "clOrdId": "", "sCode": code, "sMsg": text}]
    return {"code": "1", "data": details, "msg": "All operations failed"}


def _okx_order() -> Any:
    return {
        "instId": "BTC-USDT-SWAP",
        "ordId": "7001",
        "clOrdId": ours("okx"),
        "state": "filled",
        "sz": "10",
        "accFillSz": "10",
        "avgPx": "60000",
        "ordType": "market",
        "side": "buy",
        "cTime": "1700000000000",
    }


def _okx_fill() -> Any:
    return {
        "instId": "BTC-USDT-SWAP",
        "tradeId": "9001",
        "ordId": "7001",
        "fillPx": "60000",
        "fillSz": "10",
        "side": "buy",
        "fee": "-3",
        "feeCcy": "USDT",
        "ts": "1700000000000",
    }


VENUES = {
    "okx": Venue(
        place="/api/v5/trade/batch-orders",
        sent={"sz": "10", "side": "buy", "ordType": "market"},
        id_field="clOrdId",
        taken={"code": "0", "data": [{"ordId": "7001", "sCode": "0", "sMsg": ""}]},
        asked={
            "GET /api/v5/trade/order": {"code": "0", "data": [_okx_order()]},
            "GET /api/v5/trade/fills-history": {"code": "0", "data": [_okx_fill()]},
        },
        nothing={
            "GET /api/v5/trade/order": {"code": "51603", "data": [], "msg": "no order"}
        },
        refused=_okx("51008", "Insufficient USDT"),
        puzzling=_okx("51149", "Order timed out"),
        not_now={"code": "50011", "data": [], "msg": "Rate limit reached"},
    ),
    "bitget": Venue(
        place="/api/v2/mix/order/place-order",
        sent={"size": "0.1", "side": "buy", "orderType": "market"},
        id_field="clientOid",
        taken={"code": "00000", "msg": "success", "data": {"orderId": "7001"}},
        asked={
            "GET /api/v2/mix/order/detail": {
                "code": "00000",
                "data": {
                    "symbol": "BTCUSDT",
                    "orderId": "7001",
                    "clientOid": ours("bitget"),
                    "state": "filled",
                    "size": "0.1",
                    "baseVolume": "0.1",
                    "priceAvg": "60000",
                    "side": "buy",
                    "orderType": "market",
                    "cTime": "1700000000000",
                },
            },
            "GET /api/v2/mix/order/fills": {
                "code": "00000",
                "data": {
                    "fillList": [
                        {
                            "tradeId": "9001",
                            "symbol": "BTCUSDT",
                            "orderId": "7001",
                            "price": "60000",
                            "baseVolume": "0.1",
                            "side": "buy",
                            "posMode": "one_way_mode",
                            "feeDetail": [{"feeCoin": "USDT", "totalFee": "-3"}],
                            "cTime": "1700000000000",
                        }
                    ]
                },
            },
        },
        nothing={
            "GET /api/v2/mix/order/detail": {"code": "40109", "msg": "cannot be found"}
        },
        refused={"code": "40762", "msg": "The order amount exceeds the balance"},
        puzzling={"code": "40015", "msg": "System is abnormal, please try again later"},
        not_now={"code": "40008", "msg": "Request timestamp expired"},
    ),
    "gate": Venue(
        place="/api/v4/futures/usdt/orders",
        sent={"size": 1000, "contract": "BTC_USDT", "tif": "ioc"},
        id_field="text",
        taken={"id": 7001, "contract": "BTC_USDT", "text": ours("gate")},
        asked={
            f"GET /api/v4/futures/usdt/orders/{ours('gate')}": {
                "id": 7001,
                "contract": "BTC_USDT",
                "text": ours("gate"),
                "status": "finished",
                "finish_as": "filled",
                "size": 1000,
                "left": 0,
                "fill_price": "60000",
                "create_time": 1700000000,
            },
            "GET /api/v4/futures/usdt/my_trades_timerange": [
                {
                    "trade_id": "9001",
                    "order_id": "7001",
                    "contract": "BTC_USDT",
                    "size": 1000,
                    "price": "60000",
                    "fee": "3",
                    "create_time": 1700000000,
                }
            ],
        },
        nothing={"GET /api/v4/futures/usdt/orders": []},
        authoritative=False,
        refused={"label": "INSUFFICIENT_AVAILABLE", "message": "not enough"},
        puzzling={"label": "SERVER_ERROR", "message": "internal"},
        not_now={"label": "TOO_MANY_REQUESTS", "message": "slower"},
    ),
    "kraken": Venue(
        place="/0/private/AddOrder",
        sent={"volume": "0.1", "type": "buy", "ordertype": "market"},
        id_field="cl_ord_id",
        taken={
            "error": [],
            "result": {"txid": ["7001"], "descr": {"order": "buy 0.1 XBTUSDT @ market"}},
        },
        asked={
            "POST /0/private/OpenOrders": {"error": [], "result": {"open": {}}},
            "POST /0/private/ClosedOrders": {
                "error": [],
                "result": {
                    "closed": {
                        "7001": {
                            "status": "closed",
                            "cl_ord_id": ours("kraken"),
                            "vol": "0.1",
                            "vol_exec": "0.1",
                            "cost": "6000",
                            "fee": "3",
                            "opentm": 1700000000,
                            "descr": {
                                "pair": "XBTUSDT",
                                "type": "buy",
                                "ordertype": "market",
                                "price": "0",
                            },
                        }
                    }
                },
            },
            "POST /0/private/TradesHistory": {
                "error": [],
                "result": {
                    "trades": {
                        "9001": {
                            "ordertxid": "7001",
                            "pair": "XBTUSDT",
                            "price": "60000",
                            "vol": "0.1",
                            "cost": "6000",
                            "fee": "3",
                            "type": "buy",
                            "ordertype": "market",
                            "time": 1700000000,
                        }
                    }
                },
            },
        },
        nothing={
            "POST /0/private/OpenOrders": {"error": [], "result": {"open": {}}},
            "POST /0/private/ClosedOrders": {"error": [], "result": {"closed": {}}},
        },
        authoritative=False,
        refused={"error": ["EOrder:Insufficient funds"]},
        puzzling={"error": ["EService:Timeout"]},
        not_now={"error": ["EAPI:Invalid nonce"]},
    ),
    "kucoinfutures": Venue(
        place="/api/v1/orders",
        sent={"size": 100, "side": "buy", "type": "market", "leverage": "1"},
        id_field="clientOid",
        taken={"code": "200000", "data": {"orderId": "7001"}},
        asked={
            "GET /api/v1/orders/byClientOid": {
                "code": "200000",
                "data": {
                    "id": "7001",
                    "symbol": "XBTUSDTM",
                    "clientOid": ours("kucoinfutures"),
                    "status": "done",
                    "isActive": False,
                    "cancelExist": False,
                    "size": 100,
                    "dealSize": 100,
                    "filledSize": 100,
                    "side": "buy",
                    "type": "market",
                    "createdAt": 1700000000000,
                },
            },
            "GET /api/v1/fills": {
                "code": "200000",
                "data": {
                    "items": [
                        {
                            "tradeId": "9001",
                            "orderId": "7001",
                            "symbol": "XBTUSDTM",
                            "price": "60000",
                            "size": 100,
                            "fee": "3",
                            "feeCurrency": "USDT",
                            "side": "buy",
                            "tradeTime": 1700000000000000000,
                        }
                    ]
                },
            },
        },
        nothing={"GET /api/v1/orders/byClientOid": {"code": "100001", "msg": "not exist"}},
        refused={"code": "300003", "msg": "Balance insufficient"},
        puzzling={"code": "408000", "msg": "Network timeout"},
        not_now={"code": "429000", "msg": "Too many requests"},
    ),
}
ALL = pytest.mark.parametrize("exchange", VENUES)
ONE_WAY: Mapping[str, Any] = {
    "GET /api/v5/account/config": {"code": "0", "data": [{"posMode": "net_mode"}]},
    "GET /api/v2/position/getPositionMode": {
        "code": "200000",
        "data": {"positionMode": 0},
    },
    "GET /api/v2/mix/position/all-position": {"code": "00000", "data": []},
    "GET /api/v4/futures/usdt/positions": [],
}
"""What the venues say of an account in one-way mode that holds nothing."""


async def placed(
    exchange: str, answer: Any, directory: Path, **asked: Any
) -> tuple[Answer, Scripted]:
    """Place an order that the venue answers so; return our verdict and the wire."""
    wire = Scripted({f"POST {VENUES[exchange].place}": answer, **ONE_WAY} | asked)
    async with (
        Simulator.running([wire], directory) as simulator,
        trading(
            simulator, exchange, markets={IDS[exchange][1]: market(exchange)}
        ) as broker,
    ):
        return await broker.place(venue_order(exchange, "0.1")), wire


def test_every_venue_of_the_table_takes_contracts_or_base() -> None:
    assert set(VENUES) == set(IDS)


@ALL
async def test_the_order_goes_out_under_our_id(exchange: str, tmp_path: Path) -> None:
    venue = VENUES[exchange]

    _, wire = await placed(exchange, venue.taken, tmp_path)

    sent = wire.sent(venue.place)
    assert sent[venue.id_field] == ours(exchange)
    assert {name: sent[name] for name in venue.sent} == venue.sent


@ALL
async def test_a_taken_order_is_asked_for_until_its_fills_are_told(
    exchange: str, tmp_path: Path
) -> None:
    venue = VENUES[exchange]

    answer, _ = await placed(exchange, venue.taken, tmp_path, **venue.asked)

    assert isinstance(answer, Acknowledged)
    assert (answer.venue_order_id, answer.ended) == ("7001", True)
    told = [(fill.trade_id, fill.quantity, fill.fee) for fill in answer.fills]
    assert told == [("9001", Decimal("0.1"), Decimal(3))]


@ALL
@pytest.mark.parametrize(
    ("kind", "verdict"),
    [("refused", Refused), ("puzzling", Unknown), ("not_now", NotPlaced)],
)
async def test_an_error_proves_what_its_code_proves(
    exchange: str, kind: str, verdict: type[Answer], tmp_path: Path
) -> None:
    answer, _ = await placed(exchange, getattr(VENUES[exchange], kind), tmp_path)

    assert isinstance(answer, verdict)


@ALL
async def test_not_finding_an_order_proves_what_the_venue_allows(
    exchange: str, tmp_path: Path
) -> None:
    wire = Scripted(dict(VENUES[exchange].nothing))
    async with (
        Simulator.running([wire], tmp_path) as simulator,
        trading(
            simulator, exchange, markets={IDS[exchange][1]: market(exchange)}
        ) as broker,
    ):
        found = await broker.find(venue_order(exchange, "0.1"))

    if exchange == "gate":
        # Gate answers 404 here, which ccxt takes for a venue that is not available.
        assert isinstance(found, Unknown | NotFound)
        return
    assert isinstance(found, NotFound)
    assert found.authoritative is VENUES[exchange].authoritative
