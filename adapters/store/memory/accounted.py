"""The promises, counted from the tables: what came in against what came of it."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal

from adapters.store.memory.database import MemoryDatabase
from application.ports.views import Accounted, AlertRow
from application.records import Intent, IntentStatus, JobCause, JobStatus, WorkingOrder
from domain.money import ZERO, total
from domain.order import OrderId, OrderStatus
from domain.reasons import Reason

_SENT = (IntentStatus.DONE, IntentStatus.FAILED)
_UNDER_WAY = (IntentStatus.WAITING, IntentStatus.WORKING)


def count(database: MemoryDatabase, at_venue: Mapping[OrderId, Decimal]) -> Accounted:
    """Count everything that is kept, and hold it against what the venue executed."""
    alerts = list(database.alerts.values())
    jobs = [row.job for row in database.jobs.values()]
    intents = [one for job in jobs for one in job.intents]
    orders = [one for job in jobs for one in job.orders]
    statuses = Counter(one.order.status for one in orders)
    ends = Counter(one.status for one in intents)
    recorded = _recorded(database)
    return Accounted(
        alerts=sum(_accepted(row) for row in alerts),
        refused=sum(not _accepted(row) for row in alerts) + database.refused.total(),
        duplicates=sum(row.duplicates for row in alerts),
        decisions=sum(len(job.decisions) for job in jobs),
        intents=len(intents),
        orders=len(orders),
        filled=statuses[OrderStatus.FILLED],
        denied=ends[IntentStatus.DENIED],
        rejected=statuses[OrderStatus.REJECTED],
        needs_operator=ends[IntentStatus.NEEDS_OPERATOR],
        pending=len(database.waiting)
        + sum(one.status is not JobStatus.DONE for one in jobs),
        lost=_lost(database, intents, orders),
        doubled=_doubled(database, intents, orders),
        unmatched=sum(
            recorded.get(id) != at_venue.get(id) for id in {*recorded, *at_venue}
        ),
        placed=len(at_venue),
        recorded=len(recorded),
        decisions_by_reason=_reasons(database),
    )


def _accepted(row: AlertRow) -> bool:
    return row.signal is not None and row.reason is not Reason.ALERT_ID_REUSED


def _lost(
    database: MemoryDatabase, intents: list[Intent], orders: list[WorkingOrder]
) -> int:
    """Count what was promised and has neither an outcome nor anybody who works on it."""
    reached = {row.alert for row in database.jobs.values()}
    done = [row.job for row in database.jobs.values() if row.job.status is JobStatus.DONE]
    sent = {one.intent for one in orders}
    return (
        sum(
            row.reason is Reason.ROUTED and row.id not in reached
            for row in database.alerts.values()
        )
        + sum(job.cause is JobCause.SIGNAL and not job.decisions for job in done)
        + sum(one.status in _SENT and one.id not in sent for one in intents)
        + sum(one.status in _UNDER_WAY for job in done for one in job.intents)
    )


def _doubled(
    database: MemoryDatabase, intents: list[Intent], orders: list[WorkingOrder]
) -> int:
    filled: dict[str, Decimal] = {}
    for one in orders:
        filled[one.intent] = total((filled.get(one.intent, ZERO), one.order.filled))
    pairs = Counter(
        (row.alert, row.job.bot) for row in database.jobs.values() if row.alert is not None
    )
    trades = Counter(
        (account, one.symbol, one.fill.trade_id)
        for account, known in database.executions.items()
        for one in known
    )
    over = sum(filled.get(one.id, ZERO) > (one.quantity or ZERO) for one in intents)
    repeated = sum(times > 1 for counted in (pairs, trades) for times in counted.values())
    return over + repeated


def _recorded(database: MemoryDatabase) -> dict[OrderId, Decimal]:
    """Return what our book has executed of every order on paper."""
    paper = {row.id for row in database.accounts.values() if row.config.mode == "paper"}
    ours: dict[OrderId, Decimal] = {}
    for account, known in database.executions.items():
        for one in known if account in paper else ():
            quantity = total((ours.get(one.fill.order, ZERO), one.fill.quantity))
            ours[one.fill.order] = quantity
    return ours


def _reasons(database: MemoryDatabase) -> dict[Reason, int]:
    newest = [
        row.job.decisions[-1].reason for row in database.jobs.values() if row.job.decisions
    ]
    nowhere = [
        row.reason
        for row in database.alerts.values()
        if row.reason is not None and row.reason is not Reason.ROUTED
    ]
    return dict(Counter((*newest, *nowhere)))
