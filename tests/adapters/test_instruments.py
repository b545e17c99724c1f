import csv
from decimal import Decimal
from importlib import resources

from adapters.instruments.snapshot import SNAPSHOT_DATE, listings
from application.configuration.charts import Listings, find_market, is_inverse
from application.configuration.values import Chart
from domain.instrument import Instrument, Kind, Symbol
from domain.timeframe import Timeframe


def test_a_row_becomes_an_instrument_with_its_exact_figures() -> None:
    found = Listings(listings()).find("binanceusdm", "BTC/USDT:USDT")

    assert found == Instrument(
        exchange="binanceusdm",
        symbol=Symbol("BTC/USDT:USDT"),
        kind=Kind.PERPETUAL,
        base="BTC",
        quote="USDT",
        settle="USDT",
        price_tick=Decimal("0.1"),
        quantity_step=Decimal("0.001"),
        quantity_min=Decimal("0.001"),
        notional_min=Decimal(50),
        contract_size=Decimal(1),
        taker_fee=Decimal("0.0005"),
    )


def test_the_snapshot_is_read_once() -> None:
    assert listings() is listings()


def test_every_row_of_the_file_is_a_listing() -> None:
    file = resources.files("adapters.instruments") / "snapshot.csv"
    with file.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))

    assert len(listings()) == len(rows)
    for row, listing in zip(rows, listings(), strict=True):
        market = listing.instrument
        for name in ("price_tick", "quantity_step", "quantity_min", "notional_min"):
            assert f"{getattr(market, name):f}" == row[name]


def test_the_date_is_the_one_that_the_snapshot_s_notes_give() -> None:
    notes = resources.files("adapters.instruments") / "SNAPSHOT.md"

    assert f"Assembled {SNAPSHOT_DATE}" in notes.read_text(encoding="utf-8")


def test_no_market_and_no_chart_stands_twice() -> None:
    markets = [(each.instrument.exchange, each.instrument.symbol) for each in listings()]
    charts = [(each.instrument.exchange, each.tv_ticker) for each in listings()]

    assert len(set(markets)) == len(markets)
    assert len(set(charts)) == len(charts)


def test_every_market_is_of_a_kind_that_we_trade() -> None:
    for listing in listings():
        market = listing.instrument
        perpetual = market.kind is Kind.PERPETUAL
        assert not is_inverse(market)
        assert listing.tv_ticker.endswith(".P") is perpetual
        assert (":" in market.symbol) is perpetual
        assert market.quantity_min >= market.quantity_step
        assert market.round_quantity(market.quantity_min) > 0
        assert market.notional_min >= 0
        assert 0 < market.taker_fee < Decimal("0.02")


def test_every_chart_of_the_snapshot_leads_to_its_own_market() -> None:
    index, hour = Listings(listings()), Timeframe.parse("1h")

    for listing in listings():
        chart = Chart(
            exchange=listing.tv_exchange, ticker=listing.tv_ticker, timeframe=hour
        )
        market = listing.instrument
        assert find_market(chart, market.exchange, None, index) == market
        assert find_market(chart, market.exchange, market.symbol, index) == market


def test_a_bybit_chart_may_drive_a_binance_account() -> None:
    chart = Chart(exchange="BYBIT", ticker="BTCUSDT.P", timeframe=Timeframe.parse("4h"))

    found = find_market(chart, "binanceusdm", None, Listings(listings()))

    assert isinstance(found, Instrument)
    assert found.symbol == "BTC/USDT:USDT"
