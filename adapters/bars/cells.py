"""The cells of a chart export: times and prices as TradingView writes them.

A whole column is read at once where it is plain, and cell by cell where it is not, so that
what is wrong can be named with its line and column.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

import numpy as np

from application.ports.bars import BadCell, FloatColumn, IntColumn
from domain.money import EXACT

NOTHING = frozenset({"", "nan", "na", "null", "none", "\u2014", "\u2013", "-"})
"""What stands where an indicator or a bar has no value."""

_EXACT_FLOAT = 2.0**50
_LARGEST = 2**62
_FLOAT_DIGITS = 15
_DIGITS_MAX = 18
_MILLISECONDS = 10**11
"""Unix times from here on are milliseconds: in seconds they would be in the year 5138."""


class Rows(NamedTuple):
    """Rows of a file with the line that each began in."""

    lines: Sequence[int]
    cells: Sequence[Sequence[str]]


class Scaled(NamedTuple):
    """Price columns as whole numbers of ``10 ** -digits``."""

    digits: int
    columns: tuple[IntColumn, ...]


def is_nothing(cell: str) -> bool:
    """Say whether a cell is empty or says that there is no value."""
    return cell.strip().casefold() in NOTHING


def read_times(rows: Rows, place: int) -> IntColumn:
    """Return unix seconds. Unix seconds, ISO with an offset or Z, and dates are read.

    A time without an offset is UTC: on daily charts TradingView writes the date alone.

    Raises:
        BadCell: For the first cell that is no time.
    """
    texts = [row[place].strip() for row in rows.cells]
    try:
        seconds = [_seconds(text) for text in texts]
    except ValueError:
        for line, text in zip(rows.lines, texts, strict=True):
            try:
                _seconds(text)
            except ValueError:
                message = (
                    "is no time; TradingView writes unix seconds such as 1672531200, or "
                    "2024-01-21T23:00:00+09:00, or 2022-09-24"
                )
                raise BadCell(line, place + 1, text, message) from None
        raise
    return np.array(seconds, np.int64)


def read_prices(rows: Rows, places: Sequence[int]) -> Scaled:
    """Return the price columns, exactly as the file means them.

    TradingView prints some prices with the noise of a binary float, 1.0683799999999999 for
    1.06838: what has more than the 15 digits that a float carries is cut to them.

    Raises:
        BadCell: For the first cell that is no price above zero.
    """
    columns = [[_meant(row[place].strip()) for row in rows.cells] for place in places]
    digits = max((_decimals(text) for column in columns for text in column), default=0)
    plain = _plain(columns, digits) if 0 <= digits <= _DIGITS_MAX else None
    if plain is not None:
        return Scaled(digits, plain)
    return _one_by_one(rows, places, columns)


def read_numbers(rows: Rows, place: int) -> FloatColumn:
    """Return a plot's values; NaN where there is none or where the cell is no number."""
    return np.array([_number(row, place) for row in rows.cells], np.float64)


def _number(row: Sequence[str], place: int) -> float:
    try:
        return float(row[place]) if place < len(row) and row[place] else float("nan")
    except ValueError:
        return float("nan")


def _meant(text: str) -> str:
    if len(text) <= _FLOAT_DIGITS + 1:
        return text
    try:
        return f"{float(text):.{_FLOAT_DIGITS}g}"
    except ValueError:
        return text


def _seconds(text: str) -> int:
    if text.isascii() and text.isdigit():
        number = int(text)
        return number // 1000 if number >= _MILLISECONDS else number
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp())


def _decimals(text: str) -> int:
    """Return the digits after the point; too many to be plain for an exponent."""
    if "e" in text or "E" in text:
        return _DIGITS_MAX + 1
    return len(text) - text.find(".") - 1 if "." in text else 0


def _plain(columns: Sequence[Sequence[str]], digits: int) -> tuple[IntColumn, ...] | None:
    """Return columns by way of floats while that is exact, else None."""
    found: list[IntColumn] = []
    for column in columns:
        try:
            values = np.array(column, np.float64) * 10.0**digits
        except ValueError:
            return None
        if not np.all((values > 0) & (values < _EXACT_FLOAT)):
            return None
        found.append(np.rint(values).astype(np.int64))
    return tuple(found)


def _one_by_one(
    rows: Rows, places: Sequence[int], columns: Sequence[Sequence[str]]
) -> Scaled:
    prices: list[list[Decimal]] = []
    for place, column in zip(places, columns, strict=True):
        cells = zip(rows.lines, column, strict=True)
        prices.append([_price(line, place, text) for line, text in cells])
    digits = max(0, *(_exponent(one) for column in prices for one in column))
    scaled = [[int(EXACT.scaleb(one, digits)) for one in column] for column in prices]
    for line_number, values in enumerate(zip(*scaled, strict=True)):
        if max(values) > _LARGEST:
            message = f"has more digits than can be kept beside prices of {digits} decimals"
            place = values.index(max(values))
            raise BadCell(
                rows.lines[line_number],
                places[place] + 1,
                columns[place][line_number],
                message,
            )
    return Scaled(digits, tuple(np.array(column, np.int64) for column in scaled))


def _exponent(price: Decimal) -> int:
    exponent = price.normalize(EXACT).as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def _price(line: int, place: int, text: str) -> Decimal:
    try:
        price = Decimal(text)
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite() or price <= 0:
        what = "must be a price above 0, written with a decimal point"
        raise BadCell(line, place + 1, text, what)
    return price
