"""The decision: what a signal calls for, given what is open and what the rules allow.

==================  =====================  =======================================
 position            the market says         decision
==================  =====================  =======================================
 flat                nothing                 nothing (rsi.neutral)
 flat                long / short            enter 1, if the first-entry rules pass
 long                long                    enter one more, if every scale-in rule passes
 long                short                   exit all; enter 1 short if reversing
 any                 CLOSE                   exit all
 long                ADD                     as long / short, but only to add
 entry working       CANCEL                  cancel it
==================  =====================  =======================================

Sizing and limits come after: ``decide`` knows no price but the signal's and no account.
"""

from decimal import Decimal
from typing import NamedTuple

from domain.conditions import values_of, watched
from domain.gates import CLOCKS_DIFFER, EARLY, Gate, gates_of
from domain.meaning import as_addition, as_position
from domain.reasons import Finding, Reason, refusal
from domain.rules import Rules
from domain.signal import POSITIONS, Action, Direction, Signal
from domain.state import BarMemory, BotState, remembered
from domain.strategy import strategy_of
from domain.wish import LEAVE, Leave


class Enter(NamedTuple):
    """Open or add entry ``number`` on ``side``; sizing says how much."""

    side: Direction
    number: int


class Exit(NamedTuple):
    """Close ``quantity`` of the position on ``side``, for ``reason``."""

    side: Direction
    quantity: Decimal
    reason: Reason


class Cancel(NamedTuple):
    """Take back entry ``number`` on ``side``, which waits at the venue."""

    side: Direction
    number: int


Intent = Enter | Exit | Cancel


class Decision(NamedTuple):
    """The reason, what is to be done, what was measured on the way, what to remember."""

    reason: Reason
    intents: tuple[Intent, ...]
    findings: tuple[Finding, ...]
    memory: BarMemory


def decide(state: BotState, signal: Signal, rules: Rules) -> Decision:
    """Say what ``signal`` calls for. Deterministic, and never more than the rules allow."""
    if signal.action is not None and signal.action not in POSITIONS:
        meant = _in_positions(state, signal, rules)
        if isinstance(meant, Decision):
            return meant
        signal = meant
    if signal.action is Action.CLOSE:
        return _closing(state, signal, rules)
    refused = _unfit_bar(state.memory, signal, rules)
    if refused is not None:
        return Decision(refused.reason, (), (refused,), state.memory)
    target, view = strategy_of(rules)(state, signal, rules)
    if target is None and view.reason in _UNREADABLE:
        return Decision(view.reason, (), (view,), state.memory)
    memory = _remembered(state.memory, signal, rules)
    if target is None or target is LEAVE:
        return _without_side(state, target, view, memory)
    answer = _opposite if state.side not in (None, target) else _same_side
    reason, intents, findings = answer(state, signal, rules, target)
    return Decision(reason, intents, (view, *findings), memory)


def _in_positions(state: BotState, signal: Signal, rules: Rules) -> Signal | Decision:
    """Return the signal as LONG, SHORT or CLOSE, or the decision if it is none of them."""
    if signal.action is Action.CANCEL:
        return _canceling(state)
    meant = as_position(signal, rules)
    if isinstance(meant, Finding):
        return Decision(meant.reason, (), (meant,), state.memory)
    refused = _unfit_bar(state.memory, meant, rules)
    added = as_addition(state, meant)
    if refused is None and isinstance(added, Finding):
        memory = _remembered(state.memory, signal, rules)
        return Decision(added.reason, (), (added,), memory)
    return meant if isinstance(added, Finding) else added


def _canceling(state: BotState) -> Decision:
    if not state.working:
        refused = refusal(Reason.CANCEL_NOTHING_WORKING)
        return Decision(refused.reason, (), (refused,), state.memory)
    canceled = tuple(Cancel(one.side, one.number) for one in state.working)
    return Decision(Reason.ENTRY_CANCELED, canceled, (), state.memory)


def _remembered(memory: BarMemory, signal: Signal, rules: Rules) -> BarMemory:
    return remembered(memory, signal, rules.rsi, values_of(signal, watched(rules)))


def _without_side(
    state: BotState, wish: Leave | None, view: Finding, memory: BarMemory
) -> Decision:
    """Do nothing, or close everything where the strategy's own condition says so."""
    if wish is None:
        return Decision(view.reason, (), (view,), memory)
    if state.side is None:
        nothing = refusal(Reason.CLOSE_NOTHING_OPEN)
        return Decision(nothing.reason, (), (view, nothing), memory)
    leave = Exit(state.side, state.position.quantity, Reason.EXIT_CONDITION)
    return Decision(Reason.EXIT_CONDITION, (leave,), (view,), memory)


