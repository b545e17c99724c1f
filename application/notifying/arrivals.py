"""The words for an alert that asked to close and reached nobody."""

from collections.abc import Iterable, Iterator

from application.notice import Kind, Notice, Weight
from application.ports.inbox import Routed
from application.tracing.arrival import chart_name
from domain.reason_catalogue import entry, sentence
from domain.reasons import Finding
from domain.signal import Action, Signal


def closes_without_bot(routed: Iterable[tuple[Signal, Routed]]) -> Iterator[Notice]:
    """Yield a notice for every CLOSE that was given to no bot: it could not act."""
    for signal, one in routed:
        if one.bots or signal.action is not Action.CLOSE:
            continue
        value, limit = one.value or None, one.limit or None
        why = sentence(Finding(one.reason, passed=False, value=value, limit=limit))
        chart = chart_name(signal)
        yield Notice(
            kind=Kind.CLOSE_FAILED,
            weight=Weight.ALARM,
            title=f"CLOSE reached no bot{f': {chart}' if chart else ''}",
            lines=(
                why,
                "Whatever is open stays open.",
                f"What to do: {entry(one.reason).fix}",
            ),
            alert=signal.alert,
        )
