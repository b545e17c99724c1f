"""What a venue tells of an order when it is asked, through CCXT: found, and executed."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import ccxt.async_support as ccxt

from adapters.broker.ccxt_answer import Told, Unreadable, read_executions, read_order
from adapters.venue.capabilities import Lookup as Question
from adapters.venue.client_id import encode, same
from adapters.venue.clients import Client
from adapters.venue.markets import contract_size
from adapters.venue.outcome import EXPECTED, evidence
from application.ports.broker import Acknowledged, Refused, VenueOrder
from domain.money import ZERO, add


async def asked(client: Client, order: VenueOrder, question: Question) -> Told | None:
    """Return the order in the answer to one question; None if it is not there."""
    id = encode(order.order.id, client.capabilities.encoding)
    parameters = {**question.further, **further(client, order)}
    if question.id_parameter is not None:
        parameters[question.id_parameter] = id
    ask, symbol = getattr(client.ccxt, question.method), order.order.symbol
    if question.method == "fetch_order":
        try:
            raw = await ask(None, symbol, parameters)
        except ccxt.OrderNotFound:
            return None
        raws = [raw]
    else:
        raws = await ask(symbol, None, None, parameters)
    for raw in raws:
        told = read_order(raw, size_of(client, order))
        if same(told.client_id, id, client.capabilities.encoding):
            return await _became(client, order, told, raw)
    if question.method == "fetch_order":
        raise Unreadable("the answer is about another order")
    return None


def further(client: Client, order: VenueOrder) -> Mapping[str, Any]:
    """Return what goes with a question about the order: stops are kept apart somewhere."""
    stops = client.capabilities.stops
    return stops.further if order.waits_for_trigger and stops is not None else {}


async def _became(client: Client, order: VenueOrder, told: Told, raw: Any) -> Told:
    """Return the order that a triggered stop has become, under the stop's own ids."""
    stops = client.capabilities.stops
    if not order.waits_for_trigger or stops is None or not stops.became:
        return told
    value = raw
    for name in stops.became:
        value = value.get(name) if isinstance(value, Mapping) else None
    if not value:
        # It has triggered, and what came of it is not there yet: it is not over.
        return replace(told, status="open") if told.status == "closed" else told
    another = await client.ccxt.fetch_order(str(value), order.order.symbol)
    return replace(
        read_order(another, size_of(client, order)),
        client_id=told.client_id,
        trades_of=str(value),
        id=told.id,
    )


async def acknowledged(
    client: Client, order: VenueOrder, told: Told
) -> Acknowledged | Refused:
    """Return the order with its executions; over only once all of them are told."""
    filled = told.filled or ZERO
    if told.status == "rejected" and filled == ZERO:
        return Refused(code="venue.rejected", text=f"the venue rejected order {told.id}")
    try:
        fills = await _executions(client, order, told) if filled > ZERO else ()
    except (*EXPECTED, Unreadable) as error:
        return bare(told, f"; executions: {evidence(error)}")
    known = ZERO
    for fill in fills:
        known = add(known, fill.quantity)
    return Acknowledged(
        venue_order_id=told.id,
        fills=fills,
        ended=told.over and known >= filled,
        evidence=f"order {told.id} is {told.status}, {known:f} of {filled:f} executed told",
    )


async def _executions(client: Client, order: VenueOrder, told: Told) -> tuple[Any, ...]:
    size, settle = size_of(client, order), order.instrument.settle
    if told.executions and all(one.get("id") and one.get("fee") for one in told.executions):
        fills = read_executions(told.executions, size, settle)
        if sum((one.quantity for one in fills), ZERO) == told.filled:
            return fills
    parameter = client.capabilities.trades_order_parameter
    of = told.trades_of or told.id
    asked = {} if parameter is None else {parameter: of}
    raws = await client.ccxt.fetch_my_trades(order.order.symbol, None, None, asked)
    mine = [one for one in raws if str(one.get("order")) == of]
    return read_executions(mine, size, settle)


def bare(told: Told, further: str = "") -> Acknowledged:
    """Return that the venue has the order, and nothing else of it."""
    return Acknowledged(
        venue_order_id=told.id, evidence=f"order {told.id} was taken{further}"
    )


def size_of(client: Client, order: VenueOrder) -> Decimal:
    """Return how much base one contract of the order's market is."""
    return contract_size(client.ccxt.market(order.order.symbol))
