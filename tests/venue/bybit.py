"""Bybit's unified account (`/v5`): spot and linear perpetuals behind one order path.

Source: https://bybit-exchange.github.io/docs/v5/intro
"""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.venue.books import Customer, No, Refusal, VenueOrder
from tests.venue.bybit_shapes import (
    execution_shape,
    market_shape,
    order_shape,
    position_shape,
    wallet_shape,
)
from tests.venue.market import Kind
from tests.venue.matching import Matching, free
from tests.venue.wire import Request, Response, VenueClock

Handler = Callable[[Customer, Mapping[str, Any]], Any]
CODES = {
    ("linear", No.DUPLICATE): (110072, "OrderLinkedID is duplicate"),
    ("linear", No.FUNDS): (110007, "ab not enough for new order"),
    ("linear", No.MINIMUM): (110094, "Order does not meet minimum order value"),
    ("linear", No.PRECISION): (10001, "Qty invalid"),
    ("linear", No.TOO_MUCH): (10001, "The number of contracts exceeds maximum limit"),
    ("linear", No.REDUCE_ONLY): (
        110017,
        "current position is zero, cannot fix reduce-only",
    ),
    ("linear", No.POSITION_SIDE): (10001, "position idx not match position mode"),
    ("linear", No.UNKNOWN_ORDER): (110001, "order not exists or too late to cancel"),
    ("linear", No.MARKET): (10001, "params error: symbol invalid"),
    ("linear", No.NO_CHANGE): (110025, "Position mode is not modified"),
    ("linear", No.HAS_POSITION): (110024, "You have an existing position"),
    ("spot", No.DUPLICATE): (170141, "Duplicate clientOrderId"),
    ("spot", No.FUNDS): (170131, "Insufficient balance."),
    ("spot", No.MINIMUM): (170140, "Order value exceeded lower limit."),
    ("spot", No.PRECISION): (170137, "Order quantity has too many decimals."),
    ("spot", No.TOO_MUCH): (170135, "Order quantity exceeded upper limit."),
    ("spot", No.UNKNOWN_ORDER): (170213, "Order does not exist."),
    ("spot", No.MARKET): (170121, "Invalid symbol."),
}


