"""Bars from an exchange through CCXT, page by page, exact to the digit.

CCXT turns prices into floats unless it is told to leave them as text.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import ccxt

from adapters.bars.cells import Rows
from adapters.bars.chart_export import of_rows
from adapters.bars.chart_name import ChartName
from application.ports.bars import BadCell, BadHistory, Bars, HistoryUnavailable
from domain.timeframe import Timeframe, Unit

_PAGE = 1000
_MILLISECONDS = 1000
_UNITS = {
    Unit.SECOND: "s",
    Unit.MINUTE: "m",
    Unit.DAY: "d",
    Unit.WEEK: "w",
    Unit.MONTH: "M",
}
_HOUR = 60
Told = Callable[[int], None]


def fetch_history(
    exchange: str,
    symbol: str,
    timeframe: Timeframe,
    span: tuple[datetime, datetime],
    options: Mapping[str, Any] | None = None,
) -> Bars:
    """Return the bars of ``span`` that have closed by its end, oldest first.

    ``options`` go to CCXT's constructor.

    Raises:
        BadHistory: If the exchange, the symbol or the timeframe is not known there.
        HistoryUnavailable: If the exchange cannot be reached or refuses.
    """
    if exchange not in ccxt.exchanges:
        raise BadHistory(f"CCXT knows no exchange {exchange!r}")
    try:
        venue = getattr(ccxt, exchange)({"enableRateLimit": True, **(options or {})})
        venue.number = str
        rows = list(_pages(venue, symbol, timeframe, span))
    except ccxt.BadSymbol as error:
        raise BadHistory(str(error)) from None
    except ccxt.NotSupported as error:
        raise BadHistory(f"{exchange} gives no bars: {error}") from None
    except ccxt.BaseError as error:
        raise HistoryUnavailable(f"{exchange}: {type(error).__name__}: {error}") from None
    if not rows:
        raise BadHistory(f"{exchange} has no bars of {symbol} in this time")
    ticker = symbol.partition(":")[0].replace("/", "") + (".P" if ":" in symbol else "")
    name = ChartName(exchange.upper(), ticker, timeframe)
    texts = [[str(row[0] // _MILLISECONDS), *map(str, row[1:5])] for row in rows]
    try:
        return of_rows(Rows(range(1, len(texts) + 1), texts), name)
    except BadCell as error:
        raise BadHistory(f"{exchange} sent what is no bar: {error}") from None


def _pages(
    venue: Any, symbol: str, timeframe: Timeframe, span: tuple[datetime, datetime]
) -> Iterator[list[Any]]:
    since = int(span[0].timestamp()) * _MILLISECONDS
    last = int(span[1].timestamp() - timeframe.shortest.total_seconds()) * _MILLISECONDS
    while since <= last:
        page = venue.fetch_ohlcv(symbol, written(timeframe), since, _PAGE)
        fresh = [row for row in page if since <= row[0] <= last and None not in row[:5]]
        yield from fresh
        if not page or page[-1][0] < since:
            return
        since = page[-1][0] + 1


def written(timeframe: Timeframe) -> str:
    """Return a timeframe as CCXT writes it: 4h, 1d, 1M."""
    if timeframe.unit is Unit.MINUTE and timeframe.count % _HOUR == 0:
        return f"{timeframe.count // _HOUR}h"
    return f"{timeframe.count}{_UNITS[timeframe.unit]}"
