"""The rules an entry must pass, each measured against its limit.

A gate answers with a finding, or with None where the bot does not ask for the rule.
"""

from collections.abc import Callable
from datetime import timedelta

from domain.money import ONE, add, divide_down, fraction, multiply, subtract
from domain.reasons import PASSED, Finding, Reason, refusal
from domain.rules import Allowed, Rules, StepDirection
from domain.signal import LONG, SHORT, Direction, Signal
from domain.state import BotState

Gate = Callable[[BotState, Signal, Rules, Direction], Finding | None]

CLOCKS_DIFFER = timedelta(seconds=60)
"""How far ahead of ours the clock of whoever sends alerts may be."""

EARLY = timedelta(seconds=2)
"""TradingView's clock may fire this much before the bar's close by ours."""


def alert_enters(
    _state: BotState, signal: Signal, _rules: Rules, side: Direction
) -> Finding | None:
    """An order that only made a position smaller is no reason to open or add."""
    return refusal(Reason.SIGNAL_REDUCES, side.value) if signal.reduces else None


def side_is_allowed(
    _state: BotState, _signal: Signal, rules: Rules, side: Direction
) -> Finding | None:
    """A spot market is never sold short; a bot may be told to hold one side only."""
    if side is SHORT and not rules.can_short:
        return refusal(Reason.SPOT_CANNOT_SHORT, side.value, "long only")
    if rules.allowed is Allowed.BOTH:
        return None
    allowed = rules.allowed.name == side.name
    return Finding(Reason.DIRECTION_NOT_ALLOWED, allowed, side.value, rules.allowed.value)


def bot_is_armed(
    state: BotState, _signal: Signal, rules: Rules, _side: Direction
) -> Finding | None:
    """After a close, an earlier alert must have shown RSI outside the zone."""
    if not rules.rearm:
        return None
    levels = (rules.rsi.oversold, rules.rsi.overbought)
    return Finding(Reason.ENTRY_NOT_REARMED, state.memory.armed, None, levels)


def window_is_open(
    _state: BotState, signal: Signal, rules: Rules, _side: Direction
) -> Finding | None:
    """The alert fired within one of the bot's trading windows, in UTC."""
    if not rules.windows:
        return None
    at = signal.fired_at
    is_open = any(window.is_open(at) for window in rules.windows)
    hours = "; ".join(str(window) for window in rules.windows)
    return Finding(Reason.ENTRY_OUTSIDE_WINDOW, is_open, at, hours)


def bot_has_cooled(
    state: BotState, signal: Signal, rules: Rules, _side: Direction
) -> Finding | None:
    """So many bars have passed since the last position was closed."""
    closed, bar = state.memory.closed_bar, signal.bar_time
    timeframe = signal.timeframe or rules.timeframe
    if not rules.cooldown_bars or closed is None:
        return None
    if bar is None or timeframe is None:
        return refusal(Reason.BAR_UNKNOWN, bar, closed)
    bars = timeframe.bars_between(closed, bar)
    cooled = bars >= rules.cooldown_bars
    return Finding(Reason.ENTRY_COOLDOWN, cooled, bars, rules.cooldown_bars)


def bar_is_fresh(
    state: BotState, signal: Signal, _rules: Rules, _side: Direction
) -> Finding | None:
    """At most one entry a bar, whatever the alert's id."""
    newest, bar = state.memory.entered_bar, signal.bar_time
    if bar is None:
        return None
    if state.has_entered(bar):
        return refusal(Reason.BAR_ALREADY_ENTERED, bar, bar)
    if newest is None:
        return None
    return Finding(Reason.BAR_ALREADY_ENTERED, PASSED, bar, newest)


def entries_are_left(
    state: BotState, _signal: Signal, rules: Rules, _side: Direction
) -> Finding | None:
    """Filled entries and those that may still fill count alike."""
    entries, limit = state.entries, rules.scaling.max_entries
    return Finding(Reason.SCALING_MAX_ENTRIES, entries < limit, entries, limit)


def bars_are_apart(
    state: BotState, signal: Signal, rules: Rules, _side: Direction
) -> Finding | None:
    """A scale-in comes on a later bar, at least so many bars after the last entry."""
    entered, bar = state.last_bar, signal.bar_time
    timeframe = signal.timeframe or rules.timeframe
    if entered is None or bar is None or timeframe is None:
        return refusal(Reason.BAR_UNKNOWN, bar, entered)
    bars = timeframe.bars_between(entered, bar)
    return Finding(
        Reason.SCALING_MIN_BARS,
        bars >= rules.scaling.min_bars,
        bars,
        rules.scaling.min_bars,
    )


def price_has_moved(
    state: BotState, signal: Signal, rules: Rules, side: Direction
) -> Finding | None:
    """The price moved so many percent against (or with) the last entry's average fill.

    Compared as price x quantity against cost x factor, so nothing is rounded.
    """
    percent, price = rules.scaling.price_step_percent, signal.price
    if not percent:
        return None
    if price is None:
        return refusal(Reason.PRICE_UNKNOWN)
    quantity, cost = state.last_entry
    if not quantity:
        return refusal(Reason.SCALING_PRICE_STEP, price, "a fill of the last entry")
    against = rules.scaling.price_step_direction is StepDirection.AGAINST
    down = against is (side is LONG)
    move = fraction(percent)
    limit = multiply(cost, subtract(ONE, move) if down else add(ONE, move))
    now = multiply(price, quantity)
    passed = now <= limit if down else now >= limit
    return Finding(Reason.SCALING_PRICE_STEP, passed, price, divide_down(limit, quantity))


def rsi_is_further(
    state: BotState, signal: Signal, rules: Rules, side: Direction
) -> Finding | None:
    """RSI is so much deeper in the zone than at the last entry."""
    step, last = rules.scaling.rsi_step, state.memory.entry_rsi
    if not step:
        return None
    if signal.rsi is None or last is None:
        silent = "the alert" if signal.rsi is None else "the last entry's alert"
        return refusal(Reason.RSI_MISSING, silent)
    limit = last - step if side is LONG else last + step
    passed = signal.rsi <= limit if side is LONG else signal.rsi >= limit
    return Finding(Reason.SCALING_RSI_STEP, passed, signal.rsi, limit)


FIRST_ENTRY: tuple[Gate, ...] = (
    alert_enters,
    side_is_allowed,
    window_is_open,
    bot_is_armed,
    bot_has_cooled,
    bar_is_fresh,
)
REVERSAL: tuple[Gate, ...] = (
    alert_enters,
    side_is_allowed,
    window_is_open,
    bar_is_fresh,
)
SCALE_IN: tuple[Gate, ...] = (
    alert_enters,
    side_is_allowed,
    window_is_open,
    entries_are_left,
    bar_is_fresh,
    bars_are_apart,
    price_has_moved,
    rsi_is_further,
)

STANDING: tuple[Gate, ...] = (side_is_allowed, bot_is_armed, entries_are_left)
"""The gates that look at no signal: what they say holds until the state changes."""


def gates_of(held: Direction | None, target: Direction) -> tuple[Gate, ...]:
    """Return the gates of an entry on ``target`` by a bot that is flat or holds a side."""
    if held is None:
        return FIRST_ENTRY
    return SCALE_IN if held is target else REVERSAL
