"""Bars as TradingView would export them, so that one command reads what another fetched."""

from application.ports.bars import Bars
from domain.timeframe import Timeframe, Unit


def write_chart_export(bars: Bars) -> str:
    """Return the text of a chart export with unix seconds, without plots."""
    columns = (bars.opens, bars.highs, bars.lows, bars.closes)
    lines = ["time,open,high,low,close"]
    for place, time in enumerate(bars.times.tolist()):
        prices = (f"{bars.price(column[place].item()):f}" for column in columns)
        lines.append(",".join((str(time), *prices)))
    return "\n".join(lines) + "\n"


def export_name(bars: Bars) -> str:
    """Return the name of the file: ``BINANCE_BTCUSDT, 240.csv``."""
    return f"{bars.exchange}_{bars.ticker}, {_interval(bars.timeframe)}.csv"


def _interval(timeframe: Timeframe) -> str:
    if timeframe.unit is Unit.MINUTE:
        return str(timeframe.count)
    letter = "S" if timeframe.unit is Unit.SECOND else timeframe.unit.value
    return f"{timeframe.count}{letter}"
