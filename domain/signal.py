"""One authenticated, parsed alert."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import NamedTuple, NewType

from domain.timeframe import Timeframe

AlertId = NewType("AlertId", int)


class Direction(Enum):
    """The side of a position."""

    LONG = "LONG"
    SHORT = "SHORT"

    @property
    def opposite(self) -> "Direction":
        """Return the other side."""
        return Direction.SHORT if self is Direction.LONG else Direction.LONG


class Action(Enum):
    """What an alert may ask for in so many words."""

    LONG = "LONG"
    SHORT = "SHORT"
    CLOSE = "CLOSE"


_NOTHING: Mapping[str, str] = {}


class Signal(NamedTuple):
    """What an alert says; everything but its number may be missing. Name every argument.

    ``rsi`` is an indicator's value in 0..100, ``bar_time`` the open of the alert's bar,
    ``sent_at`` when TradingView fired. ``previous_rsi`` is that of the bar just before,
    where the maker of the signal knows it, as one who reads bars does; else memory must
    tell. ``extra`` keeps every field that has no name here.
    """

    alert: AlertId
    received_at: datetime
    action: Action | None = None
    closes: Direction | None = None
    rsi: float | None = None
    rsi_length: int | None = None
    previous_rsi: float | None = None
    price: Decimal | None = None
    high: Decimal | None = None
    low: Decimal | None = None
    bar_time: datetime | None = None
    sent_at: datetime | None = None
    timeframe: Timeframe | None = None
    exchange: str | None = None
    ticker: str | None = None
    chart: str | None = None
    bot: str | None = None
    extra: Mapping[str, str] = _NOTHING

    @property
    def fired_at(self) -> datetime:
        """Return when the alert fired, or when it arrived if it does not say."""
        return self.sent_at or self.received_at
