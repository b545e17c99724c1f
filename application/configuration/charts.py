"""From a TradingView chart to the market that is traded.

What a chart and an account's exchange lead to, when the bot names no symbol:

============================  ==============================================================
the exchange has the ticker   that market: ``BYBIT:BTCUSDT.P`` on binanceusdm is
                              ``BTC/USDT:USDT``
it has it as the other kind   refused: a spot chart never becomes a perpetual by itself
the chart's exchange is new   refused: ``INDEX:BTCUSD`` says nothing about what to trade
otherwise                     refused, with the most similar tickers
============================  ==============================================================

Nothing is ever guessed from the letters of a ticker: only whole tickers are looked up.
"""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from application.configuration.tree import Problem, enumerated
from application.configuration.values import Chart
from domain.instrument import Instrument, Kind

PERPETUAL = ".P"

_ALIASES = {"GATEIO": "GATE", "OKEX": "OKX"}
"""Names under which TradingView lists or listed the same exchange."""

_OLD_PERPETUAL = re.compile(r"(?P<pair>[A-Z0-9]+)PERP")
_MULTIPLIED = re.compile(r"(?P<before>10{3,}|)(?P<coin>.*?[A-Z].*?)(?P<after>10{3,}|)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """An instrument and what TradingView calls its chart."""

    instrument: Instrument
    tv_exchange: str
    tv_ticker: str


class Listings:
    """Every instrument that is known, found by symbol or by ticker."""

    __slots__ = ("_by_symbol", "_by_ticker", "_chart_exchanges", "_charts")

    def __init__(self, listings: Iterable[Listing]) -> None:
        """Index ``listings``; a later one replaces an earlier one of the same market."""
        self._by_symbol: dict[str, dict[str, Listing]] = {}
        for listing in listings:
            market = listing.instrument
            self._by_symbol.setdefault(market.exchange, {})[market.symbol] = listing
        self._by_ticker: dict[tuple[str, str], list[Listing]] = {}
        self._charts: dict[tuple[str, str], Listing] = {}
        for known in self._by_symbol.values():
            for listing in known.values():
                place = (listing.instrument.exchange, listing.tv_ticker)
                self._by_ticker.setdefault(place, []).append(listing)
                self._charts.setdefault((listing.tv_exchange, listing.tv_ticker), listing)
        self._chart_exchanges = frozenset(exchange for exchange, _ in self._charts)

    @property
    def exchanges(self) -> tuple[str, ...]:
        """Return the CCXT ids of which anything is known, in alphabetical order."""
        return tuple(sorted(self._by_symbol))

    def of(self, exchange: str) -> tuple[Listing, ...]:
        """Return the listings of a CCXT exchange; none when it is not known."""
        return tuple(self._by_symbol.get(exchange, {}).values())

    def find(self, exchange: str, symbol: str) -> Instrument | None:
        """Return one instrument of a CCXT exchange."""
        listing = self._by_symbol.get(exchange, {}).get(symbol)
        return None if listing is None else listing.instrument

    def with_ticker(self, exchange: str, ticker: str) -> tuple[Instrument, ...]:
        """Return the instruments of a CCXT exchange that TradingView gives this ticker."""
        found = self._by_ticker.get((exchange, ticker), [])
        return tuple(listing.instrument for listing in found)

    def charted(self, chart: Chart) -> Instrument | None:
        """Return the very market that a chart shows."""
        place = (_chart_exchange(chart), _ticker(chart))
        return self._charts[place].instrument if place in self._charts else None

    def knows_chart_exchange(self, chart: Chart) -> bool:
        """Say whether any chart of the same TradingView exchange is known."""
        return _chart_exchange(chart) in self._chart_exchanges


def find_market(
    chart: Chart, exchange: str, symbol: str | None, listings: Listings
) -> Instrument | Problem:
    """Return the market that a bot on ``chart`` trades at ``exchange``, or why none.

    The problem's path is relative to the bot.
    """
    if symbol is not None:
        return _named_market(chart, exchange, symbol, listings)
    if chart.name is not None:
        message = f"is needed: the chart {chart.name!r} has no ticker to derive it from"
        return Problem("symbol", message)
    found = listings.with_ticker(exchange, _ticker(chart))
    if len(found) == 1 and listings.knows_chart_exchange(chart):
        return _tradable("chart.ticker", found[0])
    found = found or listings.with_ticker(exchange, _other_kind(_ticker(chart)))
    if found:
        return _ask_for_symbol(chart, found, listings)
    return _unknown_ticker(chart, exchange, listings)


def is_inverse(market: Instrument) -> bool:
    """Say whether a market is settled in something else than its quote currency."""
    return market.kind is Kind.PERPETUAL and market.settle != market.quote


def _named_market(
    chart: Chart, exchange: str, symbol: str, listings: Listings
) -> Instrument | Problem:
    market = listings.find(exchange, symbol)
    if market is None:
        if _names_inverse(symbol):
            return Problem("symbol", _INVERSE.format(symbol=symbol))
        return Problem("symbol", missing_symbol(exchange, symbol, listings))
    charted = None if chart.name is not None else listings.charted(chart)
    if charted is not None and _coin(charted.base) != _coin(market.base):
        return Problem(
            "symbol",
            f"must trade what the chart shows: {_shown(chart)} gives the price of "
            f"{charted.base}, and {symbol} is {market.base}",
        )
    return _tradable("symbol", market)


def missing_symbol(exchange: str, symbol: str, listings: Listings) -> str:
    """Say that an exchange has no such market, and which are like it; empty if it has."""
    if listings.find(exchange, symbol) is not None:
        return ""
    near = _near(symbol, [listing.instrument.symbol for listing in listings.of(exchange)])
    return f"must be a market of {exchange}, was {symbol!r}{near}"


_INVERSE = (
    "leads to {symbol}, which is settled in a coin: such inverse markets are not "
    "supported; trade one that is settled in its quote currency"
)


def _tradable(path: str, market: Instrument) -> Instrument | Problem:
    if is_inverse(market):
        return Problem(path, _INVERSE.format(symbol=market.symbol))
    return market


def _ask_for_symbol(
    chart: Chart, found: tuple[Instrument, ...], listings: Listings
) -> Problem:
    """Ask for a symbol where the chart alone would be a guess, and say which it may be."""
    symbols = enumerated([market.symbol for market in found])
    shows_perpetual = _ticker(chart).endswith(PERPETUAL)
    if not listings.knows_chart_exchange(chart) or shows_perpetual is found[0].can_short:
        why = "does not say which market to trade"
    elif shows_perpetual:
        why = "is a perpetual's chart and never becomes spot by itself"
    else:
        why = "is a spot chart and never becomes a perpetual by itself"
    message = f"is needed: {_shown(chart)} {why}; if it is meant, set symbol: {symbols}"
    return Problem("symbol", message)


def _unknown_ticker(chart: Chart, exchange: str, listings: Listings) -> Problem:
    known = {
        listing.tv_ticker: listing.instrument.symbol for listing in listings.of(exchange)
    }
    close = difflib.get_close_matches(_ticker(chart), known, n=3)
    similar = [f"{ticker} ({known[ticker]})" for ticker in close]
    hint = f"; similar: {enumerated(similar)}" if similar else ""
    message = f"must be one that {exchange} trades, was {chart.ticker!r}{hint}"
    return Problem("chart.ticker", message)


def _near(symbol: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(symbol, list(known), n=3)
    return f"; similar: {enumerated(close)}" if close else ""


def _shown(chart: Chart) -> str:
    return f"{chart.exchange}:{chart.ticker}"


def _chart_exchange(chart: Chart) -> str:
    exchange = (chart.exchange or "").upper()
    return _ALIASES.get(exchange, exchange)


def _ticker(chart: Chart) -> str:
    """Return the ticker as TradingView writes it today: BTCUSDTPERP became BTCUSDT.P."""
    ticker = (chart.ticker or "").upper()
    old = _OLD_PERPETUAL.fullmatch(ticker)
    return old["pair"] + PERPETUAL if old else ticker


def _other_kind(ticker: str) -> str:
    """Return the perpetual's ticker for spot, and spot's for a perpetual."""
    pair = ticker.removesuffix(PERPETUAL)
    return pair if pair != ticker else pair + PERPETUAL


def _names_inverse(symbol: str) -> bool:
    pair, _, settle = symbol.partition(":")
    return bool(settle) and pair.partition("/")[0] == settle


def _coin(base: str) -> tuple[str, str]:
    """Return a coin and its multiplier: 1000SHIB and SHIB1000 are the same, SHIB is not."""
    found = _MULTIPLIED.fullmatch(base)
    if found is None:
        return base, ""
    return found["coin"], found["before"] or found["after"]
