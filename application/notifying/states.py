"""The words for a trading state that was changed, by a person or by a brake."""

from application.notice import Kind, Notice, Weight
from application.ports.configuration import Author, Scope
from domain.risk import TradingState

_TITLES = {
    TradingState.ACTIVE: "Active again: {whom} may trade",
    TradingState.REDUCING: "Reducing: {whom} opens nothing new",
    TradingState.HALTED: "Halted: signals cause nothing for {whom}",
}
_MEANS = {
    TradingState.ACTIVE: "What was missed meanwhile is not replayed.",
    TradingState.REDUCING: "Closing goes on, and so do stops.",
    TradingState.HALTED: "Stops go on. Positions stay until somebody closes them.",
}
BRAKE = "brake"


def state_changed(scope: Scope, name: str, state: TradingState, author: Author) -> Notice:
    """Return the notice of a state that somebody set, or that a brake did."""
    whom = _whom(scope, name)
    by_brake = author.source == BRAKE
    reason = author.reason
    if by_brake:  # what stands before the words is the code, for the audit
        reason = reason.partition(": ")[2] or reason
    who = "A brake fired" if by_brake else f"By {author.name}, from the {author.source}"
    said = f"{who}: {reason}" if reason else who
    means = _MEANS[state]
    if by_brake:
        means = f"{means} `signalman state active --account {name}` resumes."
    return Notice(
        kind=Kind.RESUMED if state is TradingState.ACTIVE else Kind.STOPPED,
        weight=Weight.ALARM if by_brake or state is TradingState.HALTED else Weight.NEWS,
        title=_TITLES[state].format(whom=whom),
        lines=(said if said.endswith(".") else f"{said}.", means),
    )


def flattened(scope: Scope, name: str, outcome: str, *, is_flat: bool) -> Notice:
    """Return the notice of a flattening that ended, whether all is flat or not."""
    whom = _whom(scope, name)
    if is_flat:
        title, then = f"Flattened: {whom}", "Trading stays halted until somebody resumes."
    else:
        title = f"Needs you: {whom} is not confirmed flat"
        then = "Look at the venue, then flatten again."
    said = f"{outcome[:1].upper()}{outcome[1:]}"
    return Notice(
        kind=Kind.STOPPED if is_flat else Kind.NEEDS_OPERATOR,
        weight=Weight.NEWS if is_flat else Weight.ALARM,
        title=title,
        lines=(said if said.endswith(".") else f"{said}.", then),
    )


def _whom(scope: Scope, name: str) -> str:
    return "the whole installation" if scope is Scope.GLOBAL else f"{scope.value} {name}"
