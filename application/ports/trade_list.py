"""A list of trades as another program tells it, to be held against ours."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from domain.signal import Direction


class ListedTrade(NamedTuple):
    """One trade of a list: an entry, and the exit that closed it.

    ``is_open`` says that the list closed it only for show, at the last price; a trade that
    the list leaves open altogether has no exit. Money is in the list's own currency.
    """

    number: int
    side: Direction
    quantity: Decimal | None
    entry_at: datetime
    entry_price: Decimal
    entry_signal: str
    exit_at: datetime | None
    exit_price: Decimal | None
    exit_signal: str
    pnl: Decimal | None
    is_open: bool


class BadTradeList(Exception):
    """A list that cannot be used, in words that say where and what would be right."""
