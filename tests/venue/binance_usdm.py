"""Binance USD-M perpetuals (`/fapi`): two position modes, conditional orders apart."""

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
from tests.venue.books import ZERO, Customer, No, Refusal, Status, Trade, VenueOrder
from tests.venue.market import Market

ORDER_TYPES = (
    "LIMIT",
    "MARKET",
    "STOP",
    "STOP_MARKET",
    "TAKE_PROFIT",
    "TAKE_PROFIT_MARKET",
    "TRAILING_STOP_MARKET",
)


@dataclass(slots=True)
class BinanceUsdm(Binance):
    """The USD-M API."""

    hosts: frozenset[str] = frozenset(
        ("fapi.binance.com", "testnet.binancefuture.com", "demo-fapi.binance.com")
    )
    refusals: ClassVar[dict[No, tuple[int, str]]] = {
        No.DUPLICATE: (-4116, "ClientOrderId is duplicated."),
        No.FUNDS: (-2019, "Margin is insufficient."),
        No.MARKET: (-1121, "Invalid symbol."),
        No.MINIMUM: (-4164, "Order's notional must be no smaller than 100."),
        No.PRECISION: (-1111, "Precision is over the maximum defined for this asset."),
        No.REDUCE_ONLY: (-2022, "ReduceOnly Order is rejected."),
        No.POSITION_SIDE: (-4061, "Order's position side does not match user's setting."),
        No.TOO_MUCH: (-4005, "Quantity greater than max quantity."),
        No.TRIGGERS: (-2021, "Order would immediately trigger."),
        No.UNKNOWN_ORDER: (-2011, "Unknown order sent."),
        No.HAS_POSITION: (
            -4068,
            "Position side cannot be changed if there exists position.",
        ),
        No.NO_CHANGE: (-4059, "No need to change position side."),
    }

    def public(self) -> dict[str, Callable[[Mapping[str, Any]], Any]]:
        """Return what needs no key."""
        return {
            "GET /fapi/v1/exchangeInfo": self._exchange_info,
            "GET /fapi/v1/time": self.ping,
            "GET /fapi/v1/ticker/24hr": self._ticker,
            "GET /fapi/v1/premiumIndex": self._mark,
        }

    def private(self) -> dict[str, Handler]:
        """Return what needs a key."""
        return {
            "POST /fapi/v1/order": self._place,
            "GET /fapi/v1/order": lambda who, asked: _order(self._plain(who, asked)),
            "DELETE /fapi/v1/order": self._cancel,
            "POST /fapi/v1/algoOrder": self._place_conditional,
            "GET /fapi/v1/algoOrder": lambda who, asked: _algo(
                self._conditional(who, asked)
            ),
            "DELETE /fapi/v1/algoOrder": lambda who, asked: _algo(
                self.matching.cancel(self._conditional(who, asked))
            ),
            "GET /fapi/v1/openAlgoOrders": lambda who, asked: [
                _algo(one)
                for one in open_orders(self.visible(who), asked)
                if one.trigger is not None
            ],
            "GET /fapi/v1/openOrders": lambda who, asked: [
                _order(one)
                for one in open_orders(self.visible(who), asked)
                if one.trigger is None
            ],
            "GET /fapi/v1/allOrders": self._all,
            "GET /fapi/v1/userTrades": self._trades,
            "GET /fapi/v3/account": self._account,
            "GET /fapi/v3/positionRisk": self._positions,
            "GET /fapi/v1/leverageBracket": self._brackets,
            "POST /fapi/v1/leverage": _set_leverage,
            "POST /fapi/v1/marginType": _set_margin,
            "GET /fapi/v1/symbolConfig": self._symbol_config,
            "GET /fapi/v1/positionSide/dual": lambda who, _: {
                "dualSidePosition": who.hedged
            },
            "POST /fapi/v1/positionSide/dual": _set_mode,
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
                "closeTime": self.clock.now(),
            },
        )

    def _mark(self, asked: Mapping[str, Any]) -> Any:
        return self.of_markets(
            asked,
            lambda market, price: {
                "symbol": market,
                "markPrice": price,
                "time": self.clock.now(),
            },
        )

    def own_id(self, order: VenueOrder) -> int:
        """Return the id of the order that is matched: another one than the stop's own."""
        return own_id(order)

    def _place(self, customer: Customer, asked: Mapping[str, Any]) -> Any:
        side = asked.get("positionSide", "BOTH")
        if (side == "BOTH") is customer.hedged:
            raise Refusal(No.POSITION_SIDE)
        return _order(self.matching.place(customer, self.read(asked)))

    def _place_conditional(self, customer: Customer, asked: Mapping[str, Any]) -> Any:
        read = dict(asked) | {
            "newClientOrderId": asked["clientAlgoId"],
            "stopPrice": asked["triggerPrice"],
        }
        order = self.read(read)
        order.trigger_rises = order.buys is order.type.startswith("STOP")
        return _algo(self.matching.place(customer, order))

    def _plain(self, customer: Customer, asked: Mapping[str, Any]) -> VenueOrder:
        order = self.find(customer, asked)
        if order.trigger is not None and order.status is Status.UNTRIGGERED:
            raise BinanceError(-2013, "Order does not exist.")
        return order

    def _conditional(self, customer: Customer, asked: Mapping[str, Any]) -> VenueOrder:
        for order in reversed(self.visible(customer)):
            named = asked.get("clientAlgoId") == order.client_id
            if order.trigger is not None and (
                named or asked.get("algoId") == str(order.id)
            ):
                return order
        raise BinanceError(-2013, "Order does not exist.")

    def _cancel(self, customer: Customer, asked: Mapping[str, Any]) -> Any:
        try:
            order = self._plain(customer, asked)
        except BinanceError as error:
            raise BinanceError(-2011, "Unknown order sent.") from error
        return _order(self.matching.cancel(order))

    def _all(self, customer: Customer, asked: Mapping[str, Any]) -> Any:
        return [
            _order(one)
            for one in self.visible(customer)
            if one.market.id == asked["symbol"] and one.status is not Status.UNTRIGGERED
        ]

    def _trades(self, customer: Customer, asked: Mapping[str, Any]) -> Any:
        shown = {one.id for one in self.visible(customer)}
        return [
            _trade(one)
            for one in customer.trades()
            if one.order.market.id == asked["symbol"]
            and one.order.id in shown
            and one.at >= int(asked.get("startTime", 0))
            and asked.get("orderId") in (None, str(own_id(one.order)))
        ]

    def _account(self, customer: Customer, _: Mapping[str, Any]) -> Any:
        return {
            "canTrade": customer.may_trade,
            "assets": [
                {
                    "asset": asset,
                    "walletBalance": plain(amount),
                    "marginBalance": plain(amount),
                    "availableBalance": plain(amount),
                    "initialMargin": "0",
                    "maintMargin": "0",
                    "updateTime": self.clock.now(),
                }
                for asset, amount in customer.balances.items()
            ],
            "positions": [],
        }

    def _positions(self, customer: Customer, _: Mapping[str, Any]) -> Any:
        held = [(id, one) for id, one in customer.positions.items() if one.quantity]
        return [
            {
                "symbol": id,
                "positionSide": "BOTH",
                "positionAmt": plain(one.quantity),
                "entryPrice": plain(one.entry),
                "markPrice": plain(self.matching.prices[id]),
                "unRealizedProfit": plain(
                    one.quantity * self.matching.prices[id] - one.cost
                ),
                "liquidationPrice": "0",
                "notional": plain(one.quantity * self.matching.prices[id]),
                "initialMargin": "1",
                "maintMargin": "1",
                "isolatedMargin": "0",
                "marginAsset": "USDT",
                "updateTime": self.clock.now(),
            }
            for id, one in held
        ]

    def _symbol_config(self, customer: Customer, _: Mapping[str, Any]) -> Any:
        return [
            {
                "symbol": id,
                "marginType": "ISOLATED" if id in customer.isolated else "CROSSED",
                "isAutoAddMargin": "false",
                "leverage": customer.leverage.get(id, 20),
                "maxNotionalValue": "1000000000",
            }
            for id in self.matching.markets
        ]

    def _brackets(self, _who: Customer, _asked: Mapping[str, Any]) -> Any:
        bracket = {
            "bracket": 1,
            "initialLeverage": 125,
            "notionalCap": 1_000_000_000,
            "notionalFloor": 0,
            "maintMarginRatio": 0.004,
            "cum": 0,
        }
        return [{"symbol": id, "brackets": [bracket]} for id in self.matching.markets]


