"""What must hold at the venue before an entry leaves: one-way mode, leverage, margin mode.

Asked for, and set where the table of capabilities says that we do; believed for a while.
Leverage changes margin, never size, and is changed only while nothing is held: whatever
cannot be brought about is a refusal with its reason. Exits never wait for any of this.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import ccxt.async_support as ccxt

from adapters.broker.ccxt_answer import number
from adapters.venue.capabilities import LeverageWay
from adapters.venue.checking import HEDGE_FIX, is_hedged
from adapters.venue.clients import Client
from application.ports.broker import Refused, VenueOrder
from application.ports.clock import Clock
from domain.instrument import Kind
from domain.money import ZERO

BELIEVED = timedelta(minutes=10)
"""How long the venue's settings are believed without being asked for again."""
NOT_MODIFIED = ("-4046", "110043", "110026")
"""Codes by which venues say that a setting is as it is wanted already."""


@dataclass(frozen=True, slots=True)
class Told:
    """How a market stands at the venue; None for what it does not tell."""

    leverage: Decimal | None
    margin_mode: str | None


async def prepare(client: Client, order: VenueOrder, clock: Clock) -> Refused | None:
    """Return why the venue is not ready for an entry; None if it is.

    Raises:
        ccxt.BaseError: If the venue does not answer; nothing was sent then.
    """
    if order.order.reduces or order.instrument.kind is not Kind.PERPETUAL:
        return None
    return await _one_way(client, order, clock) or await _margin(client, order, clock)


def forget(client: Client) -> None:
    """Believe nothing any more, for the venue has said otherwise."""
    client.standing.clear()


async def _one_way(client: Client, order: VenueOrder, clock: Clock) -> Refused | None:
    symbol = order.instrument.symbol
    if _believed(client, "one-way", "yes", clock):
        return None
    if await is_hedged(client, symbol):
        text = "the account is in hedge mode, in which no order of ours fits"
        return Refused(code="unsent.hedge_mode", text=f"{text}: {HEDGE_FIX}")
    client.standing["one-way"] = ("yes", clock.now())
    return None


async def _margin(client: Client, order: VenueOrder, clock: Clock) -> Refused | None:
    wanted = f"{order.leverage:f} {order.margin_mode}"
    if _believed(client, order.instrument.symbol, wanted, clock):
        return None
    refused = await _bring_about(client, order)
    if refused is None:
        client.standing[order.instrument.symbol] = (wanted, clock.now())
    return refused


def _believed(client: Client, what: str, wanted: str, clock: Clock) -> bool:
    known = client.standing.get(what)
    return known is not None and known[0] == wanted and clock.now() - known[1] < BELIEVED


async def _bring_about(client: Client, order: VenueOrder) -> Refused | None:
    capabilities, symbol = client.capabilities, order.instrument.symbol
    if order.margin_mode is not None and not capabilities.sets_margin_mode:
        text = f"{order.account.exchange} does not let us set the margin mode of a market"
        return _refused(f"{text}: leave out margin_mode, and choose it there")
    if capabilities.leverage is not LeverageWay.SET:
        return None
    told = await _told(client, symbol)
    if _fits(told, order):
        return None
    if await _is_held(client, symbol):
        return _refused(
            f"{_difference(told, order)}, and it is changed only while nothing is held: "
            "close the position, or give the bot what the venue has"
        )
    if order.margin_mode is not None and told.margin_mode != order.margin_mode:
        await _set(client.ccxt.set_margin_mode(order.margin_mode, symbol))
    if told.leverage != order.leverage:
        await _set(client.ccxt.set_leverage(_plain(order.leverage), symbol))
    told = await _told(client, symbol)
    if _fits(told, order):
        return None
    return _refused(f"{_difference(told, order)}, although it was told otherwise")


async def _told(client: Client, symbol: str) -> Told:
    raw = await client.ccxt.fetch_leverage(symbol)
    return Told(number(raw.get("longLeverage")), raw.get("marginMode"))


def _fits(told: Told, order: VenueOrder) -> bool:
    wanted = order.margin_mode
    return told.leverage == order.leverage and wanted in (None, told.margin_mode)


async def _is_held(client: Client, symbol: str) -> bool:
    raws = await client.ccxt.fetch_positions([symbol])
    return any((number(one.get("contracts")) or ZERO) != ZERO for one in raws)


async def _set(request: Any) -> None:
    try:
        await request
    except ccxt.NoChange:
        return
    except ccxt.ExchangeError as error:
        if not any(code in str(error) for code in NOT_MODIFIED):
            raise


def _plain(leverage: Decimal) -> int | float:
    whole = int(leverage)
    return whole if whole == leverage else float(leverage)


def _difference(told: Told, order: VenueOrder) -> str:
    there = [f"{told.leverage or '?'}x", told.margin_mode or ""]
    ours = [f"{order.leverage:f}x", order.margin_mode or ""]
    return (
        f"the venue has {' '.join(there).strip()} for {order.instrument.symbol}, "
        f"the bot wants {' '.join(ours).strip()}"
    )


def _refused(text: str) -> Refused:
    return Refused(code="unsent.leverage", text=text)
