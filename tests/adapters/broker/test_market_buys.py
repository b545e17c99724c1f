"""Spot buys at five venues, as the real client of CCXT words them.

Some are told what to spend, others how much to buy.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.venue.capabilities import CAPABILITIES
from adapters.venue.client_id import encode
from application.ports.broker import Refused, VenueOrder
from domain.instrument import Kind, Symbol
from tests.adapters.broker.scripted import Scripted, market
from tests.adapters.broker.trading import order_id, trading, venue_order
from tests.venue.simulator import Simulator

SPOT = Symbol("BTC/USDT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Buying:
    """How a venue is told to buy for 600 USDT, and to sell 0.01 BTC."""

    market: str
    path: str
    taken: Any
    buys: Mapping[str, Any]
    sells: Mapping[str, Any]


VENUES = {
    "bitget": Buying(
        market="BTCUSDT",
        path="/api/v2/spot/trade/place-order",
        taken={"code": "00000", "data": {"orderId": "7001"}},
        buys={"side": "buy", "orderType": "market", "size": "600"},
        sells={"side": "sell", "orderType": "market", "size": "0.01"},
    ),
    "gate": Buying(
        market="BTC_USDT",
        path="/api/v4/spot/orders",
        taken={"id": "7001", "status": "open"},
        buys={"side": "buy", "type": "market", "amount": "600"},
        sells={"side": "sell", "type": "market", "amount": "0.01"},
    ),
    "okx": Buying(
        market="BTC-USDT",
        path="/api/v5/trade/batch-orders",
        taken={"code": "0", "data": [{"ordId": "7001", "sCode": "0"}]},
        buys={"side": "buy", "ordType": "market", "sz": "0.01", "tgtCcy": "base_ccy"},
        sells={"side": "sell", "ordType": "market", "sz": "0.01"},
    ),
    "kucoin": Buying(
        market="BTC-USDT",
        path="/api/v1/orders",
        taken={"code": "200000", "data": {"orderId": "7001"}},
        buys={"side": "buy", "type": "market", "size": "0.01"},
        sells={"side": "sell", "type": "market", "size": "0.01"},
    ),
    "kraken": Buying(
        market="XBTUSDT",
        path="/0/private/AddOrder",
        taken={"error": [], "result": {"txid": ["7001"], "descr": {"order": "buy"}}},
        buys={"type": "buy", "ordertype": "market", "volume": "0.01"},
        sells={"type": "sell", "ordertype": "market", "volume": "0.01"},
    ),
}
ALL = pytest.mark.parametrize("exchange", VENUES)


def spot_market(exchange: str) -> dict[str, Any]:
    return market("kraken") | {
        "id": VENUES[exchange].market,
        "precision": {"amount": "0.0001", "price": "0.1"},
        "limits": {"amount": {"min": "0.0001"}, "cost": {"min": "5"}},
    }


def spot_order(exchange: str, *, buys: bool, quantity: str = "0.01") -> VenueOrder:
    given = venue_order(exchange, quantity, reduces=not buys)
    instrument = replace(given.instrument, kind=Kind.SPOT, symbol=SPOT)
    return replace(given, instrument=instrument, order=replace(given.order, symbol=SPOT))


async def sent(exchange: str, order: VenueOrder, directory: Path) -> Mapping[str, Any]:
    """Place the order; return what the venue was sent."""
    venue = VENUES[exchange]
    wire = Scripted({f"POST {venue.path}": venue.taken})
    async with (
        Simulator.running([wire], directory) as simulator,
        trading(simulator, exchange, markets={SPOT: spot_market(exchange)}) as broker,
    ):
        await broker.place(order)
    return wire.sent(venue.path)


@ALL
async def test_a_market_buy_says_what_the_venue_wants_to_hear(
    exchange: str, tmp_path: Path
) -> None:
    told = await sent(exchange, spot_order(exchange, buys=True), tmp_path)

    wanted = VENUES[exchange].buys
    assert {name: told.get(name) for name in wanted} == wanted


@ALL
async def test_a_market_sell_is_always_a_quantity(exchange: str, tmp_path: Path) -> None:
    told = await sent(exchange, spot_order(exchange, buys=False), tmp_path)

    wanted = VENUES[exchange].sells
    assert {name: told.get(name) for name in wanted} == wanted


@ALL
async def test_our_id_goes_with_it(exchange: str, tmp_path: Path) -> None:
    told = await sent(exchange, spot_order(exchange, buys=True), tmp_path)

    ours = encode(order_id(), CAPABILITIES[exchange].encoding)
    assert any(ours in str(value) for value in told.values())


@pytest.mark.parametrize("exchange", ["bitget", "gate"])
async def test_a_cost_is_rounded_down_never_up(exchange: str, tmp_path: Path) -> None:
    order = spot_order(exchange, buys=True, quantity="0.0103")
    order = replace(order, order=replace(order.order, decision_price=Decimal("60000.07")))

    told = await sent(exchange, order, tmp_path)

    name = "size" if exchange == "bitget" else "amount"
    assert Decimal(str(told[name])) == Decimal(618)


@ALL
async def test_less_than_the_least_cost_never_leaves(exchange: str, tmp_path: Path) -> None:
    wire = Scripted({})
    limits = {"amount": {"min": "0.0001"}, "cost": {"min": "7"}}
    dear = spot_market(exchange) | {"limits": limits}
    async with (
        Simulator.running([wire], tmp_path) as simulator,
        trading(simulator, exchange, markets={SPOT: dear}) as broker,
    ):
        answer = await broker.place(spot_order(exchange, buys=True, quantity="0.0001"))

    assert isinstance(answer, Refused)
    assert not [one for one in wire.seen if one.method == "POST"]
