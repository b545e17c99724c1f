from decimal import Decimal

import pytest

from application.configuration.charts import Listing, Listings, find_market
from application.configuration.tree import Problem
from application.configuration.values import Chart
from domain.instrument import Instrument, Kind, Symbol
from domain.timeframe import Timeframe

FOUR_HOURS = Timeframe.parse("4h")


def listing(exchange: str, symbol: str, tv_exchange: str) -> Listing:
    pair, _, settle = symbol.partition(":")
    base, quote = pair.split("/")
    instrument = Instrument(
        exchange=exchange,
        symbol=Symbol(symbol),
        kind=Kind.PERPETUAL if settle else Kind.SPOT,
        base=base,
        quote=quote,
        settle=settle or quote,
        price_tick=Decimal("0.1"),
        quantity_step=Decimal("0.001"),
        quantity_min=Decimal("0.001"),
        notional_min=Decimal(5),
        contract_size=Decimal(1),
        taker_fee=Decimal("0.0005"),
    )
    ticker = base + quote + (".P" if settle else "")
    return Listing(instrument=instrument, tv_exchange=tv_exchange, tv_ticker=ticker)


LISTINGS = Listings(
    [
        listing("binance", "BTC/USDT", "BINANCE"),
        listing("binance", "ETH/USDT", "BINANCE"),
        listing("binanceusdm", "BTC/USDT:USDT", "BINANCE"),
        listing("binanceusdm", "ETH/USDT:USDT", "BINANCE"),
        listing("binanceusdm", "1000SHIB/USDT:USDT", "BINANCE"),
        listing("binanceusdm", "1000PEPE/USDT:USDT", "BINANCE"),
        listing("bybit", "BTC/USDT", "BYBIT"),
        listing("bybit", "BTC/USDT:USDT", "BYBIT"),
        listing("bybit", "BTC/USD:BTC", "BYBIT"),
        listing("bybit", "SHIB1000/USDT:USDT", "BYBIT"),
        listing("kraken", "BTC/USD", "KRAKEN"),
        listing("gate", "BTC/USDT:USDT", "GATE"),
        listing("okx", "PEPE/USDT:USDT", "OKX"),
        listing("binance", "币安人生/USDT", "BINANCE"),
    ]
)


def chart(text: str) -> Chart:
    exchange, ticker = text.split(":")
    return Chart(exchange=exchange, ticker=ticker, timeframe=FOUR_HOURS)


DERIVED = [
    ("BINANCE:BTCUSDT", "binance", "BTC/USDT"),
    ("BINANCE:BTCUSDT.P", "binanceusdm", "BTC/USDT:USDT"),
    ("BINANCE:BTCUSDTPERP", "binanceusdm", "BTC/USDT:USDT"),
    ("BYBIT:BTCUSDT", "bybit", "BTC/USDT"),
    ("BYBIT:BTCUSDT.P", "bybit", "BTC/USDT:USDT"),
    ("BYBIT:BTCUSDT.P", "binanceusdm", "BTC/USDT:USDT"),
    ("BINANCE:BTCUSDT", "bybit", "BTC/USDT"),
    ("GATEIO:BTCUSDT.P", "gate", "BTC/USDT:USDT"),
    ("binance:btcusdt.p", "bybit", "BTC/USDT:USDT"),
]


@pytest.mark.parametrize(("text", "exchange", "symbol"), DERIVED)
def test_a_chart_leads_to_the_market_of_its_ticker_and_kind(
    text: str, exchange: str, symbol: str
) -> None:
    found = find_market(chart(text), exchange, None, LISTINGS)

    assert found == LISTINGS.find(exchange, symbol)
    assert found is not None


CHOSEN = [
    ("BINANCE:BTCUSDT", "binanceusdm", "BTC/USDT:USDT"),
    ("BINANCE:BTCUSDT.P", "binance", "BTC/USDT"),
    ("INDEX:BTCUSD", "binanceusdm", "BTC/USDT:USDT"),
    ("KRAKEN:BTCUSD", "binanceusdm", "BTC/USDT:USDT"),
    ("INDEX:LIFE", "binance", "币安人生/USDT"),
    ("BYBIT:SHIB1000USDT.P", "binanceusdm", "1000SHIB/USDT:USDT"),
]


@pytest.mark.parametrize(("text", "exchange", "symbol"), CHOSEN)
def test_an_explicit_symbol_goes_where_the_chart_alone_would_not(
    text: str, exchange: str, symbol: str
) -> None:
    found = find_market(chart(text), exchange, symbol, LISTINGS)

    assert found == LISTINGS.find(exchange, symbol)
    assert found is not None


