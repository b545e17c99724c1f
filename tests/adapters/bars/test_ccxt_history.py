"""CCXT itself, asked for bars that a server on this machine serves as Binance does."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.bars.ccxt_history import fetch_history
from adapters.bars.chart_export import read_chart_export
from adapters.bars.export_writing import export_name, write_chart_export
from application.ports.bars import BadHistory, HistoryUnavailable
from domain.timeframe import Timeframe

HOUR = 3_600_000
START = datetime(2024, 1, 1, tzinfo=UTC)
SPAN = (START, datetime(2024, 3, 1, tzinfo=UTC))
MARKET = {
    "symbol": "BTCUSDT",
    "status": "TRADING",
    "baseAsset": "BTC",
    "quoteAsset": "USDT",
    "isSpotTradingAllowed": True,
    "permissions": ["SPOT"],
    "orderTypes": ["MARKET"],
    "filters": [{"filterType": "PRICE_FILTER", "tickSize": "0.01"}],
}


class BinanceHandler(BaseHTTPRequestHandler):
    """Answers what CCXT asks before and for bars, in Binance's own shapes."""

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        self._send(self._klines(asked) if "klines" in url.path else {"symbols": [MARKET]})

    def _klines(self, asked: dict[str, str]) -> list[Any]:
        first, count = int(asked["startTime"]), int(asked["limit"])
        opens = range(first + -first % HOUR, first + (count - 1) * HOUR + 1, HOUR)
        rest = ("1.5", HOUR - 1, "63000", 10, "0.7", "29400", "0")
        high, low = "42010.123456789", "41990.00"
        return [
            [time, "42000.10", high, low, f"42000.{time // HOUR % 100:02}", *rest]
            for time in opens
        ]

    def _send(self, answer: object) -> None:
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def binance() -> Iterator[dict[str, Any]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), BinanceHandler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield options(server.server_port)
    server.shutdown()
    thread.join()
    server.server_close()


def options(port: int) -> dict[str, Any]:
    url = f"http://127.0.0.1:{port}/api/v3"
    return {
        "urls": {"api": {"public": url, "private": url, "v1": url}},
        "options": {"fetchMarkets": {"types": ["spot"]}, "fetchCurrencies": False},
        "enableRateLimit": False,
    }


def test_bars_come_page_by_page_and_exact(binance: dict[str, Any]) -> None:
    bars = fetch_history("binance", "BTC/USDT", Timeframe.parse("1h"), SPAN, binance)

    assert len(bars) == 60 * 24
    assert bars.opened_at(0) == START
    assert f"{bars.price(int(bars.highs[0])):f}" == "42010.123456789"
    assert bars.issues == ()
    assert (bars.exchange, bars.ticker) == ("BINANCE", "BTCUSDT")


def test_what_was_fetched_can_be_kept_as_a_chart_export(
    binance: dict[str, Any], tmp_path: Path
) -> None:
    bars = fetch_history("binance", "BTC/USDT", Timeframe.parse("1h"), SPAN, binance)
    path = tmp_path / export_name(bars)
    path.write_text(write_chart_export(bars), encoding="utf-8")

    back = read_chart_export(path)

    assert path.name == "BINANCE_BTCUSDT, 60.csv"
    assert back.closes.tolist() == bars.closes.tolist()
    assert back.times.tolist() == bars.times.tolist()
    assert (back.exchange, back.ticker, back.timeframe) == (
        *("BINANCE", "BTCUSDT", bars.timeframe),
    )


def test_an_exchange_that_does_not_answer_is_unavailable() -> None:
    with pytest.raises(HistoryUnavailable, match="binance"):
        fetch_history("binance", "BTC/USDT", Timeframe.parse("1h"), SPAN, options(9))


@pytest.mark.parametrize(
    ("exchange", "symbol"), [("binanze", "BTC/USDT"), ("binance", "BTC/MOON")]
)
def test_what_an_exchange_does_not_have_is_said(
    binance: dict[str, Any], exchange: str, symbol: str
) -> None:
    with pytest.raises(BadHistory):
        fetch_history(exchange, symbol, Timeframe.parse("1h"), SPAN, binance)
