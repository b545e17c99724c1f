"""What the two Binance wires share: signatures, time windows, errors, formats.

Source: https://developers.binance.com/docs/binance-spot-api-docs and its neighbors.
"""

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar

from tests.venue.books import ZERO, Customer, No, Refusal, Status, VenueOrder
from tests.venue.matching import Matching
from tests.venue.wire import Request, Response, VenueClock

Handler = Callable[[Customer, Mapping[str, Any]], Any]


class BinanceError(Exception):
    """An answer with a negative code, as Binance gives them."""

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.response = Response({"code": code, "msg": message}, status)


@dataclass(slots=True)
class Binance:
    """One Binance API over one matching engine; subclasses say which paths there are."""

    matching: Matching
    clock: VenueClock = field(default_factory=VenueClock)
    customers: dict[str, Customer] = field(default_factory=dict[str, Customer])
    lookup_lag: int = 0
    """Milliseconds before a new order can be found."""
    hosts: frozenset[str] = frozenset()
    refusals: ClassVar[dict[No, tuple[int, str]]] = {}

    def public(self) -> dict[str, Callable[[Mapping[str, Any]], Any]]:
        """Return what needs no key, by method and path."""
        raise NotImplementedError

    def private(self) -> dict[str, Handler]:
        """Return what needs a key, by method and path."""
        raise NotImplementedError

    def answer(self, request: Request) -> Response:
        """Do what is asked and answer as Binance would."""
        route = f"{request.method} {request.path}"
        try:
            open_to_all = self.public().get(route)
            if open_to_all is not None:
                return Response(open_to_all(request.parameters))
            handler = self.private().get(route)
            if handler is None:
                return Response("<html><body>Not found</body></html>", 404)
            return Response(handler(self._customer(request), request.parameters))
        except BinanceError as error:
            return error.response
        except Refusal as refusal:
            code, message = self.refusals[refusal.no]
            return BinanceError(code, message).response

    def too_many(self, status: int, seconds: int) -> Response:
        """Answer one who asks too often."""
        until = self.clock.now() + seconds * 1000
        text = "Way too much request weight used"
        if status == 418:
            text += f"; IP banned until {until}. Please use WebSocket Streams"
        return Response({"code": -1003, "msg": text}, status, {"Retry-After": str(seconds)})

    def closed(self) -> Response:
        """Answer during maintenance."""
        return Response({"code": 1, "msg": "System is under maintenance."}, 503)

    def ping(self, _: Mapping[str, Any]) -> Any:
        """Return the venue's time."""
        return {"serverTime": self.clock.now()}

    def of_markets(self, asked: Mapping[str, Any], shape: Callable[[str, str], Any]) -> Any:
        """Return the market's price in a shape; of all where none, or a list, is named."""
        if "symbol" in asked:
            return shape(asked["symbol"], plain(self.matching.prices[asked["symbol"]]))
        named = json.loads(asked["symbols"]) if "symbols" in asked else None
        return [
            shape(id, plain(price))
            for id, price in self.matching.prices.items()
            if named is None or id in named
        ]

    def _customer(self, request: Request) -> Customer:
        customer = self.customers.get(request.headers.get("X-MBX-APIKEY", ""))
        if customer is None:
            raise BinanceError(
                -2015, "Invalid API-key, IP, or permissions for action.", 401
            )
        signed = request.query or request.body
        text, _, signature = signed.rpartition("&signature=")
        right = hmac.new(customer.secret.encode(), text.encode(), "sha256").hexdigest()
        if not hmac.compare_digest(signature, right):
            raise BinanceError(-1022, "Signature for this request is not valid.")
        self._check_time(request.parameters)
        return customer

    def _check_time(self, parameters: Mapping[str, Any]) -> None:
        sent, now = int(parameters["timestamp"]), self.clock.now()
        if sent >= now + 1000:
            text = "Timestamp for this request was 1000ms ahead of the server's time."
            raise BinanceError(-1021, text)
        if now - sent > int(parameters.get("recvWindow", 5000)):
            raise BinanceError(
                -1021, "Timestamp for this request is outside of the recvWindow."
            )

    def visible(self, customer: Customer) -> list[VenueOrder]:
        """Return the orders that can be found by now; all of them where nothing lags."""
        if not self.lookup_lag:
            return list(customer.orders)
        latest = self.clock.now() - self.lookup_lag
        return [one for one in customer.orders if one.at <= latest]

    def find(self, customer: Customer, parameters: Mapping[str, Any]) -> VenueOrder:
        """Return the order that is asked for by either id."""
        market, client = parameters["symbol"], parameters.get("origClientOrderId")
        for order in reversed(self.visible(customer)):
            mine, id = order.market.id == market, str(self.own_id(order))
            if mine and (order.client_id == client or id == parameters.get("orderId")):
                return order
        raise BinanceError(-2013, "Order does not exist.")

    def own_id(self, order: VenueOrder) -> int:
        """Return the id of the order that is matched."""
        return order.id

    def read(self, parameters: Mapping[str, Any]) -> VenueOrder:
        """Return the order that a request describes."""
        market = self.matching.markets.get(parameters["symbol"])
        if market is None:
            raise BinanceError(-1121, "Invalid symbol.")
        price, trigger = parameters.get("price"), parameters.get("stopPrice")
        return VenueOrder(
            id=self.matching.next_id(),
            client_id=parameters["newClientOrderId"],
            market=market,
            buys=parameters["side"] == "BUY",
            type=parameters["type"],
            quantity=Decimal(parameters["quantity"]),
            price=Decimal(price) if price else None,
            reduce_only=parameters.get("reduceOnly") == "true",
            at=self.clock.now(),
            trigger=Decimal(trigger) if trigger else None,
            time_in_force=parameters.get("timeInForce", "GTC"),
            updated=self.clock.now(),
        )


def filters(market: Any, notional: dict[str, str]) -> list[dict[str, str]]:
    """Return a market's filters as both wires have them."""
    lots = {
        "minQty": f"{market.minimum:f}",
        "maxQty": f"{market.maximum:f}",
        "stepSize": f"{market.step:f}",
    }
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": f"{market.tick:f}",
            "maxPrice": "1000000",
            "tickSize": f"{market.tick:f}",
        },
        {"filterType": "LOT_SIZE", **lots},
        {"filterType": "MARKET_LOT_SIZE", **lots},
        notional,
    ]


def open_orders(
    orders: list[VenueOrder], parameters: Mapping[str, Any]
) -> list[VenueOrder]:
    """Return the open ones among the orders of the market asked for."""
    market = parameters.get("symbol")
    return [one for one in orders if one.status.is_open and market in (None, one.market.id)]


def status_of(order: VenueOrder) -> str:
    """Return the status in Binance's words."""
    return "NEW" if order.status is Status.UNTRIGGERED else order.status.value


def plain(value: Decimal | None) -> str:
    """Return a number as the wire has it; 0 for none."""
    return f"{value or ZERO:f}"
