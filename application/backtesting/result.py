"""What a backtest came to: its executions, and everything that follows from them.

Only rows of what was executed are kept while a run lasts (``log.py``); trades, lots, equity
and excursions are worked out from them by whoever asks (``lots.py``, ``curve.py``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from application.backtesting.log import Execution, Log, Moment
from application.backtesting.request import BacktestRequest
from application.ports.bars import Bars
from domain.money import ZERO
from domain.position import Position, Trade
from domain.reasons import Finding, Reason
from domain.signal import Direction


class ClosedLot(NamedTuple):
    """One entry and the exit that closed it, as a line of TradingView's list of trades.

    An exit closes lots first in, first out; an entry that is closed in parts is a lot for
    each part. ``entry_bar`` and ``exit_bar`` are indices. Fees are of this lot's part.
    """

    side: Direction
    number: int
    quantity: Decimal
    entry_bar: int
    entry_at: datetime
    entry_price: Decimal
    entry_fee: Decimal
    entry_reason: Reason
    exit_bar: int
    exit_at: datetime
    exit_price: Decimal
    exit_fee: Decimal
    exit_reason: Reason
    pnl: Decimal
    """Net of both fees, in the settlement currency."""
    moments: tuple[Moment, Moment]
    """When within their bars it was entered and left."""


class OpenLot(NamedTuple):
    """An entry that is still open when the history ends."""

    side: Direction
    number: int
    quantity: Decimal
    entry_bar: int
    entry_at: datetime
    entry_price: Decimal
    entry_fee: Decimal
    entry_reason: Reason
    unrealized: Decimal
    """At the last close, net of the entry's fee only."""


class Refused(NamedTuple):
    """An entry that the rules wanted and sizing, a limit or the means did not allow."""

    bar: int
    finding: Finding


class Seen(NamedTuple):
    """How many bars there were, and on how many of them the rules were asked."""

    bars: int
    asked: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BacktestResult:
    """One finished run."""

    request: BacktestRequest
    bars: Bars
    log: Log
    equity: Decimal
    """The balance plus what closing at the last close would add, before fees."""
    balance: Decimal
    """Initial capital plus what was realized, minus fees; without what is unrealized."""
    refused: tuple[Refused, ...]
    decisions: Mapping[Reason, int]
    """How often each reason was the outcome of a bar on which the rules were asked."""
    seen: Seen
    every_bar: tuple[str, ...] = ()
    """Why the rules had to be asked on every bar, in words; empty when they had not."""
    warnings: tuple[str, ...] = ()

    @property
    def executions(self) -> tuple[Execution, ...]:
        """Return every fill, in the order in which they happened."""
        return tuple(self.log.executions)

    @property
    def trades(self) -> tuple[Trade, ...]:
        """Return completed round trips, from flat to flat, in the order of closing."""
        return tuple(self.log.trades)

    @property
    def position(self) -> Position:
        """Return what is held when the history ends.

        If nothing is, it is what the last trade left, without that trade's best price.
        """
        return self.log.state.position

    @property
    def last_close(self) -> Decimal:
        """Return the newest price; 0 without a bar."""
        return self.bars.price(int(self.bars.closes[-1])) if len(self.bars) else ZERO
