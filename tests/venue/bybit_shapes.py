"""Bybit's words for markets, orders, executions, positions and wallets."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tests.venue.books import ZERO, Position, Status, Trade, VenueOrder
from tests.venue.market import Kind, Market

STATUSES = {
    Status.UNTRIGGERED: "Untriggered",
    Status.NEW: "New",
    Status.PARTIALLY_FILLED: "PartiallyFilled",
    Status.FILLED: "Filled",
    Status.CANCELED: "Cancelled",
    Status.EXPIRED: "Cancelled",
}


def market_shape(market: Market) -> Any:
    """Return a market as `/v5/market/instruments-info` lists it."""
    common = {
        "symbol": market.id,
        "baseCoin": market.base,
        "quoteCoin": market.quote,
        "status": "Trading",
    }
    if market.kind is Kind.SPOT:
        return common | {
            "marginTrading": "none",
            "lotSizeFilter": {
                "basePrecision": f"{market.step:f}",
                "quotePrecision": "0.00000001",
                "minOrderQty": f"{market.minimum:f}",
                "maxOrderQty": f"{market.maximum:f}",
                "minOrderAmt": f"{market.notional_min:f}",
                "maxOrderAmt": "4000000",
            },
            "priceFilter": {"tickSize": f"{market.tick:f}"},
        }
    return common | {
        "contractType": "LinearPerpetual",
        "launchTime": "1585526400000",
        "deliveryTime": "0",
        "settleCoin": market.quote,
        "leverageFilter": {
            "minLeverage": "1",
            "maxLeverage": "100",
            "leverageStep": "0.01",
        },
        "priceFilter": {
            "minPrice": f"{market.tick:f}",
            "maxPrice": "1000000",
            "tickSize": f"{market.tick:f}",
        },
        "lotSizeFilter": {
            "maxOrderQty": f"{market.maximum:f}",
            "minOrderQty": f"{market.minimum:f}",
            "qtyStep": f"{market.step:f}",
            "maxMktOrderQty": f"{market.maximum:f}",
            "minNotionalValue": f"{market.notional_min:f}",
        },
        "unifiedMarginTrade": True,
        "fundingInterval": 480,
    }


def order_shape(order: VenueOrder) -> Any:
    """Return an order as `/v5/order/realtime` and `/v5/order/history` list it."""
    status = STATUSES[order.status]
    if order.status is Status.CANCELED and order.filled and order.market.kind is Kind.SPOT:
        status = "PartiallyFilledCanceled"
    return {
        "symbol": order.market.id,
        "orderId": str(order.id),
        "orderLinkId": order.client_id,
        "orderType": order.type,
        "side": order.side.capitalize(),
        "price": f"{order.price or ZERO:f}",
        "qty": f"{order.quantity:f}",
        "marketUnit": "baseCoin" if order.market.kind is Kind.SPOT else "",
        "orderStatus": status,
        "avgPrice": f"{order.average:f}" if order.filled else "",
        "cumExecQty": f"{order.filled:f}",
        "cumExecValue": f"{order.worth:f}",
        "cumExecFee": f"{sum((one.fee for one in order.trades), ZERO):f}",
        "leavesQty": f"{order.remaining if order.status.is_open else ZERO:f}",
        "timeInForce": order.time_in_force,
        "reduceOnly": order.reduce_only,
        "triggerPrice": f"{order.trigger or ZERO:f}",
        "triggerDirection": 0 if order.trigger is None else 1 if order.trigger_rises else 2,
        "stopOrderType": "Stop" if order.trigger is not None else "",
        "positionIdx": 0,
        "rejectReason": "EC_NoError",
        "createdTime": str(order.at),
        "updatedTime": str(order.updated),
    }


def execution_shape(trade: Trade) -> Any:
    """Return an execution as `/v5/execution/list` lists it."""
    order = trade.order
    return {
        "symbol": order.market.id,
        "orderId": str(order.id),
        "orderLinkId": order.client_id,
        "side": order.side.capitalize(),
        "orderType": order.type,
        "execId": f"execution-{trade.id}",
        "execPrice": f"{trade.price:f}",
        "execQty": f"{trade.quantity:f}",
        "execValue": f"{trade.quantity * trade.price:f}",
        "execFee": f"{trade.fee:f}",
        "feeRate": f"{order.market.fee_rate:f}",
        "feeCurrency": trade.fee_asset,
        "execType": "Trade",
        "execTime": str(trade.at),
        "isMaker": False,
    }


def position_shape(
    market: str, position: Position, price: Decimal, *, hedged: bool, leverage: int
) -> Any:
    """Return a position as `/v5/position/list` lists it; the size is never negative."""
    side = "" if not position.quantity else "Buy" if position.quantity > ZERO else "Sell"
    return {
        "symbol": market,
        "positionIdx": 1 if hedged else 0,
        "side": side,
        "size": f"{abs(position.quantity):f}",
        "avgPrice": f"{position.entry:f}",
        "positionValue": f"{abs(position.cost):f}",
        "markPrice": f"{price:f}",
        "unrealisedPnl": f"{position.quantity * price - position.cost:f}",
        "leverage": str(leverage),
        "tradeMode": 0,
        "positionIM": "1",
        "positionMM": "1",
        "liqPrice": "",
        "createdTime": "1700000000000",
        "updatedTime": "1700000000000",
    }


def wallet_shape(balances: Mapping[str, tuple[Decimal, Decimal]]) -> Any:
    """Return balances (total, free) as `/v5/account/wallet-balance` has them."""
    coins = [
        {"coin": asset, "walletBalance": f"{total:f}", "free": f"{free:f}"}
        for asset, (total, free) in balances.items()
    ]
    return {"list": [{"accountType": "UNIFIED", "coin": coins}]}
