"""The words for what was to happen and did not, or may have happened."""

from application import wording
from application.answers import ALREADY_FLAT
from application.notice import Kind, Notice, Weight
from application.notifying.about import About, of_bot
from application.records import DecisionRecord, Desk, Job
from domain.order import Order, OrderStatus
from domain.position import Position
from domain.reason_catalogue import entry, sentence
from domain.reasons import Finding, Reason

_ENDED = {
    OrderStatus.DENIED: "was held back at the last check",
    OrderStatus.CANCELED: "was canceled",
    OrderStatus.EXPIRED: "expired",
    OrderStatus.NOT_PLACED: "never reached the venue",
}


def rejected(about: About, order: Order) -> Notice:
    """Return the notice of the venue's own refusal."""
    seen = about.evidence(order)
    said = f"The venue refused {about.whole(order)}{f': {seen}' if seen else ''}."
    if about.intent.enters:
        return _of_entry(about, Kind.REJECTED, "Rejected", (said, "Nothing was opened."))
    if ALREADY_FLAT in seen:
        lines = (
            "There is nothing to close at the venue any more.",
            "Our books still hold it: signalman reconcile shows both.",
        )
        title = f"Already flat: {about.side}"
        return _notice(about, Kind.CLOSE_FAILED, title, (lines, Weight.ALARM))
    return _of_exit(about, "Close rejected", (said, *_still_open(about)))


def not_executed(about: About, order: Order) -> Notice:
    """Return the notice of an order that ended without any fill."""
    seen = _denial(about) or about.evidence(order)
    ended = _ENDED.get(order.status, "ended")
    said = f"The order for {about.whole(order)} {ended}{f': {seen}' if seen else ''}"
    said = said if said.endswith(".") else f"{said}."
    if about.intent.enters:
        lines = (said, "Nothing was opened.")
        return _of_entry(about, Kind.NOT_EXECUTED, "Not executed", lines)
    return _of_exit(about, "Close not executed", (said, *_still_open(about)))


def in_doubt(about: About, order: Order) -> Notice:
    """Return the notice of an order that may or may not have arrived."""
    seen = about.evidence(order)
    told = f": {seen}" if seen else ""
    lines = (
        f"Whether {about.whole(order)} reached the venue is not known{told}.",
        "The venue is asked until it tells; nothing is sent twice.",
    )
    weight = Weight.NEWS if about.intent.enters else Weight.ALARM
    what = "entry" if about.intent.enters else "close"
    return _notice(about, Kind.UNKNOWN, f"Unknown {about.side} {what}", (lines, weight))


def needs_operator(about: About, order: Order) -> Notice:
    """Return the notice of an order that only a person can clear up."""
    lines = (
        f"What became of {about.whole(order)} is not known, and the venue cannot tell.",
        f"Look there for {order.id}, then: signalman order settle {order.id[:12]}",
    )
    what = "entry" if about.intent.enters else "close"
    title = f"Needs you: {about.side} {what}"
    return _notice(about, Kind.NEEDS_OPERATOR, title, (lines, Weight.ALARM))


def half_reversed(about: About) -> Notice:
    """Return the notice of a reversal whose second half was not allowed."""
    decided = [one for one in about.step.decisions if one.bot == about.intent.bot]
    why = _in_words(decided[-1]) if decided else ""
    lines = (f"The position was closed, and no {about.side} was opened.", why)
    return _of_entry(about, Kind.NOT_EXECUTED, "Not reversed", lines)


def close_did_nothing(
    desk: Desk, job: Job, decision: DecisionRecord, held: Position
) -> Notice:
    """Return the notice of a close that left the position as it was."""
    asked = job.signal.action.value if job.signal and job.signal.action else "CLOSE"
    side = held.side.value.lower() if held.side else ""
    guess = decision.reason is Reason.SIGNAL_SIDE_UNKNOWN
    average = held.average_price
    at = f" at {wording.average(average)} on average" if average else ""
    amount = f"{wording.number(held.quantity)} {desk.instrument.base}"
    where = of_bot(desk, desk.bots[job.bot])
    return Notice(
        kind=Kind.CLOSE_FAILED,
        weight=Weight.NEWS if guess else Weight.ALARM,
        title=f"{asked} did nothing: {side} {desk.key.symbol} stays open · {where}",
        lines=(
            _in_words(decision),
            f"Still held: {amount}{at}.",
            f"What to do: {entry(decision.reason).fix}",
        ),
        bot=job.bot,
        alert=job.signal.alert if job.signal else None,
    )


def _of_entry(about: About, kind: Kind, what: str, lines: tuple[str, ...]) -> Notice:
    kept = tuple(line for line in lines if line)
    return _notice(about, kind, f"{what}: {about.side} entry", (kept, Weight.NEWS))


def _of_exit(about: About, what: str, lines: tuple[str, ...]) -> Notice:
    title = f"{what}: {about.side} stays open"
    return _notice(about, Kind.CLOSE_FAILED, title, (lines, Weight.ALARM))


def _notice(
    about: About, kind: Kind, what: str, said: tuple[tuple[str, ...], Weight]
) -> Notice:
    lines, weight = said
    signal = about.job.signal
    return Notice(
        kind=kind,
        weight=weight,
        title=f"{what} {about.symbol} · {about.where}",
        lines=lines,
        bot=about.intent.bot,
        alert=signal.alert if signal else None,
    )


def _still_open(about: About) -> tuple[str, ...]:
    state = about.step.states.get(about.intent.bot, about.bot.state)
    amount = f"{wording.number(state.position.quantity)} {about.desk.instrument.base}"
    return (f"Still held: {amount}.", "Close it at the venue, or send CLOSE again.")


def _denial(about: About) -> str:
    """Return why we held the order back ourselves; empty where we did not."""
    denied = [one for one in about.step.decisions if one.bot == about.intent.bot]
    return _in_words(denied[-1]) if denied else ""


def _in_words(decision: DecisionRecord) -> str:
    own = [one for one in decision.findings if one.reason is decision.reason]
    return sentence((*own, Finding(decision.reason, passed=False))[0])