def test_a_named_chart_trades_the_symbol_that_is_set() -> None:
    found = find_market(Chart(name="Herenya"), "binance", "ETH/USDT", LISTINGS)

    assert found == LISTINGS.find("binance", "ETH/USDT")


REFUSED = """
BINANCE:BTCUSDT on binanceusdm
    symbol is needed: BINANCE:BTCUSDT is a spot chart and never becomes a perpetual
    by itself; if it is meant, set symbol: BTC/USDT:USDT
BYBIT:BTCUSDT.P on binance
    symbol is needed: BYBIT:BTCUSDT.P is a perpetual's chart and never becomes spot by
    itself; if it is meant, set symbol: BTC/USDT
INDEX:BTCUSD on kraken
    symbol is needed: INDEX:BTCUSD does not say which market to trade;
    if it is meant, set symbol: BTC/USD
INDEX:BTCUSDT on binanceusdm
    symbol is needed: INDEX:BTCUSDT does not say which market to trade;
    if it is meant, set symbol: BTC/USDT:USDT
OKX:PEPEUSDT.P on binanceusdm
    chart.ticker must be one that binanceusdm trades, was 'PEPEUSDT.P';
    similar: 1000PEPEUSDT.P (1000PEPE/USDT:USDT), ETHUSDT.P (ETH/USDT:USDT)
    or BTCUSDT.P (BTC/USDT:USDT)
CME:ZW1! on binanceusdm
    chart.ticker must be one that binanceusdm trades, was 'ZW1!'
BYBIT:BTCUSD.P on bybit
    chart.ticker leads to BTC/USD:BTC, which is settled in a coin:
    such inverse markets are not supported; trade one that is settled in its quote currency
BYBIT:BTCUSD.P on bybit as BTC/USD:BTC
    symbol leads to BTC/USD:BTC, which is settled in a coin:
    such inverse markets are not supported; trade one that is settled in its quote currency
BYBIT:BTCUSD.P on binanceusdm as BTC/USD:BTC
    symbol leads to BTC/USD:BTC, which is settled in a coin:
    such inverse markets are not supported; trade one that is settled in its quote currency
BINANCE:BTCUSDT.P on binanceusdm as BTC/USDT
    symbol must be a market of binanceusdm, was 'BTC/USDT'; similar: BTC/USDT:USDT
BINANCE:ETHUSDT.P on binanceusdm as BTC/USDT:USDT
    symbol must trade what the chart shows: BINANCE:ETHUSDT.P gives the price of ETH,
    and BTC/USDT:USDT is BTC
OKX:PEPEUSDT.P on binanceusdm as 1000PEPE/USDT:USDT
    symbol must trade what the chart shows: OKX:PEPEUSDT.P gives the price of PEPE,
    and 1000PEPE/USDT:USDT is 1000PEPE
"""


@pytest.mark.parametrize("case", REFUSED.strip().replace("\n    ", "|").splitlines())
def test_what_would_be_a_guess_is_refused_with_what_to_set(case: str) -> None:
    asked, *said = case.split("|")
    shown, _, exchange, *symbol = asked.split(" ")

    found = find_market(chart(shown), exchange, symbol[-1] if symbol else None, LISTINGS)

    assert str(found) == " ".join(said)


def test_a_named_chart_without_a_symbol_cannot_trade() -> None:
    found = find_market(Chart(name="Herenya"), "binance", None, LISTINGS)

    message = "is needed: the chart 'Herenya' has no ticker to derive it from"
    assert found == Problem("symbol", message)


def test_a_ticker_of_two_markets_must_be_decided() -> None:
    settled_otherwise = listing("bybit", "BTC/USDT:USDC", "BYBIT")
    listings = Listings([*LISTINGS.of("bybit"), settled_otherwise])

    found = find_market(chart("BYBIT:BTCUSDT.P"), "bybit", None, listings)

    message = (
        "is needed: BYBIT:BTCUSDT.P does not say which market to trade; "
        "if it is meant, set symbol: BTC/USDT:USDT or BTC/USDT:USDC"
    )
    assert found == Problem("symbol", message)


def test_a_newer_listing_replaces_an_older_one_of_the_same_market() -> None:
    old, new = (listing("okx", "BTC/USDT", exchange) for exchange in ("OKX", "OKEX"))

    assert Listings([old, new]).of("okx") == (new,)


def test_the_exchanges_are_those_that_have_instruments() -> None:
    known = ("binance", "binanceusdm", "bybit", "gate", "kraken", "okx")

    assert LISTINGS.exchanges == known
    assert LISTINGS.of("mexc") == ()
