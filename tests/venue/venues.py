"""The three simulated venues, each with one customer, and a plain ccxt client for them."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import ccxt.async_support as ccxt

from tests.venue.binance_spot import BinanceSpot
from tests.venue.binance_usdm import BinanceUsdm
from tests.venue.books import Customer
from tests.venue.bybit import Bybit
from tests.venue.market import PERPETUALS, SPOT
from tests.venue.matching import Matching
from tests.venue.simulator import Simulator
from tests.venue.wire import VenueClock

PERPETUAL = "BTC/USDT:USDT"
KEY = "k" * 64
SECRET = "s" * 64


@dataclass(slots=True)
class Venues:
    """The venues, by what ccxt calls them."""

    simulator: Simulator
    spot: BinanceSpot
    usdm: BinanceUsdm
    bybit: Bybit

    def customer(self, exchange: str) -> Customer:
        """Return the customer that tests trade as."""
        return self.wire(exchange).customers[KEY]

    def wire(self, exchange: str) -> BinanceSpot | BinanceUsdm | Bybit:
        """Return the venue that ccxt calls so."""
        if exchange == "bybit":
            return self.bybit
        return self.spot if exchange == "binance" else self.usdm

    def matching(self, exchange: str) -> Matching:
        """Return the matching engine of the venue's markets that tests trade."""
        wire = self.wire(exchange)
        return wire.linear if isinstance(wire, Bybit) else wire.matching


@contextlib.asynccontextmanager
async def running_venues(directory: Path) -> AsyncIterator[Venues]:
    """Run the three venues until the block ends."""
    clock = VenueClock()
    spot = BinanceSpot(Matching.of(SPOT, clock.now), clock)
    usdm = BinanceUsdm(Matching.of(PERPETUALS, clock.now), clock)
    bybit = Bybit(Matching.of(SPOT, clock.now), Matching.of(PERPETUALS, clock.now), clock)
    for wire in (spot, usdm, bybit):
        wire.customers[KEY] = new_customer()
    async with Simulator.running((spot, usdm, bybit), directory) as simulator:
        yield Venues(simulator, spot, usdm, bybit)


def new_customer() -> Customer:
    """Return a customer with money and no position."""
    balances = {"USDT": Decimal(100_000), "BTC": Decimal(1)}
    return Customer(key=KEY, secret=SECRET, balances=balances)


@contextlib.asynccontextmanager
async def client(venues: Venues, exchange: str, **further: Any) -> AsyncIterator[Any]:
    """Give a plain ccxt client that trades at the simulated venue."""
    types = {"binance": ["spot"], "binanceusdm": ["linear"], "bybit": ["spot", "linear"]}
    options = {"fetchMarkets": {"types": types[exchange]}, "fetchMargins": False}
    keys = {"apiKey": KEY, "secret": SECRET, "options": options}
    real = getattr(ccxt, exchange)(keys | venues.simulator.options | further)
    real.has["fetchCurrencies"] = False
    async with real:
        yield real
