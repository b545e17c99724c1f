"""TradingView's list of trades in any of its three generations, in any language.

=====  ====================================================================
until  ``Trade #,Type,Signal,Date/Time,Price USD,Contracts,Profit USD,...``
2024   newest first; an open trade has an exit row with nothing in it
2025   ``Trade #,Type,Date/Time,Signal,Price USD,Position size (qty),...``
2026   ``Trade #,Type,Date and time,Signal,Price USDT,Size (qty),...``: a
       byte-order mark, the exit above its entry, times without an offset
=====  ====================================================================

Columns are told by what stands in them, since their titles are translated: the time is the
third or the fourth. Rows belong together by their number, whatever their order.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple

from application.ports.trade_list import BadTradeList, ListedTrade
from domain.money import ZERO, subtract
from domain.signal import Direction

_NUMBER, _TYPE, _THIRD, _FOURTH, _PRICE, _SIZE = range(6)
_COLUMNS_MIN = 7
_OPEN = ("open", "открыт", "未平仓", "オープン", "offen", "abierta", "ouvert", "aberta")
_LONG = ("long", "ロング", "多", "длин", "лонг", "largo", "comprad", "买", "買")
_SHORT = ("short", "ショート", "空", "корот", "шорт", "corto", "vendid", "卖", "賣")
_ENTRY = (
    *("entry", "エントリー", "进场", "入场", "進場", "вход", "einstieg"),
    *("entrada", "entrée", "entrata"),
)
_EXIT = (
    *("exit", "エグジット", "決済", "出场", "平仓", "出場", "выход", "ausstieg"),
    *("salida", "sortie", "saída", "uscita"),
)


class _Row(NamedTuple):
    """One row: half a trade."""

    line: int
    number: int
    type: str
    at: datetime | None
    signal: str
    price: Decimal | None
    quantity: Decimal | None
    pnl: Decimal | None


def read_trade_list(path: Path, zone: tzinfo) -> tuple[ListedTrade, ...]:
    """Read a file; ``zone`` is the chart's, for times that come without an offset.

    The trades are in the order of their numbers.

    Raises:
        BadTradeList: Saying what is wrong, and in which line.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BadTradeList(f"{path.name} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadTradeList(f"{path.name} is not UTF-8") from None
    try:
        return parse_trade_list(text, zone)
    except BadTradeList as error:
        raise BadTradeList(f"{path.name}: {error}") from None


def parse_trade_list(text: str, zone: tzinfo) -> tuple[ListedTrade, ...]:
    """Read a file's text; see ``read_trade_list``."""
    halves: dict[int, list[_Row]] = {}
    for row in _rows(text, zone):
        halves.setdefault(row.number, []).append(row)
    if not halves:
        raise BadTradeList("it has no trades; export it from the Strategy Tester")
    return tuple(_trade(halves[number]) for number in sorted(halves))


def _rows(text: str, zone: tzinfo) -> Iterator[_Row]:
    reader = csv.reader(io.StringIO(text, newline=""))
    next(reader, None)
    known: bool | None = None
    for cells in reader:
        if not cells:
            continue
        line = reader.line_num
        if len(cells) < _COLUMNS_MIN or not cells[_NUMBER].strip().isdigit():
            raise BadTradeList(
                f"line {line} is no row of TradingView's list of trades, which has a "
                "number, a type, a time, a signal, a price, a size and a result"
            )
        if known is None and any(cells[_THIRD : _FOURTH + 1]):
            known = _moment(cells[_THIRD], zone) is not None
        yield _row(cells, line, zone, newer=known is not False)


def _row(cells: Sequence[str], line: int, zone: tzinfo, *, newer: bool) -> _Row:
    time, signal = (_THIRD, _FOURTH) if newer else (_FOURTH, _THIRD)
    at = _moment(cells[time], zone)
    if at is None and cells[time].strip():
        raise BadTradeList(
            f"line {line}: {cells[time]!r} is no time such as 2024-01-31 14:00"
        )
    pnl = _SIZE + 2 if newer else _SIZE + 1
    return _Row(
        line,
        int(cells[_NUMBER]),
        cells[_TYPE].casefold(),
        at,
        cells[signal].strip(),
        _amount(cells[_PRICE], line),
        _amount(cells[_SIZE], line),
        _amount(cells[pnl], line) if len(cells) > pnl else None,
    )


def _trade(rows: Sequence[_Row]) -> ListedTrade:
    timed = [row for row in rows if row.at is not None and row.price is not None]
    if not timed or len(rows) > _ROWS_OF_A_TRADE:
        raise BadTradeList(
            f"line {rows[0].line}: trade {rows[0].number} must have one entry and one exit"
        )
    entry = next((row for row in timed if _says(row.type, _ENTRY)), None)
    if entry is None:  # a language without its words here: the exit stands above the entry
        entry = min(reversed(timed), key=lambda row: row.at or _LATEST)
    exit_ = next((row for row in timed if row is not entry), None)
    if entry.at is None or entry.price is None:  # the two are known of every timed row
        raise BadTradeList(f"line {entry.line}: the entry has no time or no price")
    signal = next((row.signal for row in rows if row is not entry), "")
    return ListedTrade(
        entry.number,
        _side(entry, exit_),
        entry.quantity,
        entry.at,
        entry.price,
        entry.signal,
        exit_.at if exit_ else None,
        exit_.price if exit_ else None,
        signal,
        exit_.pnl if exit_ else None,
        exit_ is None or _says(signal.casefold(), _OPEN),
    )


_ROWS_OF_A_TRADE = 2
_LATEST = datetime.max.replace(tzinfo=UTC)


def _side(entry: _Row, exit_: _Row | None) -> Direction:
    """Return the side by its word; in an unknown language by what the trade earned."""
    if _says(entry.type, _LONG):
        return Direction.LONG
    if _says(entry.type, _SHORT):
        return Direction.SHORT
    if exit_ is None or not exit_.pnl or exit_.price is None or entry.price is None:
        raise BadTradeList(
            f"line {entry.line}: {entry.type!r} names neither long nor short"
        )
    rose = subtract(exit_.price, entry.price) > ZERO
    return Direction.LONG if rose is (exit_.pnl > ZERO) else Direction.SHORT


def _says(text: str, words: Sequence[str]) -> bool:
    return any(word in text for word in words)


def _moment(text: str, zone: tzinfo) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _amount(text: str, line: int) -> Decimal | None:
    """Read a number as a spreadsheet may show it: (1,234.5) and −1 234.5 are negative."""
    plain = "".join(text.split()).replace("\u2212", "-").replace("\u202f", "")
    if not plain or plain in ("-", "\u2014", "\u2013"):
        return None
    negative = plain.startswith("(") and plain.endswith(")")
    plain = plain.strip("()").rstrip("%")
    if "," in plain:
        plain = plain.replace(",", "") if "." in plain else plain.replace(",", ".")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        raise BadTradeList(f"line {line}: {text!r} is no number") from None
    return subtract(ZERO, value) if negative else value
