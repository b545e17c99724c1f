"""Which readings of the market can make a bot act, until its state changes.

Whoever drives ``decide`` over history may leave out every bar that says something else:
there ``decide`` would answer no intents, and what it would remember changes no later
decision, given that each signal brings the RSI of the bar before.
"""

from typing import NamedTuple

from domain.gates import STANDING, gates_of
from domain.rules import Rules
from domain.signal import AlertId, Direction, Signal
from domain.state import BotState
from domain.timeframe import EPOCH


class Awaited(NamedTuple):
    """What a bot waits for: a bar that says LONG, one that says SHORT, one that arms it."""

    long: bool
    short: bool
    neutral: bool


def awaited(state: BotState, rules: Rules) -> Awaited:
    """Return the readings that ``decide`` may act on in this state."""
    return Awaited(
        _may_act(state, rules, Direction.LONG),
        _may_act(state, rules, Direction.SHORT),
        rules.rearm and not state.memory.armed,
    )


def is_foregone(rules: Rules, *, apart: bool) -> bool:
    """Say whether ``decide`` answers the same to every LONG, and to every SHORT, in a row.

    In one standing (side held, entries that count) it does so when no rule measures price,
    RSI, bars or hours beyond the strategy's own reading, every two bars are ``apart`` by at
    least the timeframe, and being armed does not matter.
    """
    scaling = rules.scaling
    return (
        rules.strategy == "rsi"
        and apart
        and not rules.rearm
        and not rules.windows
        and not rules.cooldown_bars
        and scaling.min_bars <= 1
        and not scaling.price_step_percent
        and not scaling.rsi_step
    )


def _may_act(state: BotState, rules: Rules, target: Direction) -> bool:
    held = state.side
    if held is target.opposite:
        return True
    for gate in gates_of(held, target):
        if gate in STANDING:
            finding = gate(state, _NO_SIGNAL, rules, target)
            if finding is not None and not finding.passed:
                return False
    return True


_NO_SIGNAL = Signal(alert=AlertId(0), received_at=EPOCH)
"""What a standing gate is given in place of a signal: it reads none."""
