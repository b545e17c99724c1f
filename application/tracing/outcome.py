"""The first line of a trace: what an alert caused or why it caused nothing."""

from datetime import timedelta
from decimal import Decimal

from application import wording
from application.ports.views import AlertRow, AlertTrace, JobTrace
from application.records import DecisionRecord, IntentStatus
from application.tracing.execution import Execution, executions
from domain.order import OrderStatus
from domain.position import Trade
from domain.reason_catalogue import entry, sentence, verdict
from domain.reasons import Finding, Reason, ReasonClass

EXIT_RULES = {
    Reason.EXIT_STOP_LOSS: "stop loss",
    Reason.EXIT_TAKE_PROFIT: "take profit",
    Reason.EXIT_TRAILING_STOP: "trailing stop",
    Reason.EXIT_MAX_BARS: "maximum number of bars",
    Reason.EXIT_FLATTENED: "operator",
    Reason.EXIT_BY_VENUE: "venue",
}


def headline(trace: AlertTrace) -> str:
    """Return the alert's outcome, a line for every bot it reached."""
    alert, jobs = trace.alert, trace.jobs
    if not jobs:
        return _went_nowhere(alert)
    if len(jobs) == 1:
        return job_sentence(alert, jobs[0])
    return "\n".join(f"{job.bot}: {job_sentence(alert, job)}" for job in jobs)


def job_sentence(alert: AlertRow, job: JobTrace) -> str:
    """Return what one bot made of an alert."""
    if not job.decisions:
        return f"Waiting: bot {job.bot} has not decided yet."
    done = executions(job)
    told = [_moved(alert, job, done), *(_unfinished(one) for one in done)]
    last = job.decisions[-1]
    acted = any(one.filled for one in done)
    if entry(last.reason).reason_class is not ReasonClass.TRADED:
        told.append(_nothing(job, last, acted=acted))
    elif last.reason is Reason.EXIT_OPPOSITE:
        told += [
            f"Not reversed: {sentence(one)}" for one in last.findings if not one.passed
        ]
    return " ".join(text for text in told if text) or f"Decided: {reason_sentence(last)}"


def reason_sentence(decision: DecisionRecord) -> str:
    """Return a decision's reason in words, with what was measured."""
    measured = [one for one in decision.findings if one.reason is decision.reason]
    return sentence(measured[-1] if measured else Finding(decision.reason, passed=False))


def routing_finding(alert: AlertRow) -> Finding:
    """Return why an alert went to no bot."""
    reason = alert.reason or Reason.ROUTED
    return Finding(
        reason, passed=False, value=alert.value or None, limit=alert.limit or None
    )


def profit(trade: Trade, quote: str) -> str:
    """Return what a round trip earned: ``+12.34 USDT after fees``."""
    return f"{wording.gain(trade.pnl)} {quote} after fees"


def difference(price: Decimal, seen: Decimal, *, buys: bool) -> str:
    """Return how much worse or better than the price decided on: ``1.0 bps worse than``."""
    away = wording.basis_points(price, seen)
    if not away:
        return "exactly"
    worse = (away > 0) is buys
    return f"{away.copy_abs()} bps {'worse' if worse else 'better'} than"


def _went_nowhere(alert: AlertRow) -> str:
    if alert.reason is None:
        return "Waiting: received and kept, and not yet given to a bot."
    if alert.reason is Reason.ROUTED:
        return "Waiting: it was routed, and its work has not begun."
    if alert.signal is None and alert.detail:
        return f"Refused: {alert.detail}"
    return f"{verdict(alert.reason)}: {sentence(routing_finding(alert))}"


def _nothing(job: JobTrace, decision: DecisionRecord, *, acted: bool) -> str:
    why = reason_sentence(decision)
    if acted:
        return f"Nothing was opened after it: {why}"
    word = verdict(decision.reason)
    what = "was not allowed to enter" if word == "Denied" else "did nothing"
    return f"{word}: bot {job.bot} {what}. {why}"


