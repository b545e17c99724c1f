"""Which orders should rest at the venue for a position, so that it is left without us.

At most two: the stop, at the nearer of stop loss and trailing stop, and the target. Each
covers the whole quantity.
"""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from domain.exits import ExitLevels
from domain.instrument import Instrument
from domain.money import multiply, subtract
from domain.position import Position
from domain.reasons import Reason
from domain.rules import ExitRules
from domain.signal import LONG

TRAIL_STEP = Decimal("0.0005")
"""How far, as a part of its level, a trailing stop must move before it is replaced."""


class ProtectionKind(Enum):
    """What an order that rests does: end a loss, or take a profit."""

    STOP = "STOP"
    TARGET = "TARGET"


class Protective(NamedTuple):
    """An order that should rest: at which price, for how much, by which rule."""

    kind: ProtectionKind
    reason: Reason
    level: Decimal
    quantity: Decimal

    def is_met_by(self, level: Decimal, quantity: Decimal) -> bool:
        """Say whether an order at ``level`` for ``quantity`` is as good as this one.

        A trailing stop moves with every new best price; what differs by less than a step
        is left where it is.
        """
        if quantity != self.quantity:
            return False
        if self.reason is not Reason.EXIT_TRAILING_STOP:
            return level == self.level
        away = max(subtract(level, self.level), subtract(self.level, level))
        return away <= multiply(self.level, TRAIL_STEP)


def protective(
    position: Position, exits: ExitRules, instrument: Instrument
) -> tuple[Protective, ...]:
    """Return what should rest for a position; nothing when flat, or for too little."""
    quantity = instrument.round_quantity(position.quantity)
    if quantity < instrument.quantity_min or not quantity:
        return ()
    stops: list[Protective] = []
    targets: list[Protective] = []
    for reason, level in ExitLevels(exits, instrument).of(position):
        target = reason is Reason.EXIT_TAKE_PROFIT
        kind = ProtectionKind.TARGET if target else ProtectionKind.STOP
        (targets if target else stops).append(Protective(kind, reason, level, quantity))
    if stops:
        nearer = max if position.side is LONG else min
        targets.insert(0, nearer(stops, key=lambda one: one.level))
    return tuple(targets)


def left_to_us(exits: ExitRules, resting: Iterable[ProtectionKind]) -> ExitRules:
    """Return the exit rules that nothing at the venue stands for."""
    kinds = frozenset(resting)
    if ProtectionKind.STOP in kinds:
        exits = replace(exits, stop_loss_percent=None, trailing_percent=None)
    if ProtectionKind.TARGET in kinds:
        exits = replace(exits, take_profit_percent=None)
    return exits