class BybitError(Exception):
    """An answer whose `retCode` is not 0."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(slots=True)
class Bybit:
    """The unified API over one matching engine for each category."""

    spot: Matching
    linear: Matching
    clock: VenueClock = field(default_factory=VenueClock)
    customers: dict[str, Customer] = field(default_factory=dict[str, Customer])
    lookup_lag: int = 0
    hosts: frozenset[str] = frozenset(("api.bybit.com", "api-testnet.bybit.com"))

    def answer(self, request: Request) -> Response:
        """Do what is asked and answer as Bybit would: always 200, with a `retCode`."""
        try:
            return Response(self._wrapped(self._result(request)))
        except BybitError as error:
            return Response(self._wrapped({}, error.code, error.message))
        except Refusal as refusal:
            category = str(request.parameters.get("category", "linear"))
            code, message = CODES[category, refusal.no]
            return Response(self._wrapped({}, code, message))

    def too_many(self, status: int, seconds: int) -> Response:
        """Answer one who asks too often: a key by `retCode`, an address by 403."""
        if status == 418:
            return Response("access too frequent", 403, {"Retry-After": str(seconds)})
        until = self.clock.now() + seconds * 1000
        content = self._wrapped({}, 10006, "Too many visits. Exceeded the API Rate Limit.")
        return Response(content, 200, {"X-Bapi-Limit-Reset-Timestamp": str(until)})

    def closed(self) -> Response:
        """Answer during maintenance."""
        return Response(
            "<html><body>503 Service Temporarily Unavailable</body></html>", 503
        )

    def _wrapped(self, result: Any, code: int = 0, message: str = "OK") -> Any:
        return {
            "retCode": code,
            "retMsg": message,
            "result": result,
            "retExtInfo": {},
            "time": self.clock.now(),
        }

    def _result(self, request: Request) -> Any:
        asked = request.parameters
        match f"{request.method} {request.path}":
            case "GET /v5/market/instruments-info":
                return self._instruments(asked)
            case "GET /v5/market/time":
                return {"timeSecond": str(self.clock.now() // 1000)}
            case "GET /v5/market/tickers":
                return self._tickers(asked)
            case route:
                handler = self._private().get(route)
                if handler is None:
                    raise BybitError(10404, f"no such path: {route}")
                return handler(self._customer(request), asked)

    def _private(self) -> dict[str, Handler]:
        return {
            "POST /v5/order/create": self._place,
            "POST /v5/order/cancel": self._cancel,
            "GET /v5/order/realtime": self._realtime,
            "GET /v5/order/history": self._history,
            "GET /v5/execution/list": self._executions,
            "GET /v5/position/list": self._positions,
            "POST /v5/position/set-leverage": _set_leverage,
            "POST /v5/position/switch-mode": _switch_mode,
            "GET /v5/account/wallet-balance": lambda who, _: wallet_shape(
                {asset: (total, free(who, asset)) for asset, total in who.balances.items()}
            ),
            "GET /v5/account/info": lambda _who, _asked: {
                "marginMode": "REGULAR_MARGIN",
                "unifiedMarginStatus": 5,
            },
            "GET /v5/user/query-api": _rights,
        }

    def _customer(self, request: Request) -> Customer:
        headers = request.headers
        customer = self.customers.get(headers.get("X-BAPI-API-KEY", ""))
        if customer is None:
            raise BybitError(10003, "API key is invalid.")
        stamp, window = headers["X-BAPI-TIMESTAMP"], headers["X-BAPI-RECV-WINDOW"]
        text = stamp + customer.key + window + (request.body or request.query)
        right = hmac.new(customer.secret.encode(), text.encode(), "sha256").hexdigest()
        if not hmac.compare_digest(headers["X-BAPI-SIGN"], right):
            raise BybitError(10004, "Error sign, please check your signature generation.")
        now = self.clock.now()
        if not now - int(window) <= int(stamp) < now + 1000:
            raise BybitError(10002, "invalid request, please check your server timestamp")
        return customer

    def _matching(self, asked: Mapping[str, Any]) -> Matching:
        return self.spot if asked.get("category") == "spot" else self.linear

    def _kind(self, asked: Mapping[str, Any]) -> Kind:
        return Kind.SPOT if asked.get("category") == "spot" else Kind.PERPETUAL

    def _instruments(self, asked: Mapping[str, Any]) -> Any:
        markets = (
            self._matching(asked).markets.values()
            if asked["category"] in ("spot", "linear")
            else ()
        )
        return {
            "category": asked["category"],
            "nextPageCursor": "",
            "list": [market_shape(one) for one in markets],
        }

    def _tickers(self, asked: Mapping[str, Any]) -> Any:
        interest = {} if asked["category"] == "spot" else {"openInterestValue": "1"}
        tickers = [
            {"symbol": id, "lastPrice": f"{price:f}", "markPrice": f"{price:f}"} | interest
            for id, price in self._matching(asked).prices.items()
            if asked.get("symbol") in (None, id)
        ]
        return {"category": asked["category"], "list": tickers}

    def _place(self, customer: Customer, asked: Mapping[str, Any]) -> Any:
        matching = self._matching(asked)
        market = matching.markets.get(asked["symbol"])
        if market is None:
            raise Refusal(No.MARKET)
        one_way = int(asked.get("positionIdx", 0)) == 0
        if market.kind is Kind.PERPETUAL and one_way is customer.hedged:
            raise Refusal(No.POSITION_SIDE)
        price, trigger = asked.get("price"), asked.get("triggerPrice")
        order = VenueOrder(
            id=matching.next_id(),
            client_id=asked.get("orderLinkId", ""),
            market=market,
            buys=asked["side"] == "Buy",
            type=asked["orderType"],
            quantity=Decimal(asked["qty"]),
            price=Decimal(price) if price else None,
            reduce_only=bool(asked.get("reduceOnly")),
            at=self.clock.now(),
            trigger=Decimal(trigger) if trigger else None,
            trigger_rises=asked.get("triggerDirection") == 1,
            time_in_force=asked.get("timeInForce", "GTC"),
            updated=self.clock.now(),
        )
        if asked.get("marketUnit") == "quoteCoin":
            cost = order.quantity / matching.prices[market.id]
            order.quantity = (cost // market.step) * market.step
        matching.place(customer, order)
        return {"orderId": str(order.id), "orderLinkId": order.client_id}

    def _cancel(self, customer: Customer, asked: Mapping[str, Any]) -> Any:
        found = self._asked_for(customer, asked)
        order = self._matching(asked).cancel(found[0] if found else None)
        return {"orderId": str(order.id), "orderLinkId": order.client_id}

    def _asked_for(self, customer: Customer, asked: Mapping[str, Any]) -> list[VenueOrder]:
        """Return the orders that a question is about, newest first."""
        latest, kind = self.clock.now() - self.lookup_lag, self._kind(asked)
        return [
            one
            for one in reversed(customer.orders)
            if one.at <= latest
            and one.market.kind is kind
            and asked.get("symbol") in (None, one.market.id)
            and asked.get("orderId") in (None, str(one.id))
            and asked.get("orderLinkId") in (None, one.client_id)
        ]

    def _realtime(self, customer: Customer, asked: Mapping[str, Any]) -> Any:
        return {
            "category": asked["category"],
            "list": [
                order_shape(one)
                for one in self._asked_for(customer, asked)
                if one.status.is_open or "orderLinkId" in asked or "orderId" in asked
            ],
        }

    def _history(self, customer: Customer, asked: Mapping[str, Any]) -> Any:
        return {
            "category": asked["category"],
            "list": [
                order_shape(one)
                for one in self._asked_for(customer, asked)
                if not one.status.is_open
            ],
        }

    def _executions(self, customer: Customer, asked: Mapping[str, Any]) -> Any:
        trades = [trade for one in self._asked_for(customer, asked) for trade in one.trades]
        newest_first = sorted(trades, key=lambda one: -one.id)
        return {
            "category": asked["category"],
            "list": [execution_shape(one) for one in newest_first],
        }

    def _positions(self, customer: Customer, asked: Mapping[str, Any]) -> Any:
        wanted = asked.get("symbol")
        shown = (
            [wanted]
            if wanted
            else [id for id, one in customer.positions.items() if one.quantity]
        )
        return {
            "category": "linear",
            "list": [
                position_shape(
                    id,
                    customer.position(id),
                    self.linear.prices[id],
                    hedged=customer.hedged,
                    leverage=customer.leverage.get(id, 20),
                )
                for id in shown
            ],
        }


def _set_leverage(customer: Customer, asked: Mapping[str, Any]) -> Any:
    leverage = int(Decimal(asked["buyLeverage"]))
    if customer.leverage.get(asked["symbol"]) == leverage:
        raise BybitError(110043, "leverage not modified")
    customer.leverage[asked["symbol"]] = leverage
    return {}


def _switch_mode(customer: Customer, asked: Mapping[str, Any]) -> Any:
    hedged = asked["mode"] == 3
    if hedged is customer.hedged:
        raise Refusal(No.NO_CHANGE)
    if any(one.quantity for one in customer.positions.values()):
        raise Refusal(No.HAS_POSITION)
    customer.hedged = hedged
    return {}


def _rights(customer: Customer, _: Mapping[str, Any]) -> Any:
    wallet = ["AccountTransfer"] + (["Withdraw"] if customer.may_withdraw else [])
    return {
        "apiKey": customer.key,
        "readOnly": int(not customer.may_trade),
        "permissions": {
            "ContractTrade": ["Order", "Position"] if customer.may_trade else [],
            "Spot": ["SpotTrade"] if customer.may_trade else [],
            "Wallet": wallet,
        },
        "ips": ["192.0.2.1"] if customer.ip_restricted else ["*"],
        "unified": 0,
        "uta": 1,
        "isMaster": True,
    }
