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

    __hash__ = object.__hash__
    """A member is the only one of its kind."""

    LONG = "LONG"
    SHORT = "SHORT"

    @property
    def opposite(self) -> "Direction":
        """Return the other side."""
        return Direction.SHORT if self is Direction.LONG else Direction.LONG


LONG, SHORT = Direction.LONG, Direction.SHORT
"""For what runs a million times: Python 3.11 looks up a member in as long as it multiplies
two prices."""


class Action(Enum):
    """What an alert may ask for in so many words.

    Other receivers' messages know four more: ADD only adds to what is open, CANCEL takes
    back entries that wait at the venue, and BUY and SELL name an order but no position.
    """

    LONG = "LONG"
    SHORT = "SHORT"
    CLOSE = "CLOSE"
    ADD = "ADD"
    CANCEL = "CANCEL"
    BUY = "BUY"
    SELL = "SELL"


POSITIONS = (Action.LONG, Action.SHORT, Action.CLOSE)
"""The actions that say what to hold afterwards."""


_NOTHING: Mapping[str, str] = {}


class Signal(NamedTuple):
    """What an alert says; everything but its number may be missing. Name every argument.

    ``rsi`` is an indicator's value in 0..100, ``bar_time`` the open of the alert's bar,
    ``sent_at`` when TradingView fired. ``previous_rsi`` is that of the bar just before,
    where the maker of the signal knows it, as one who reads bars does; else memory must
    tell. ``adds_to`` is the side that an ADD is meant for, if it names one. ``reduces`` is
    true when the order behind the alert made a position smaller that goes on: it opens and
    adds nothing. ``extra`` keeps every field that has no name here.
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
    adds_to: Direction | None = None
    reduces: bool = False

    @classmethod
    def of_bar(
        cls,
        number: int,
        opened_at: datetime,
        timeframe: Timeframe,
        price: Decimal,
        rsi: tuple[int, float | None, float | None],
    ) -> "Signal":
        """Return what one who reads bars says of the bar that opened at ``opened_at``.

        ``rsi`` is its length, its value on this bar, and on the bar before. History has no
        delay: the signal is as old as its bar.
        """
        length, now, before = rsi
        return cls(
            AlertId(number),
            opened_at,
            None,
            None,
            now,
            length,
            before,
            price,
            None,
            None,
            opened_at,
            None,
            timeframe,
        )

    @property
    def fired_at(self) -> datetime:
        """Return when the alert fired, or when it arrived if it does not say."""
        return self.sent_at or self.received_at
