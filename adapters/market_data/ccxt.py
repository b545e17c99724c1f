"""Prices of real venues through CCXT: one request for many markets where it can be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import aiohttp
import ccxt.async_support as ccxt

from adapters.venue.clients import Client, Clients, UnknownExchange
from adapters.venue.guarded import URGENCY
from adapters.venue.markets import limit
from adapters.venue.outcome import MISREAD, NeverSent
from application.ports.clock import Clock
from application.ports.market_data import Quote
from application.ports.venue_access import NoCredentials
from application.ports.venue_budget import Urgency
from application.records import DeskAccount
from domain.instrument import Instrument, Kind, Symbol
from domain.money import ZERO

UNTOLD = (
    *(NoCredentials, UnknownExchange, NeverSent, ccxt.BaseError, aiohttp.ClientError),
    *(OSError, *MISREAD),
)


@dataclass(frozen=True, slots=True)
class CcxtMarketData:
    """The tickers of every venue that CCXT knows."""

    clients: Clients
    clock: Clock

    async def quotes(
        self, account: DeskAccount, markets: Sequence[Instrument]
    ) -> Mapping[Symbol, Quote]:
        """Ask for the tickers of these markets; without those that cannot be read."""
        URGENCY.set(Urgency.READ)
        asked_at = self.clock.now()
        try:
            client = await self.clients.client(account.id)
            raws = await _tickers(client, markets)
        except UNTOLD:
            return {}
        found = {one.symbol: _quote(raws.get(one.symbol), asked_at) for one in markets}
        return {symbol: quote for symbol, quote in found.items() if quote is not None}

    async def close(self) -> None:
        """Close every connection."""
        await self.clients.close()


async def _tickers(client: Client, markets: Sequence[Instrument]) -> Mapping[str, Any]:
    """Return the tickers, kind by kind: no venue tells spot and perpetuals together."""
    found: dict[str, Any] = {}
    for kind in Kind:
        symbols = [str(one.symbol) for one in markets if one.kind is kind]
        if len(symbols) > 1 and client.ccxt.has.get("fetchTickers"):
            found |= await client.ccxt.fetch_tickers(symbols)
        else:
            for one in symbols:
                found[one] = await client.ccxt.fetch_ticker(one)
    return found


def _quote(raw: Any, asked_at: datetime) -> Quote | None:
    if not isinstance(raw, dict):
        return None
    last = _price(raw, "last") or _price(raw, "close")
    if last is None:
        return None
    return Quote(
        last=last,
        at=_moment(raw.get("timestamp"), asked_at),
        mark=_price(raw, "markPrice"),
        bid=_price(raw, "bid"),
        ask=_price(raw, "ask"),
    )


def _price(raw: dict[str, Any], name: str) -> Decimal | None:
    """Return a price; None where there is none. Venues say 0 for that as well."""
    price = limit(raw, name)
    return price if price is not None and price.is_finite() and price > ZERO else None


def _moment(milliseconds: Any, asked_at: datetime) -> datetime:
    """Return when a ticker was true: as it says, but never later than it was asked for."""
    if not milliseconds:
        return asked_at
    return min(datetime.fromtimestamp(int(milliseconds) / 1000, UTC), asked_at)