def _set_leverage(customer: Customer, asked: Mapping[str, Any]) -> Any:
    customer.leverage[asked["symbol"]] = int(asked["leverage"])
    return {
        "symbol": asked["symbol"],
        "leverage": int(asked["leverage"]),
        "maxNotionalValue": "1000000000",
    }


def _set_margin(customer: Customer, asked: Mapping[str, Any]) -> Any:
    market, isolated = asked["symbol"], asked["marginType"] == "ISOLATED"
    if isolated is (market in customer.isolated):
        raise BinanceError(-4046, "No need to change margin type.")
    if customer.position(market).quantity:
        raise BinanceError(-4048, "Margin type cannot be changed if there exists position.")
    (customer.isolated.add if isolated else customer.isolated.discard)(market)
    return {"code": 200, "msg": "success"}


def _set_mode(customer: Customer, asked: Mapping[str, Any]) -> Any:
    hedged = asked["dualSidePosition"] == "true"
    if hedged is customer.hedged:
        raise Refusal(No.NO_CHANGE)
    if any(one.quantity for one in customer.positions.values()):
        raise Refusal(No.HAS_POSITION)
    customer.hedged = hedged
    return {"code": 200, "msg": "success"}


def _listed(market: Market) -> Any:
    notional = {"filterType": "MIN_NOTIONAL", "notional": f"{market.notional_min:f}"}
    return {
        "symbol": market.id,
        "pair": market.id,
        "contractType": "PERPETUAL",
        "deliveryDate": 4_133_404_800_000,
        "onboardDate": 1_569_398_400_000,
        "status": "TRADING",
        "baseAsset": market.base,
        "quoteAsset": market.quote,
        "marginAsset": market.quote,
        "pricePrecision": -int(market.tick.as_tuple().exponent),
        "quantityPrecision": -int(market.step.as_tuple().exponent),
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "filters": filters(market, notional),
        "orderTypes": list(ORDER_TYPES),
        "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
    }