def _moved(alert: AlertRow, job: JobTrace, done: tuple[Execution, ...]) -> str:
    """Return what was executed, as one sentence; empty when nothing was."""
    trades = list(job.trades)
    clauses: list[str] = []
    for one in done:
        if not one.filled:
            continue
        if one.intent.enters:
            clauses.append(_entered(alert, one))
        else:
            closes = one.intent.status is IntentStatus.DONE and bool(trades)
            clauses.append(_left(job, one, trades.pop(0) if closes else None))
    if not clauses:
        return ""
    reverses = len(clauses) > 1 and done[0].intent.reason is Reason.EXIT_REVERSED
    text = (" and reversed: " if reverses else "; ").join(clauses)
    return f"{text[0].upper()}{text[1:]}{_after(alert, job, done)}."


def _entered(alert: AlertRow, one: Execution) -> str:
    price = one.average_price or Decimal(0)
    order = one.orders[0].order
    verb = "bought" if one.buys else "sold short"
    text = f"{verb} {one.amount} at {wording.price(price, order.decision_price)}"
    if not order.decision_price:
        return text
    away = difference(price, order.decision_price, buys=one.buys)
    seen = "alert price" if _is_alert_price(alert, order.decision_price) else "price seen"
    return f"{text}, {away} the {seen}"


def _left(job: JobTrace, one: Execution, trade: Trade | None) -> str:
    price, order = one.average_price or Decimal(0), one.orders[0].order
    whose = f" of bot {one.bot}" if one.bot != job.bot else ""
    text = f"closed {one.amount} {one.intent.side.value.lower()}{whose}"
    if one.intent.reason in EXIT_RULES:
        text += f" by its {EXIT_RULES[one.intent.reason]}"
    text += f" at {wording.price(price, order.decision_price or None)}"
    return text if trade is None else f"{text}, {profit(trade, job.quote)}"


def _after(alert: AlertRow, job: JobTrace, done: tuple[Execution, ...]) -> str:
    """Return how long it took; where fills have the bar's time, until the work was done."""
    times = [one.last_fill for one in done if one.last_fill is not None]
    for at in (times[-1] if times else None, job.finished_at):
        took = at - alert.received_at if at is not None else None
        if took is not None and took >= timedelta():
            return f", {wording.duration(took)} after it arrived"
    return ""


def _is_alert_price(alert: AlertRow, price: Decimal) -> bool:
    return alert.signal is not None and alert.signal.price == price


_UNFINISHED = {
    OrderStatus.PLANNED: "The order to {what} is about to leave.",
    OrderStatus.SUBMITTING: "The order to {what} is on its way.",
    OrderStatus.OPEN: "The order to {what} is working at the venue.",
    OrderStatus.PARTIALLY_FILLED: "The rest of the order to {what} is still working.",
    OrderStatus.UNKNOWN: "Unknown: the order to {what} may or may not have arrived. The"
    " venue is being asked, and nothing is sent again until it has told.{seen}",
    OrderStatus.NEEDS_OPERATOR: "Needs you: the venue cannot tell what became of the order"
    " to {what}.{seen}",
    OrderStatus.REJECTED: "Rejected: the venue refused the order to {what}.{seen}",
    OrderStatus.DENIED: "Denied: the order to {what} was held back in time.{seen}",
    OrderStatus.CANCELED: "The order to {what} was canceled.{seen}",
    OrderStatus.EXPIRED: "The order to {what} expired.{seen}",
    OrderStatus.NOT_PLACED: "The order to {what} never reached the venue.{seen}",
}


def _unfinished(one: Execution) -> str:
    """Return what became of an intent that was not executed in full; empty if it was."""
    order = one.order
    if order is None:
        waits = one.intent.status is IntentStatus.WAITING
        return "The entry waits until the close is confirmed." if waits else ""
    if order.status is OrderStatus.FILLED:
        return ""
    verb = "buy" if one.buys else "sell"
    what = f"{verb} {wording.number(order.quantity)} {one.base}"
    seen = f" {one.evidence}" if one.evidence else ""
    return _UNFINISHED[order.status].format(what=what, seen=_stopped(seen))


def _stopped(text: str) -> str:
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."
