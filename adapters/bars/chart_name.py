"""What the name of a chart export says: ``BINANCE_BTCUSDT.P, 240.csv``."""

import re
from pathlib import Path
from typing import NamedTuple

from domain.timeframe import Timeframe

_NAME = re.compile(
    r"(?P<exchange>[A-Za-z0-9_]+)_(?P<ticker>[^,_]+),\s*(?P<interval>\d{0,4}[A-Za-z]{0,3})"
    r"(?:[_ ].*)?"
)


class ChartName(NamedTuple):
    """A chart as its file names it; what the name does not say is None."""

    exchange: str | None
    ticker: str | None
    timeframe: Timeframe | None


def chart_name(path: Path) -> ChartName:
    """Read a file's name; browsers add `` (1)`` and TradingView sometimes a hash.

    The exchange may have a blank in its name (``CME_MINI_NQ1!``): a ticker has none, so the
    last one parts the two.
    """
    match = _NAME.fullmatch(path.stem)
    if match is None:
        return ChartName(None, None, None)
    return ChartName(
        match["exchange"].upper(), match["ticker"].upper(), _timeframe(match["interval"])
    )


def _timeframe(text: str) -> Timeframe | None:
    try:
        return Timeframe.parse(text)
    except ValueError:
        return None
