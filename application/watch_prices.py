"""The watchdog: hold the exit rules of open positions against the market's prices.

What is due is only found here; whether it is done is decided where everything is decided,
by a worker who holds the key.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from application.ports.inbox import Doorbell, Urgency
from application.ports.market_data import MarketData, Quote
from application.ports.watched import Sighting, WatchedPosition, WatchedPositions
from domain.exits import ExitLevels, Prices, exit_due
from domain.instrument import Symbol
from domain.protection import left_to_us

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WatchPrices:
    """Ask what the market is at wherever something is held. Twice changes nothing."""

    positions: WatchedPositions
    market_data: MarketData
    doorbell: Doorbell

    async def __call__(self) -> None:
        """Look at every open position once."""
        sightings: list[Sighting] = []
        held = await self.positions.held()
        for _, of_account in groupby(held, key=lambda one: one.account.id):
            mine = list(of_account)
            markets = {one.instrument.symbol: one.instrument for one in mine}
            quotes = await self.market_data.quotes(mine[0].account, list(markets.values()))
            sightings += _seen(mine, quotes)
        if not sightings:
            return
        keys = await self.positions.keep(sightings)
        if keys:
            await self.doorbell.ring(keys, Urgency.EXIT)


def _seen(
    held: Sequence[WatchedPosition], quotes: Mapping[Symbol, Quote]
) -> list[Sighting]:
    """Return the prices that are fresh, with the bots that they concern."""
    found: list[Sighting] = []
    for key, of_market in groupby(held, key=lambda one: one.key):
        mine = list(of_market)
        quote = quotes.get(key.symbol)
        if quote is None or not quote.is_fresh(mine[0].now):
            facts = {"account": mine[0].account.name, "symbol": key.symbol}
            log.warning("no fresh price to watch by", extra=facts)
            continue
        bots = tuple(one.bot for one in mine if _is_due(one, quote))
        at = min(quote.at, mine[0].now)
        found.append(Sighting(key=key, price=quote.last, at=at, bots=bots))
    return found


def _is_due(held: WatchedPosition, quote: Quote) -> bool:
    """Say whether an exit rule fires at this price, or a trailing stop moves by it."""
    prices = Prices(quote.last, quote.last, quote.last)
    ours = left_to_us(held.exits, held.resting)
    if exit_due(held.position, ours, prices, held.instrument) is not None:
        return True
    moved = held.position.seen(quote.last, quote.last)
    if moved is held.position:
        return False
    levels = ExitLevels(held.exits, held.instrument)
    return levels.of(moved) != levels.of(held.position)
