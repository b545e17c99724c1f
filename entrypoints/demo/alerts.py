"""A chart export as the alerts TradingView would have sent for it."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import resources
from typing import NamedTuple

from domain.rsi import rsi_series

FILE = "binance_btcusdt_240.csv"
LENGTH = 14
MESSAGE = """{"v": 1, "id": "{{exchange}}:{{ticker}}-{{interval}}-{{time}}",
 "rsi": {{plot("RSI")}}, "rsi_length": 14,
 "price": {{close}}, "high": {{high}}, "low": {{low}},
 "exchange": "{{exchange}}", "ticker": "{{ticker}}", "interval": "{{interval}}",
 "bar_time": "{{time}}", "sent_at": "{{timenow}}"}"""


class Bar(NamedTuple):
    """One bar of the export: its open time, and prices as they stand in the file."""

    time: datetime
    high: str
    low: str
    close: str
    rsi: float | None


def bars() -> list[Bar]:
    """Return the bundled 4 h bars of BINANCE:BTCUSDT with RSI(14), oldest first."""
    text = resources.files("entrypoints.demo").joinpath(FILE).read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    values = rsi_series((float(row["close"]) for row in rows), LENGTH)
    return [
        Bar(
            datetime.fromisoformat(row["time"]).astimezone(UTC),
            row["high"],
            row["low"],
            row["close"],
            rsi,
        )
        for row, rsi in zip(rows, values, strict=True)
    ]


def bodies(last: int, sent_at: datetime) -> Iterator[bytes]:
    """Yield the last so many bars as TradingView would send them, sent now."""
    for bar in bars()[-last:]:
        opened = f"{bar.time:%Y-%m-%dT%H:%M:%SZ}"
        values = {
            "{{time}}": opened,
            "{{timenow}}": f"{sent_at:%Y-%m-%dT%H:%M:%SZ}",
            '{{plot("RSI")}}': "null" if bar.rsi is None else repr(bar.rsi),
            "{{close}}": bar.close,
            "{{high}}": bar.high,
            "{{low}}": bar.low,
            "{{exchange}}": "BINANCE",
            "{{ticker}}": "BTCUSDT",
            "{{interval}}": "240",
        }
        body = MESSAGE
        for placeholder, value in values.items():
            body = body.replace(placeholder, value)
        yield body.encode()
