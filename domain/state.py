"""What a bot knows when the next signal comes: its position, working entries and bars."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from domain.position import FLAT, NOTHING, Fill, Lot, Position
from domain.rules import RsiRules
from domain.signal import Direction, Signal

RSI_HIGHEST = 100.0


class WorkingEntry(NamedTuple):
    """An entry intent that is not over and may still become part of the position."""

    side: Direction
    number: int
    quantity: Decimal
    price: Decimal
    bar: datetime | None = None
    """The bar that called for it; None where its alert named none."""


class BarMemory(NamedTuple):
    """What must be remembered of earlier bars.

    ``last`` is the newest processed bar with its RSI, ``before`` the one processed ahead of
    it. ``entry_bar`` and ``entry_rsi`` are those of the newest entry, None where its alert
    brought none. ``armed`` is false from a close until an alert shows RSI outside the zone.
    """

    last_bar: datetime | None = None
    last_rsi: float | None = None
    before_bar: datetime | None = None
    before_rsi: float | None = None
    entry_bar: datetime | None = None
    entry_rsi: float | None = None
    armed: bool = True
    planned: tuple[Decimal, ...] = ()
    """The quantities that a reserving bot fixed for all entries at the first one."""
    last_values: tuple[tuple[str, Decimal], ...] = ()
    """The fields of the newest bar that a condition compares the next one with."""
    before_values: tuple[tuple[str, Decimal], ...] = ()
    closed_bar: datetime | None = None
    """The newest bar when the last position was closed."""
    entered_bar: datetime | None = None
    """The newest bar on which any entry was made; one without a bar leaves it as it is."""


class BotState(NamedTuple):
    """The state that ``decide`` sees: what is working, not only what is filled."""

    position: Position = FLAT
    working: tuple[WorkingEntry, ...] = ()
    memory: BarMemory = BarMemory()

    @property
    def side(self) -> Direction | None:
        """Return the side held or being entered; None when flat and idle."""
        if self.position.lots:
            return self.position.side
        return self.working[0].side if self.working else None

    @property
    def numbers(self) -> tuple[int, ...]:
        """Return the numbers of the entries that count, those without a fill last."""
        filled = self.position.numbers if self.position.lots else ()
        if not self.working:
            return filled
        return (*filled, *(one.number for one in self.working if one.number not in filled))

    @property
    def entries(self) -> int:
        """Return how many entries count: filled ones and those that still may fill."""
        if not self.working:
            return len(self.position.numbers) if self.position.lots else 0
        return len(self.numbers)

    @property
    def next_number(self) -> int:
        """Return the lowest free number; an entry that ended unfilled frees its own."""
        numbers, number = self.numbers, 1
        while number in numbers:
            number += 1
        return number

    @property
    def last_entry(self) -> Lot:
        """Return quantity and cost of the newest entry; nothing while it has no fill."""
        held = self.position
        if not held.lots or (self.working and self.entries > held.entries):
            return NOTHING
        return held.last_entry

    @property
    def first_bar(self) -> datetime | None:
        """Return the bar of the first entry, filled or working; None if it had none."""
        if self.position.lots:
            return self.position.first_bar
        return self.working[0].bar if self.working else None

    @property
    def last_bar(self) -> datetime | None:
        """Return the bar of the newest entry, filled or working; None if one had none."""
        filled = self.memory.entry_bar
        if not self.working:
            return filled
        bars = [one.bar for one in self.working]
        if self.position.lots:
            bars.append(filled)
        known = [bar for bar in bars if bar is not None]
        return max(known) if len(known) == len(bars) else None

    def has_entered(self, bar: datetime) -> bool:
        """Say whether an entry was made on this bar, or is working that it called for."""
        if self.memory.entered_bar == bar:
            return True
        return any(one.bar == bar for one in self.working)

    def without_dust(self) -> "BotState":
        """Return the state once what is left of the position counts no more."""
        position = self.position.without_dust()
        return BotState(position, self.working, disarmed(self.memory))

    def filled(self, fill: Fill, signal: Signal | None) -> "BotState":
        """Return the state once ``fill``, which ``signal`` led to, is counted in.

        An entry's bar and RSI are remembered; whoever has left everything is disarmed.
        """
        position, memory = self.position.after(fill), self.memory
        if fill.number:
            if signal is not None:
                memory = entered(memory, signal, memory.planned)
        elif not position.lots:
            memory = disarmed(memory)
        return BotState(position, self.working, memory)


Values = tuple[tuple[str, Decimal], ...]


def remembered(
    memory: BarMemory, signal: Signal, rsi: RsiRules, values: Values = ()
) -> BarMemory:
    """Return ``memory`` once the bar of ``signal`` has been processed.

    A repeated bar replaces its RSI if it brings one, an older bar changes nothing, and a
    signal without a bar only arms.
    """
    bar, last, value = signal.bar_time, memory.last_bar, _own_rsi(signal, rsi)
    if bar is not None and last is not None and bar < last:
        return memory
    armed = memory.armed or (value is not None and rsi.oversold < value < rsi.overbought)
    if bar is None:
        return memory._replace(armed=armed)
    if bar == last:
        known = memory.last_rsi if value is None else value
        fields = values or memory.last_values
        return memory._replace(armed=armed, last_rsi=known, last_values=fields)
    return BarMemory(
        bar,
        value,
        last,
        memory.last_rsi,
        memory.entry_bar,
        memory.entry_rsi,
        armed,
        memory.planned,
        values,
        memory.last_values,
        memory.closed_bar,
        memory.entered_bar,
    )


def entered(memory: BarMemory, signal: Signal, planned: tuple[Decimal, ...]) -> BarMemory:
    """Return ``memory`` once an entry was planned on the bar of ``signal``."""
    bar, value, newest = signal.bar_time, signal.rsi, memory.entered_bar
    if newest is None or (bar is not None and bar > newest):
        newest = bar
    elif bar is not None and memory.entry_bar is not None and bar < memory.entry_bar:
        # An older entry that waited longer for its fill is not the newest.
        bar, value = memory.entry_bar, memory.entry_rsi
    return BarMemory(
        memory.last_bar,
        memory.last_rsi,
        memory.before_bar,
        memory.before_rsi,
        bar,
        value,
        memory.armed,
        planned,
        memory.last_values,
        memory.before_values,
        memory.closed_bar,
        newest,
    )


def disarmed(memory: BarMemory) -> BarMemory:
    """Return ``memory`` once a position was closed: nothing is reserved, nor armed."""
    return memory._replace(planned=(), armed=False, closed_bar=memory.last_bar)


def _own_rsi(signal: Signal, rsi: RsiRules) -> float | None:
    """Return the signal's RSI if it is one at all and of the bot's own length."""
    value = signal.rsi
    if value is None or not 0.0 <= value <= RSI_HIGHEST:
        return None
    return value if signal.rsi_length in (None, rsi.length) else None
