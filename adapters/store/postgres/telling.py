"""What one transaction's steps tell the dashboard and the notifier."""

from collections.abc import Iterator, Sequence

from adapters.store.postgres.events import Event, EventKind
from application.records import Changes, Job, Step
from domain.signal import AlertId


def told(steps: Sequence[Step]) -> list[Event]:
    """Return the events of one key's steps, in the order in which things happened.

    An order that moves twice in a transaction is told once, as it is in the end.
    """
    last = {
        one.order.id: place
        for place, step in enumerate(steps)
        for one in step.changes.orders
    }
    return [
        event
        for place, step in enumerate(steps)
        for event in _of(step, {id for id, at in last.items() if at == place})
    ]


def _of(step: Step, orders: set[str]) -> Iterator[Event]:
    changes = step.changes
    job = next(one for one in step.before.jobs if one.id == changes.job)
    alert = job.signal.alert if job.signal else None
    for decision in changes.decisions:
        payload = {"job": str(job.id), "reason": decision.reason.value}
        yield Event(EventKind.DECISION, alert, decision.bot, payload)
    yield from _money(changes, job, alert, orders)


def _money(
    changes: Changes, job: Job, alert: AlertId | None, orders: set[str]
) -> Iterator[Event]:
    owners = {one.id: one.bot for one in (*job.intents, *changes.intents)}
    bots = {one.order.id: owners[one.intent] for one in changes.orders}
    for working in changes.orders:
        if working.order.id in orders:
            payload = {"order": working.order.id, "status": working.order.status.value}
            yield Event(EventKind.ORDER, alert, bots[working.order.id], payload)
    for fill in changes.fills:
        payload = {"order": fill.order, "trade": fill.trade_id}
        yield Event(EventKind.FILL, alert, bots[fill.order], payload)
    for closed in changes.trades:
        payload = {"intent": closed.intent, "pnl": f"{closed.trade.pnl:f}"}
        yield Event(EventKind.TRADE, alert, closed.bot, payload)
