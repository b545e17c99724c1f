"""What the market says to a bot: long, short or nothing, each with what was measured."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.conditions import conditions
from domain.reasons import PASSED, Finding, Reason, refusal
from domain.rules import RsiRules, Rules, Trigger
from domain.signal import LONG, SHORT, Action, Direction, Signal
from domain.state import RSI_HIGHEST, BarMemory, BotState
from domain.wish import Strategy, View

_Own = tuple[Direction | None, Finding]


def rsi(state: BotState, signal: Signal, rules: Rules) -> View:
    """Read the RSI condition; a carried LONG or SHORT must agree unless it is trusted."""
    carried = _SIDES.get(signal.action)
    if carried is not None and rules.trust_signal:
        return carried, _trusted(carried)
    refused = _unusable(signal, rules)
    if refused is not None:
        return None, refused
    own, finding = _condition(state.memory, signal, rules)
    if carried is None or carried is own or not finding.passed:
        return own, finding
    said = own.value if own else "nothing"
    return None, refusal(Reason.SIGNAL_CONTRADICTS_RSI, carried.value, said)


def follow(_state: BotState, signal: Signal, _rules: Rules) -> View:
    """Take the alert's own word for the position to hold."""
    side = _SIDES.get(signal.action)
    if side is None:
        return None, refusal(Reason.SIGNAL_MISSING, None, "LONG, SHORT or CLOSE")
    return side, _trusted(side)


STRATEGIES: Mapping[str, Strategy] = MappingProxyType(
    {"rsi": rsi, "follow": follow, "rules": conditions}
)


def strategy_of(rules: Rules) -> Strategy:
    """Return the strategy that a bot's rules name."""
    return rules.own or STRATEGIES[rules.strategy]


_SIDES: Mapping[Action | None, Direction] = MappingProxyType(
    {Action.LONG: LONG, Action.SHORT: SHORT}
)


def _unusable(signal: Signal, rules: Rules) -> Finding | None:
    if signal.rsi_length is not None and signal.rsi_length != rules.rsi.length:
        return refusal(Reason.RSI_LENGTH_DIFFERS, signal.rsi_length, rules.rsi.length)
    if signal.rsi is None:
        return refusal(Reason.RSI_MISSING, "the alert")
    if not 0.0 <= signal.rsi <= RSI_HIGHEST:
        return refusal(Reason.RSI_OUT_OF_RANGE, signal.rsi, "0 to 100")
    return None


def _condition(memory: BarMemory, signal: Signal, rules: Rules) -> _Own:
    now, low, high = signal.rsi or 0.0, rules.rsi.oversold, rules.rsi.overbought
    if rules.rsi.trigger is Trigger.LEVEL:
        if now <= low:
            return LONG, Finding(Reason.RSI_IN_ZONE, PASSED, now, low)
        if now >= high:
            return SHORT, Finding(Reason.RSI_IN_ZONE, PASSED, now, high)
        return None, Finding(Reason.RSI_NEUTRAL, PASSED, now, (low, high))
    previous = _previous_rsi(memory, signal, rules)
    if previous is None:
        return None, refusal(Reason.RSI_PREVIOUS_UNKNOWN, memory.last_bar, signal.bar_time)
    return _crossed(previous, now, rules.rsi)


def _crossed(previous: float, now: float, rsi: RsiRules) -> _Own:
    low, high, both = rsi.oversold, rsi.overbought, f"{previous:.10g} then {now:.10g}"
    into = rsi.trigger is Trigger.CROSS_INTO
    if previous > low >= now if into else previous <= low < now:
        return LONG, Finding(Reason.RSI_IN_ZONE, PASSED, both, low)
    if previous < high <= now if into else previous >= high > now:
        return SHORT, Finding(Reason.RSI_IN_ZONE, PASSED, both, high)
    return None, Finding(Reason.RSI_NEUTRAL, PASSED, both, (low, high))


def _trusted(side: Direction) -> Finding:
    return Finding(Reason.SIGNAL_TRUSTED, PASSED, side.value)


def _previous_rsi(memory: BarMemory, signal: Signal, rules: Rules) -> float | None:
    """Return the RSI of the bar just before, if the signal knows it or its alert came."""
    if signal.previous_rsi is not None:
        return signal.previous_rsi
    bar, timeframe = signal.bar_time, signal.timeframe or rules.timeframe
    if bar is None or timeframe is None:
        return None
    for earlier, value in (
        (memory.last_bar, memory.last_rsi),
        (memory.before_bar, memory.before_rsi),
    ):
        if earlier is not None and timeframe.bars_between(earlier, bar) == 1:
            return value
    return None
