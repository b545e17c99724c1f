"""The live log from memory: what each bot made of each alert, newest first."""

from adapters.store.memory.database import JobRow, MemoryDatabase
from application.ports.views import Came, Only, WorkRow
from domain.order import Order, OrderStatus

_TROUBLE = (
    OrderStatus.REJECTED,
    OrderStatus.UNKNOWN,
    OrderStatus.NOT_PLACED,
    OrderStatus.NEEDS_OPERATOR,
)


def line(database: MemoryDatabase, row: JobRow) -> WorkRow:
    """Return a job as a line of the live log."""
    job, account = row.job, database.account(row.key.account).config
    market = database.market(row.key)
    alert = None if row.alert is None else database.alerts[row.alert]
    return WorkRow(
        job=job.id,
        alert=row.alert,
        received_at=row.queued_at if alert is None else alert.received_at,
        finished_at=row.finished_at,
        bot=database.bot(job.bot).config.name,
        account=account.name,
        mode=account.mode,
        symbol=row.key.symbol,
        base=market.base,
        quote=market.quote,
        signal=job.signal,
        status=job.status,
        decision=job.decisions[-1] if job.decisions else None,
        order=_order(row),
    )


def is_wanted(row: JobRow, found: WorkRow, only: Only) -> bool:
    """Say whether a line is among those that are asked for."""
    reason = found.decision.reason if found.decision else None
    return (
        only.bot in (None, found.bot)
        and only.account in (None, found.account)
        and only.symbol in (None, found.symbol)
        and (not only.reasons or reason in only.reasons)
        and (only.since is None or row.queued_at >= only.since)
        and (not only.alerts or found.alert in only.alerts)
        and (only.came is None or only.came in _came(row))
    )


def _came(row: JobRow) -> list[Came]:
    made = [one.order for one in row.job.orders]
    came = [Came.TRADED] if any(one.filled for one in made) else []
    if any(one.status in _TROUBLE for one in made):
        came.append(Came.TROUBLE)
    if row.job.decisions and not made:
        came.append(Came.NOTHING)
    return came


def _order(row: JobRow) -> Order | None:
    made = [one.order for one in row.job.orders]
    filled = [one for one in made if one.filled]
    return next(reversed(filled or made), None)
