"""A run's trades in the newest form of TradingView's list of trades.

The exit stands above its entry; times are UTC, without an offset, as TradingView writes
the chart's; a byte-order mark comes first. A trade that is open is closed for show at the
last price, with the signal ``Open``.
"""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from application.backtesting.curve import Excursion, excursion
from application.backtesting.lots import closed_lots, open_lots
from application.backtesting.result import BacktestResult, OpenLot
from domain.money import HUNDRED, ZERO, add, divide_down, multiply, quantize_down, subtract
from domain.signal import Direction

_OPEN = "Open"
_HUNDREDTH = Decimal("0.01")


class _Line(NamedTuple):
    side: Direction
    number: int
    quantity: Decimal
    entry: tuple[datetime, Decimal]
    exit: tuple[datetime, Decimal, str]
    pnl: Decimal
    excursions: Excursion | None


def write_trade_list(result: BacktestResult) -> str:
    """Return the file's text."""
    currency = result.request.instrument.settle
    text = io.StringIO()
    text.write("\ufeff")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_header(currency))
    earned, capital = ZERO, result.request.settings.initial_capital
    for number, line in enumerate(_lines(result), 1):
        earned = add(earned, line.pnl)
        shared = _shared(line, earned, capital)
        at, price, signal = line.exit
        side = line.side.value.lower()
        writer.writerow([number, f"Exit {side}", _time(at), signal, _plain(price), *shared])
        at, price = line.entry
        name = f"{line.side.value.capitalize()} {line.number}"
        writer.writerow([number, f"Entry {side}", _time(at), name, _plain(price), *shared])
    return text.getvalue()


def _header(currency: str) -> list[str]:
    money = ("Net P&L", "Favorable excursion", "Adverse excursion", "Cumulative P&L")
    pairs = [f"{title} {unit}" for title in money for unit in (currency, "%")]
    first = ["Trade #", "Type", "Date and time", "Signal", f"Price {currency}"]
    return [*first, "Size (qty)", "Size (value)", *pairs]


def _lines(result: BacktestResult) -> Iterator[_Line]:
    for lot in closed_lots(result):
        yield _Line(
            lot.side,
            lot.number,
            lot.quantity,
            (lot.entry_at, lot.entry_price),
            (lot.exit_at, lot.exit_price, lot.exit_reason.value),
            lot.pnl,
            excursion(result, lot),
        )
    for standing in open_lots(result):
        yield _open(result, standing)


def _open(result: BacktestResult, lot: OpenLot) -> _Line:
    last = result.bars.opened_at(len(result.bars) - 1)
    return _Line(
        lot.side,
        lot.number,
        lot.quantity,
        (lot.entry_at, lot.entry_price),
        (last, result.last_close, _OPEN),
        lot.unrealized,
        None,
    )


def _shared(line: _Line, earned: Decimal, capital: Decimal) -> list[str]:
    """Return the cells that both rows of a trade have: its size and what it came to."""
    value = multiply(line.quantity, line.entry[1])
    cells = [_plain(line.quantity), _plain(value), _plain(line.pnl)]
    cells.append(_percent(line.pnl, value))
    if line.excursions is None:
        cells += ["", "", "", ""]
    else:
        up, down = line.excursions.favorable, subtract(ZERO, line.excursions.adverse)
        cells += [_plain(up), _percent(up, value), _plain(down), _percent(down, value)]
    return [*cells, _plain(earned), _percent(earned, capital)]


def _percent(part: Decimal, whole: Decimal) -> str:
    if not whole:
        return ""
    share = divide_down(multiply(part, HUNDRED), whole)
    return _plain(quantize_down(share, _HUNDREDTH))


def _plain(value: Decimal) -> str:
    text = f"{value:f}" if value else "0"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