_UNREADABLE = (
    Reason.RSI_MISSING,
    Reason.RSI_OUT_OF_RANGE,
    Reason.RSI_LENGTH_DIFFERS,
    Reason.SIGNAL_MISSING,
    Reason.RULE_FIELD_MISSING,
    Reason.STRATEGY_FAILED,
)
"""What leaves no trace in the memory: the bar counts as not read yet."""

_Answer = tuple[Reason, tuple[Intent, ...], list[Finding]]


def _same_side(state: BotState, signal: Signal, rules: Rules, target: Direction) -> _Answer:
    opens = state.side is None
    findings = _measured(gates_of(state.side, target), state, signal, rules, target)
    if findings and not findings[-1].passed:
        return findings[-1].reason, (), findings
    reason = Reason.ENTRY_OPENED if opens else Reason.ENTRY_SCALED_IN
    return reason, (Enter(target, state.next_number),), findings


def _opposite(state: BotState, signal: Signal, rules: Rules, target: Direction) -> _Answer:
    held, quantity = target.opposite, state.position.quantity
    gates = gates_of(held, target) if rules.reverse else ()
    findings = _measured(gates, state, signal, rules, target)
    if not rules.reverse or (findings and not findings[-1].passed):
        leave = Exit(held, quantity, Reason.EXIT_OPPOSITE)
        return Reason.EXIT_OPPOSITE, (leave,), findings
    turn = Exit(held, quantity, Reason.EXIT_REVERSED)
    return Reason.EXIT_REVERSED, (turn, Enter(target, 1)), findings


def _closing(state: BotState, signal: Signal, rules: Rules) -> Decision:
    memory = state.memory
    if _from_future(signal) is None:
        memory = _remembered(memory, signal, rules)
    side = state.side
    if side is None:
        refused = refusal(Reason.CLOSE_NOTHING_OPEN)
        return Decision(refused.reason, (), (refused,), memory)
    late = _unfit_close(state, signal, side)
    if late is not None:
        return Decision(late.reason, (), (late,), memory)
    leave = Exit(side, state.position.quantity, Reason.EXIT_CLOSE)
    return Decision(Reason.EXIT_CLOSE, (leave,), (), memory)


def _unfit_close(state: BotState, signal: Signal, side: Direction) -> Finding | None:
    if signal.closes is not None and signal.closes is not side:
        return refusal(Reason.CLOSE_OTHER_SIDE, side.value, signal.closes.value)
    bar, first = signal.bar_time, state.first_bar
    if bar is None or first is None or bar > first:
        return None
    if bar < first:
        return refusal(Reason.CLOSE_OLDER_THAN_POSITION, bar, first)
    if signal.closes is None:
        return refusal(Reason.CLOSE_SAME_BAR_AS_ENTRY, bar, first)
    return None


def _from_future(signal: Signal) -> Finding | None:
    """Refuse times ahead of the arrival, apart from what two clocks may differ."""
    sent, bar = signal.sent_at, signal.bar_time
    if bar == signal.received_at and sent is None:
        return None
    latest = signal.received_at + CLOCKS_DIFFER
    if sent is not None and sent > latest:
        return refusal(Reason.ALERT_FROM_FUTURE, sent, signal.received_at)
    if bar is not None and bar > latest:
        return refusal(Reason.ALERT_FROM_FUTURE, bar, signal.received_at)
    return None


def _unfit_bar(memory: BarMemory, signal: Signal, rules: Rules) -> Finding | None:
    bar = signal.bar_time
    ahead = _from_future(signal)
    if bar is None or ahead is not None:
        return ahead
    timeframe = signal.timeframe or rules.timeframe
    sent = signal.sent_at
    if sent is not None and timeframe is not None and timeframe.is_intraday:
        close = timeframe.close_of(bar)
        if sent < close - EARLY and not rules.intrabar:
            return refusal(Reason.BAR_NOT_CLOSED, sent, close)
    if memory.last_bar is not None and bar < memory.last_bar:
        return refusal(Reason.BAR_OUT_OF_ORDER, bar, memory.last_bar)
    return None


def _measured(
    gates: tuple[Gate, ...],
    state: BotState,
    signal: Signal,
    rules: Rules,
    target: Direction,
) -> list[Finding]:
    """Return the findings up to and including the first that does not pass."""
    findings: list[Finding] = []
    for gate in gates:
        finding = gate(state, signal, rules, target)
        if finding is not None:
            findings.append(finding)
            if not finding.passed:
                break
    return findings
