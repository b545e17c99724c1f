"""From our order to the arguments of CCXT's `create_order`, checked with exact decimals.

CCXT cuts off what does not fit the step, rounds prices, and checks no minimum; so it is
checked here, and what goes out is what was decided, to the last digit.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from adapters.venue.capabilities import Capabilities, LeverageWay
from adapters.venue.client_id import encode
from adapters.venue.clients import Client
from adapters.venue.markets import contract_size, limit
from application.ports.broker import Refused, VenueOrder
from domain.instrument import Kind
from domain.money import ONE, ZERO, divide_down, multiply, round_down


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What `create_order` is called with."""

    symbol: str
    type: str
    side: str
    amount: float
    price: float | None
    parameters: dict[str, Any]


def request(order: VenueOrder, client: Client) -> Request | Refused:
    """Return the arguments, or why the venue need not be asked."""
    market = client.ccxt.markets.get(order.order.symbol)
    if market is None:
        return _refused("symbol", f"the venue lists no {order.order.symbol}")
    size = contract_size(market)
    amount = divide_down(order.order.quantity, size)
    if multiply(amount, size) != order.order.quantity:
        text = f"{order.order.quantity:f} is not a whole number of contracts"
        return _refused("contracts", f"{text} of {size:f}")
    price = order.order.limit_price
    refused = _beyond(order, market, amount) or _off_the_grid(price, market)
    if refused is not None:
        return refused
    return Request(
        symbol=order.order.symbol,
        type="market" if price is None else "limit",
        side="buy" if order.order.buys else "sell",
        amount=exact_float(amount),
        price=None if price is None else exact_float(price),
        parameters=_parameters(order, client.capabilities, market),
    )


def _parameters(
    order: VenueOrder, capabilities: Capabilities, market: dict[str, Any]
) -> dict[str, Any]:
    """Return what goes with the order: our id, and what its kind of market asks for."""
    placed = order.order
    parameters: dict[str, Any] = {
        capabilities.id_parameter: encode(placed.id, capabilities.encoding),
        **capabilities.order_extras,
        **_trigger(order),
    }
    if order.instrument.kind is Kind.PERPETUAL:
        if placed.reduces:
            parameters["reduceOnly"] = True
        if capabilities.leverage is LeverageWay.WITH_ORDER:
            parameters["leverage"] = format(order.leverage, "f")
    elif placed.buys and placed.limit_price is None and capabilities.market_buy_by_cost:
        cost = multiply(placed.quantity, placed.decision_price)
        step = limit(market, "precision", "price") or order.instrument.price_tick
        parameters["cost"] = format(round_down(cost, step), "f")
    return parameters


def _trigger(order: VenueOrder) -> dict[str, str]:
    """Return what makes an order wait: CCXT's two words, which venues spell as they do."""
    level = order.order.trigger_price
    if not order.waits_for_trigger or level is None:
        return {}
    stop = order.order.triggers_stop
    return {"stopLossPrice" if stop else "takeProfitPrice": format(level, "f")}


def exact_float(amount: Decimal) -> float:
    """Return the float whose shortest writing is exactly ``amount``.

    Raises:
        ValueError: If there is none; then CCXT would send another number.
    """
    number = float(amount)
    if Decimal(repr(number)) != amount:
        raise ValueError(f"{amount:f} cannot be handed on exactly")
    return number


def _beyond(order: VenueOrder, market: dict[str, Any], amount: Decimal) -> Refused | None:
    step = limit(market, "precision", "amount")
    if step is not None and step > ZERO and round_down(amount, step) != amount:
        return _refused("step", f"{amount:f} is not a multiple of the step {step:f}")
    least = limit(market, "limits", "amount", "min")
    if least is not None and amount < least:
        return _refused("minimum", f"{amount:f} is below the least amount {least:f}")
    most = limit(market, "limits", "market", "max") or limit(
        market, "limits", "amount", "max"
    )
    if most is not None and ZERO < most < amount:
        return _refused("maximum", f"{amount:f} is above the largest amount {most:f}")
    return None if order.order.reduces else _beyond_cost(order, market)


def _off_the_grid(price: Decimal | None, market: dict[str, Any]) -> Refused | None:
    if price is None:
        return None
    tick = limit(market, "precision", "price")
    if tick is not None and tick > ZERO and round_down(price, tick) != price:
        return _refused("tick", f"{price:f} is not a multiple of the tick {tick:f}")
    least = limit(market, "limits", "price", "min")
    if least is not None and price < least:
        return _refused("price", f"{price:f} is below the least price {least:f}")
    most = limit(market, "limits", "price", "max")
    if most is not None and ZERO < most < price:
        return _refused("price", f"{price:f} is above the highest price {most:f}")
    return None


def _beyond_cost(order: VenueOrder, market: dict[str, Any]) -> Refused | None:
    cost = multiply(order.order.quantity, order.order.decision_price)
    least = limit(market, "limits", "cost", "min")
    if least is not None and cost < least:
        return _refused("cost", f"{cost:f} is below the least cost {least:f}")
    most = limit(market, "limits", "cost", "max")
    if most is not None and ZERO < most < cost:
        return _refused("cost", f"{cost:f} is above the largest cost {most:f}")
    most_leverage = limit(market, "limits", "leverage", "max")
    if most_leverage is not None and ONE < most_leverage < order.leverage:
        text = f"{order.leverage:f} is more than the venue's {most_leverage:f}"
        return _refused("leverage", text)
    return None


def _refused(code: str, text: str) -> Refused:
    return Refused(code=f"unsent.{code}", text=text)
