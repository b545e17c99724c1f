"""What a run executed, in rows; fills, positions and trades are made of them when read.

A row costs a tenth of what the values cost that are made of it. The values themselves come
from the domain alone: the same ``BotState.filled`` counts a fill in here as it does live.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import NamedTuple, TypeAlias

from application.ports.bars import Bars, FloatColumn
from domain.position import Fill, Trade
from domain.reasons import Reason
from domain.signal import AlertId, Direction, Signal
from domain.state import BotState


class Moment(Enum):
    """When within its bar something was filled; a fill inside a bar bears its open time."""

    OPEN = "open"
    INSIDE = "inside"
    CLOSE = "close"


class Execution(NamedTuple):
    """One fill: in which bar it happened, by index, and which reason asked for it.

    ``fill.number`` is the entry it belongs to, from 1; 0 for a fill that reduces.
    """

    bar: int
    fill: Fill
    reason: Reason
    moment: Moment


Planned: TypeAlias = tuple[Decimal, ...]
Row: TypeAlias = tuple[
    int, Direction, int, Decimal, Decimal, Decimal, Reason, Moment, int, Planned
]
"""Bar, side, entry's number or 0, quantity, price, fee, reason, moment; then of an entry
the bar that it was decided on, and what a reserving bot planned at it."""


@dataclass(slots=True)
class Log:
    """One run's executions, and the bot's state after them."""

    bars: Bars
    rsi: FloatColumn
    rows: list[Row] = field(default_factory=list[Row])
    earned: list[Decimal] = field(default_factory=list[Decimal])
    """What each completed trade earned after fees, in the order of closing."""
    best: Decimal | None = None
    """The most favorable price since the first entry, where a stop trails it."""
    read: int = 0
    """How many rows the three below contain."""
    known: BotState = field(default_factory=BotState)
    executed: list[Execution] = field(default_factory=list[Execution])
    closed: list[Trade] = field(default_factory=list[Trade])

    @property
    def state(self) -> BotState:
        """Return the bot's state after everything that was executed."""
        if self.read < len(self.rows):
            self._read()
        best, state = self.best, self.known
        if best is not None and state.position.best != best:
            moved = state.position._replace(best=best)
            state = self.known = state._replace(position=moved)
        return state

    @state.setter
    def state(self, state: BotState) -> None:
        """Take what a decision remembered, or what the market showed a position."""
        self.known = state

    @property
    def executions(self) -> list[Execution]:
        """Return what was executed, in order."""
        if self.read < len(self.rows):
            self._read()
        return self.executed

    @property
    def trades(self) -> list[Trade]:
        """Return the completed round trips, in the order of closing."""
        if self.read < len(self.rows):
            self._read()
        return self.closed

    def of_open_trade(self) -> BotState:
        """Return a state with what is held now and no memory of what was before.

        A standing is judged by no more, and the past need not be read for it.
        """
        start = len(self.rows)
        while start and self.rows[start - 1][2]:
            start -= 1
        state = BotState()
        for row in self.rows[start:]:
            state = self._filled(state, row)[0]
        return state

    def _read(self) -> None:
        for row in self.rows[self.read :]:
            self.known, fill = self._filled(self.known, row)
            self.executed.append(Execution(row[0], fill, row[6], row[7]))
            if not fill.number:
                self.closed.append(self.known.position.trade(fill.at))
        self.read = len(self.rows)

    def _filled(self, state: BotState, row: Row) -> tuple[BotState, Fill]:
        """Return the state after a row, and the row's fill."""
        bar, side, number, quantity, price, fee, _, moment, decided, planned = row
        at = self.at(bar, moment)
        signal = self._signal(decided) if number else None
        bar_time = signal.bar_time if signal else None
        fill = Fill(side, number, quantity, price, fee, at, bar_time)
        if planned:
            state = state._replace(memory=state.memory._replace(planned=planned))
        return state.filled(fill, signal), fill

    def at(self, bar: int, moment: Moment) -> datetime:
        """Return the time of a fill."""
        if moment is Moment.CLOSE:
            return self.bars.closed_at(bar)
        return self.bars.opened_at(bar)

    def _signal(self, bar: int) -> Signal:
        """Return what a state remembers of the signal that led to an entry."""
        at, value = self.bars.opened_at(bar), self.rsi[bar].item()
        known = value if value == value else None  # noqa: PLR0124 - NaN differs from itself
        return Signal(alert=AlertId(bar), received_at=at, rsi=known, bar_time=at)