def own_id(order: VenueOrder) -> int:
    """Return the id of the order that a conditional one becomes when it fires."""
    return order.id if order.trigger is None else order.id + 1_000_000_000


def _order(order: VenueOrder) -> dict[str, Any]:
    return {
        "symbol": order.market.id,
        "orderId": own_id(order),
        "clientOrderId": order.client_id,
        "price": plain(order.price),
        "avgPrice": plain(order.average),
        "origQty": plain(order.quantity),
        "executedQty": plain(order.filled),
        "cumQuote": plain(order.worth),
        "status": status_of(order),
        "timeInForce": order.time_in_force,
        "type": order.type,
        "origType": order.type,
        "reduceOnly": order.reduce_only,
        "closePosition": False,
        "side": order.side,
        "positionSide": "BOTH",
        "stopPrice": plain(order.trigger),
        "time": order.at,
        "updateTime": order.updated,
    }


def _algo(order: VenueOrder) -> dict[str, Any]:
    fired = order.status is not Status.UNTRIGGERED
    return {
        "algoId": order.id,
        "clientAlgoId": order.client_id,
        "algoType": "CONDITIONAL",
        "orderType": order.type,
        "symbol": order.market.id,
        "side": order.side,
        "positionSide": "BOTH",
        "timeInForce": order.time_in_force,
        "quantity": plain(order.quantity),
        "algoStatus": {Status.UNTRIGGERED: "NEW", Status.FILLED: "FINISHED"}.get(
            order.status, order.status.value
        ),
        "actualOrderId": str(own_id(order)) if fired else "",
        "actualPrice": plain(order.average),
        "triggerPrice": plain(order.trigger),
        "price": plain(order.price),
        "reduceOnly": order.reduce_only,
        "createTime": order.at,
        "updateTime": order.updated,
    }


def _trade(trade: Trade) -> Any:
    worth: Decimal = trade.quantity * trade.price
    return {
        "symbol": trade.order.market.id,
        "id": trade.id,
        "orderId": own_id(trade.order),
        "side": trade.order.side,
        "price": plain(trade.price),
        "qty": plain(trade.quantity),
        "realizedPnl": plain(trade.realized or ZERO),
        "quoteQty": plain(worth),
        "commission": plain(trade.fee),
        "commissionAsset": trade.fee_asset,
        "time": trade.at,
        "positionSide": "BOTH",
        "buyer": trade.order.buys,
        "maker": False,
    }
