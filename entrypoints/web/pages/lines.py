"""Rows of lists in words: what came of it, why, and how long it took."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from application.ports.views import AlertSummary, WorkRow
from application.records import DecisionRecord, JobStatus
from application.tracing.arrival import chart_name
from application.tracing.outcome import reason_sentence
from domain.money import divide_down
from domain.order import Order, OrderStatus
from domain.reason_catalogue import entry, verdict
from domain.reasons import Reason, ReasonClass


class Pill(NamedTuple):
    """A status: its word, its icon and how it is colored."""

    word: str
    icon: str
    level: str


WAITING = Pill("waiting", "clock", "quiet")
_ORDERS = {
    OrderStatus.PLANNED: Pill("planned", "clock", "info"),
    OrderStatus.DENIED: Pill("denied", "shield", "warn"),
    OrderStatus.SUBMITTING: Pill("sending", "circle-dot", "info"),
    OrderStatus.OPEN: Pill("working", "circle-dot", "info"),
    OrderStatus.PARTIALLY_FILLED: Pill("partial", "circle-dot", "info"),
    OrderStatus.FILLED: Pill("filled", "circle-check", "good"),
    OrderStatus.CANCELED: Pill("canceled", "circle-minus", "quiet"),
    OrderStatus.EXPIRED: Pill("expired", "circle-minus", "quiet"),
    OrderStatus.REJECTED: Pill("rejected", "circle-x", "bad"),
    OrderStatus.UNKNOWN: Pill("unknown", "circle-question-mark", "warn"),
    OrderStatus.NOT_PLACED: Pill("not placed", "triangle-alert", "warn"),
    OrderStatus.NEEDS_OPERATOR: Pill("needs you", "triangle-alert", "bad"),
}
_VERDICTS = {
    "Traded": Pill("traded", "circle-check", "good"),
    "Skipped": Pill("skipped", "circle-slash", "quiet"),
    "Denied": Pill("denied", "shield", "warn"),
    "Refused": Pill("refused", "circle-x", "bad"),
    "Failed": Pill("failed", "circle-x", "bad"),
}
_ROUTED = Pill("routed", "circle-dot", "info")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the live log as it is shown."""

    row: WorkRow
    pill: Pill
    why: str
    action: str
    """What was done: buy, sell short, close long; empty when nothing was."""
    buys: bool
    quantity: Decimal | None
    price: Decimal | None
    latency: timedelta | None


def order_pill(order: Order) -> Pill:
    """Return how an order stands."""
    if order.filled and order.status in (OrderStatus.CANCELED, OrderStatus.EXPIRED):
        return Pill("partial", "circle-minus", "info")
    return _ORDERS[order.status]


def reason_pill(reason: Reason) -> Pill:
    """Return what a reason means for an alert."""
    return _ROUTED if reason is Reason.ROUTED else _VERDICTS[verdict(reason)]


def work_line(row: WorkRow) -> Line:
    """Return a line of the live log."""
    order = row.order
    return Line(
        row=row,
        pill=_pill(row),
        why=_why(row),
        action="" if order is None else action(order),
        buys=order is not None and order.buys,
        quantity=None if order is None else order.filled or order.quantity,
        price=None if order is None else average_price(order),
        latency=_latency(row),
    )


def action(order: Order) -> str:
    """Return what an order does, as a trader says it."""
    side = order.side.value.lower()
    return f"close {side}" if order.reduces else side


def average_price(order: Order) -> Decimal | None:
    """Return what was paid or received per unit; None when nothing was executed."""
    return divide_down(order.cost, order.filled) if order.filled else None


def alert_pill(row: AlertSummary) -> Pill:
    """Return what became of an alert over all the bots that it reached."""
    if row.reason is None:
        return WAITING
    if row.reason is not Reason.ROUTED or not row.outcomes:
        return reason_pill(row.reason)
    reasons = [reason for _, reason in row.outcomes]
    known = [reason for reason in reasons if reason is not None]
    if len(known) < len(reasons):
        return WAITING
    return min((reason_pill(one) for one in known), key=lambda pill: _RANKS[pill.word])


_RANKS = {"traded": 0, "failed": 1, "refused": 2, "denied": 3, "skipped": 4, "routed": 5}


def alert_chart(row: AlertSummary) -> str:
    """Return the chart an alert names."""
    return chart_name(row.signal) if row.signal else ""


def _pill(row: WorkRow) -> Pill:
    if row.order is not None:
        return order_pill(row.order)
    if row.decision is None:
        return WAITING
    return reason_pill(row.decision.reason)


def _why(row: WorkRow) -> str:
    if row.decision is None:
        return "not decided yet"
    reason = row.decision.reason
    if entry(reason).reason_class is ReasonClass.TRADED:
        return reason.value
    return reason_sentence(_shortened(row.decision))


def _shortened(decision: DecisionRecord) -> DecisionRecord:
    """Return a decision whose indicators are short enough for a line."""
    findings = tuple(
        one._replace(value=round(one.value, 2)) if isinstance(one.value, float) else one
        for one in decision.findings
    )
    return replace(decision, findings=findings)


def _latency(row: WorkRow) -> timedelta | None:
    if row.status is not JobStatus.DONE or row.finished_at is None:
        return None
    return max(row.finished_at - row.received_at, timedelta())
