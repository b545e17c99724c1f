"""One alert whole: what came, and what every bot made of it."""

from adapters.store.memory.database import JobRow, MemoryDatabase
from adapters.store.memory.notices import NoticeRow
from application.ports.views import (
    AlertRow,
    AlertTrace,
    JobTrace,
    NoticeTrace,
    OrderTrace,
)
from application.records import WorkingOrder
from domain.money import total


def trace(database: MemoryDatabase, row: AlertRow) -> AlertTrace:
    """Return an alert with all that came of it."""
    own = [job for job in database.jobs.values() if job.alert == row.id]
    return AlertTrace(
        alert=row,
        jobs=tuple(_job(database, job) for job in own),
        notices=tuple(
            _notice(one) for one in database.notices if one.notice.alert == row.id
        ),
    )


def _notice(row: NoticeRow) -> NoticeTrace:
    return NoticeTrace(
        title=row.notice.title,
        at=row.at,
        told_at=row.told_at,
        channel=row.channel,
        error=row.error,
    )


def _job(database: MemoryDatabase, row: JobRow) -> JobTrace:
    job, account = row.job, database.account(row.key.account).config
    market = database.market(row.key)
    mine = {one.id for one in job.intents}
    return JobTrace(
        bot=database.bot(job.bot).config.name,
        account=account.name,
        mode=account.mode,
        symbol=row.key.symbol,
        base=market.base,
        quote=market.quote,
        status=job.status,
        queued_at=row.queued_at,
        finished_at=row.finished_at,
        decisions=job.decisions,
        decision_bots=tuple(database.bot(one.bot).config.name for one in job.decisions),
        intents=job.intents,
        orders=tuple(_order(database, row, working) for working in job.orders),
        trades=tuple(
            entry.closed.trade for entry in database.trades if entry.closed.intent in mine
        ),
    )


def _order(database: MemoryDatabase, row: JobRow, working: WorkingOrder) -> OrderTrace:
    id = working.order.id
    paid = [
        one.fill
        for one in database.executions.get(row.key.account, [])
        if one.fill.order == id
    ]
    return OrderTrace(
        intent=working.intent,
        order=working.order,
        created_at=row.orders_made[id],
        transitions=tuple(database.transitions.get(id, ())),
        fees=total(fill.fee for fill in paid),
        fee_currency=paid[0].fee_currency if paid else "",
    )
