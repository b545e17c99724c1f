"""The strategy ``rules``: a trader's own conditions over what the alert carries."""

from decimal import Decimal, InvalidOperation

from domain.expression import Condition, Lookup
from domain.reasons import PASSED, Finding, Reason, refusal
from domain.rules import Conditions, Rules
from domain.signal import Direction, Signal
from domain.state import BarMemory, BotState
from domain.wish import LEAVE, View

OWN = ("rsi", "price", "high", "low")
"""Fields with a name of their own; every other is found among what the alert adds."""
_DIGITS_MAX = 30


class _Missing(Exception):
    """A condition looks at something that is not there."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.reason.value)
        self.finding = finding


def conditions(state: BotState, signal: Signal, rules: Rules) -> View:
    """Say what the conditions call for: leaving first, then the side whose entry holds."""
    asked, held = rules.conditions, state.side
    try:
        leave = _exit(asked, held)
        if leave is not None and _holds(leave, state.memory, signal, rules):
            return LEAVE, _met(leave, signal)
        sides = [
            (side, condition)
            for side, condition in _entries(asked, held)
            if condition is not None and _holds(condition, state.memory, signal, rules)
        ]
    except _Missing as missing:
        return None, missing.finding
    if len(sides) == len(Direction):
        both = " and ".join(condition.text for _, condition in sides)
        return None, refusal(Reason.RULE_BOTH_SIDES, both)
    if not sides:
        return None, Finding(Reason.RULE_NOT_MET, PASSED, _seen(asked, signal))
    side, condition = sides[0]
    return side, _met(condition, signal)


def watched(rules: Rules) -> tuple[str, ...]:
    """Return the fields whose value of the bar before must be remembered, RSI apart."""
    crossed = (name for condition in rules.conditions.all for name in condition.crossed)
    return tuple(dict.fromkeys(name for name in crossed if name != "rsi"))


def values_of(signal: Signal, names: tuple[str, ...]) -> tuple[tuple[str, Decimal], ...]:
    """Return the numbers that a signal has under these names; others are left out."""
    found = ((name, _number(signal, name)) for name in names)
    return tuple((name, value) for name, value in found if value is not None)


def _exit(asked: Conditions, held: Direction | None) -> Condition | None:
    if held is None:
        return None
    return asked.exit_long if held is Direction.LONG else asked.exit_short


def _entries(
    asked: Conditions, held: Direction | None
) -> list[tuple[Direction, Condition | None]]:
    """Return what each side's entry asks for; one that is held is added to by ``add``."""
    first = {Direction.LONG: asked.long, Direction.SHORT: asked.short}
    if held is not None and asked.add is not None:
        first[held] = asked.add
    return list(first.items())


def _holds(condition: Condition, memory: BarMemory, signal: Signal, rules: Rules) -> bool:
    return condition.holds(_now(signal, rules), _before(memory, signal, rules))


def _now(signal: Signal, rules: Rules) -> Lookup:
    def look(name: str) -> Decimal:
        lengths = (signal.rsi_length, rules.rsi.length)
        if name == "rsi" and lengths[0] not in (None, lengths[1]):
            raise _Missing(refusal(Reason.RSI_LENGTH_DIFFERS, *lengths))
        value = _number(signal, name)
        if value is None:
            raise _Missing(refusal(Reason.RULE_FIELD_MISSING, name))
        return value

    return look


def _before(memory: BarMemory, signal: Signal, rules: Rules) -> Lookup:
    timeframe, bar = signal.timeframe or rules.timeframe, signal.bar_time
    remembered: dict[str, Decimal] = {}
    if timeframe is not None and bar is not None:
        for earlier, rsi, values in (
            (memory.last_bar, memory.last_rsi, memory.last_values),
            (memory.before_bar, memory.before_rsi, memory.before_values),
        ):
            if earlier is not None and timeframe.bars_between(earlier, bar) == 1:
                remembered = dict(values)
                if rsi is not None:
                    remembered["rsi"] = Decimal(repr(rsi))
                break
    if signal.previous_rsi is not None:
        remembered["rsi"] = Decimal(repr(signal.previous_rsi))

    def look(name: str) -> Decimal:
        if name not in remembered:
            raise _Missing(refusal(Reason.RULE_PREVIOUS_UNKNOWN, name, memory.last_bar))
        return remembered[name]

    return look


def _number(signal: Signal, name: str) -> Decimal | None:
    match name:
        case "rsi":
            return None if signal.rsi is None else Decimal(repr(signal.rsi))
        case "price" | "high" | "low":
            value: Decimal | None = getattr(signal, name)
            return value
        case _:
            return _further(signal.extra.get(name, ""))


def _further(text: str) -> Decimal | None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    plain = found.is_finite() and len(f"{found:f}") <= _DIGITS_MAX
    return found if plain else None


def _met(condition: Condition, signal: Signal) -> Finding:
    return Finding(Reason.RULE_MET, PASSED, _text(condition.fields, signal), condition.text)


def _seen(asked: Conditions, signal: Signal) -> str:
    fields = dict.fromkeys(name for one in asked.all for name in one.fields)
    return _text(tuple(fields), signal)


def _text(names: tuple[str, ...], signal: Signal) -> str:
    return ", ".join(f"{name} {value:f}" for name, value in values_of(signal, names))
