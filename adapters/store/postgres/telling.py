"""What one transaction's steps tell the dashboard and the notifier."""

from collections.abc import Iterator, Mapping, Sequence

from adapters.store.postgres.events import Event, EventKind
from application.records import Changes, Desk, Job
from domain.signal import AlertId


def told(desk: Desk, steps: Sequence[Changes]) -> list[Event]:
    """Return the events of the steps, in the order in which things happened."""
    jobs = {job.id: job for job in desk.jobs}
    return [event for changes in steps for event in _of(changes, jobs[changes.job])]


def _of(changes: Changes, job: Job) -> Iterator[Event]:
    alert = job.signal.alert if job.signal else None
    for decision in changes.decisions:
        payload = {"job": str(job.id), "reason": decision.reason.value}
        yield Event(EventKind.DECISION, alert, decision.bot, payload)
    yield from _money(changes, alert, _bots(changes, job))


def _money(
    changes: Changes, alert: AlertId | None, bots: Mapping[str, int]
) -> Iterator[Event]:
    for working in changes.orders:
        payload = {"order": working.order.id, "status": working.order.status.value}
        yield Event(EventKind.ORDER, alert, bots[working.order.id], payload)
    for fill in changes.fills:
        payload = {"order": fill.order, "trade": fill.trade_id}
        yield Event(EventKind.FILL, alert, bots[fill.order], payload)
    for closed in changes.trades:
        payload = {"intent": closed.intent, "pnl": f"{closed.trade.pnl:f}"}
        yield Event(EventKind.TRADE, alert, closed.bot, payload)


def _bots(changes: Changes, job: Job) -> dict[str, int]:
    """Return whose each order of the step is."""
    owners = {one.id: one.bot for one in (*job.intents, *changes.intents)}
    return {one.order.id: owners[one.intent] for one in changes.orders}
