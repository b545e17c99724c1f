"""What an alert means that names an order, or an addition, in place of a position."""

from domain.reasons import Finding, Reason, refusal
from domain.rules import Rules, SellMeans
from domain.signal import Action, Signal
from domain.state import BotState


def as_position(signal: Signal, rules: Rules) -> Signal | Finding:
    """Return a BUY or SELL as LONG, SHORT or CLOSE, if the bot says what they mean.

    A buy may open a long or cover a short, and a sell the other way round: which of them it
    was cannot be told from the word, so it is never guessed.
    """
    if signal.action not in (Action.BUY, Action.SELL):
        return signal
    if rules.sell_means is None:
        return refusal(Reason.SIGNAL_SIDE_UNKNOWN, signal.action.value)
    if signal.action is Action.BUY:
        return signal._replace(action=Action.LONG)
    closes = rules.sell_means is SellMeans.CLOSE
    return signal._replace(action=Action.CLOSE if closes else Action.SHORT)


def as_addition(state: BotState, signal: Signal) -> Signal | Finding:
    """Return an ADD as a signal for the side that is held, or why it adds to nothing."""
    if signal.action is not Action.ADD:
        return signal
    held = state.side
    if held is None:
        return refusal(Reason.ADD_NOTHING_OPEN)
    if signal.adds_to is not None and signal.adds_to is not held:
        return refusal(Reason.ADD_OTHER_SIDE, held.value, signal.adds_to.value)
    return signal._replace(action=Action(held.value))
