"""Binance spot (`/api/v3`), and the wallet's question about a key's rights."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from tests.venue.binance import (
    Binance,
    BinanceError,
    Handler,
    filters,
    open_orders,
    plain,
    status_of,
)
from tests.venue.books import Customer, No, Trade, VenueOrder
from tests.venue.market import Market
from tests.venue.matching import free

ORDER_TYPES = (
    "LIMIT",
    "LIMIT_MAKER",
    "MARKET",
    "STOP_LOSS",
    "STOP_LOSS_LIMIT",
    "TAKE_PROFIT",
    "TAKE_PROFIT_LIMIT",
)


@dataclass(slots=True)
class BinanceSpot(Binance):
    """The spot API."""

    hosts: frozenset[str] = frozenset(("api.binance.com", "testnet.binance.vision"))
    refusals: ClassVar[dict[No, tuple[int, str]]] = {
        No.DUPLICATE: (-2010, "Duplicate order sent."),
        No.FUNDS: (-2010, "Account has insufficient balance for requested action."),
        No.MARKET: (-1121, "Invalid symbol."),
        No.MINIMUM: (-1013, "Filter failure: NOTIONAL"),
        No.PRECISION: (-1111, "Parameter 'quantity' has too much precision."),
        No.TOO_MUCH: (-1013, "Filter failure: LOT_SIZE"),
        No.TRIGGERS: (-2010, "Stop price would trigger immediately."),
        No.UNKNOWN_ORDER: (-2011, "Unknown order sent."),
    }

    def public(self) -> dict[str, Callable[[Mapping[str, Any]], Any]]:
        """Return what needs no key."""
        return {
            "GET /api/v3/exchangeInfo": self._exchange_info,
            "GET /api/v3/time": self.ping,
            "GET /api/v3/ticker/24hr": self._ticker,
        }

    def private(self) -> dict[str, Handler]:
        """Return what needs a key."""
        return {
            "POST /api/v3/order": self._place,
            "GET /api/v3/order": lambda who, asked: _order(self.find(who, asked)),
            "DELETE /api/v3/order": self._cancel,
            "GET /api/v3/openOrders": lambda who, asked: [
                _order(one) for one in open_orders(self.visible(who), asked)
            ],
            "GET /api/v3/allOrders": self._all,
            "GET /api/v3/myTrades": self._trades,
            "GET /api/v3/account": self._account,
            "GET /sapi/v1/account/apiRestrictions": _restrictions,
        }

    def _exchange_info(self, _: Mapping[str, Any]) -> Any:
        return {
            "timezone": "UTC",
            "serverTime": self.clock.now(),
            "rateLimits": [],
            "symbols": [_listed(one) for one in self.matching.markets.values()],
        }

    def _ticker(self, asked: Mapping[str, Any]) -> Any:
        return self.of_markets(
            asked,
            lambda market, price: {
                "symbol": market,
                "lastPrice": price,
                "bidPrice": price,
                "askPrice": price,
                "closeTime": self.clock.now(),
            },
        )

    def _place(self, customer: Customer, asked: Mapping[str, Any]) -> Any:
        order = self.read(asked)
        order.trigger_rises = order.buys is order.type.startswith("STOP")
        self.matching.place(customer, order)
        return _order(order) | {
            "transactTime": order.at,
            "fills": [_fill(one) for one in order.trades],
        }

    def _cancel(self, customer: Customer, asked: Mapping[str, Any]) -> Any:
        try:
            order = self.find(customer, asked)
        except BinanceError as error:
            raise BinanceError(-2011, "Unknown order sent.") from error
        return _order(self.matching.cancel(order))

    def _all(self, customer: Customer, asked: Mapping[str, Any]) -> Any:
        return [
            _order(one)
            for one in self.visible(customer)
            if one.market.id == asked["symbol"] and one.at >= int(asked.get("startTime", 0))
        ]

    def _trades(self, customer: Customer, asked: Mapping[str, Any]) -> Any:
        shown = {one.id for one in self.visible(customer)}
        return [
            _trade(one)
            for one in customer.trades()
            if one.order.market.id == asked["symbol"]
            and one.order.id in shown
            and one.at >= int(asked.get("startTime", 0))
            and asked.get("orderId", str(one.order.id)) == str(one.order.id)
        ]

    def _account(self, customer: Customer, _: Mapping[str, Any]) -> Any:
        return {
            "canTrade": customer.may_trade,
            "canWithdraw": customer.may_withdraw,
            "updateTime": self.clock.now(),
            "balances": [
                {
                    "asset": asset,
                    "free": plain(free(customer, asset)),
                    "locked": plain(amount - free(customer, asset)),
                }
                for asset, amount in customer.balances.items()
            ],
        }


def _restrictions(customer: Customer, _: Mapping[str, Any]) -> Any:
    return {
        "ipRestrict": customer.ip_restricted,
        "createTime": 1_700_000_000_000,
        "enableReading": True,
        "enableWithdrawals": customer.may_withdraw,
        "enableInternalTransfer": False,
        "enableFutures": customer.may_trade,
        "enableSpotAndMarginTrading": customer.may_trade,
    }


def _listed(market: Market) -> Any:
    notional = {
        "filterType": "NOTIONAL",
        "minNotional": f"{market.notional_min:f}",
        "maxNotional": "9000000",
    }
    return {
        "symbol": market.id,
        "status": "TRADING",
        "baseAsset": market.base,
        "baseAssetPrecision": 8,
        "quoteAsset": market.quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "orderTypes": list(ORDER_TYPES),
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": filters(market, notional),
        "permissions": ["SPOT"],
    }


def _order(order: VenueOrder) -> dict[str, Any]:
    return {
        "symbol": order.market.id,
        "orderId": order.id,
        "orderListId": -1,
        "clientOrderId": order.client_id,
        "price": plain(order.price),
        "origQty": plain(order.quantity),
        "executedQty": plain(order.filled),
        "cummulativeQuoteQty": plain(order.worth),
        "status": status_of(order),
        "timeInForce": order.time_in_force,
        "type": order.type,
        "side": order.side,
        "stopPrice": plain(order.trigger),
        "time": order.at,
        "updateTime": order.updated,
        "isWorking": True,
    }


def _fill(trade: Trade) -> Any:
    return {
        "price": plain(trade.price),
        "qty": plain(trade.quantity),
        "commission": plain(trade.fee),
        "commissionAsset": trade.fee_asset,
        "tradeId": trade.id,
    }


def _trade(trade: Trade) -> Any:
    worth: Decimal = trade.quantity * trade.price
    return _fill(trade) | {
        "symbol": trade.order.market.id,
        "id": trade.id,
        "orderId": trade.order.id,
        "quoteQty": plain(worth),
        "time": trade.at,
        "isBuyer": trade.order.buys,
        "isMaker": False,
    }
