"""Keeping what one step decided."""

from bisect import insort
from collections.abc import Iterable

from adapters.store.memory.database import JobRow, MemoryDatabase
from adapters.store.memory.rows import Execution, TradeEntry
from adapters.store.shared import braked, statuses_after
from application.in_use import lost_in_row
from application.notifying.states import state_changed
from application.notifying.work import notices
from application.ports.configuration import Scope, StateChange
from application.ports.news import EventKind
from application.records import (
    BotId,
    Changes,
    Desk,
    FillRecord,
    Intent,
    IntentStatus,
    Job,
    JobStatus,
    Step,
    WorkingOrder,
)
from application.reserving import LIVE, ReservationKind, Reserving, reserving
from application.steps import with_changes
from application.usage import fee_worth, held_quantity, marked
from domain.money import ZERO, add, subtract
from domain.order import OrderStatus
from domain.reasons import Finding
from domain.risk import TradingState
from domain.signal import Direction
from domain.state import BotState


def save(database: MemoryDatabase, steps: Iterable[Step]) -> None:
    """Keep steps in their order; the caller holds the lock."""
    for desk, changes in steps:
        _checked(database, changes)
        _save(database, desk, changes)
        database.notify(notices([Step(desk, changes)]))


def _checked(database: MemoryDatabase, changes: Changes) -> None:
    """Go through the order table before anything is kept.

    Raises:
        KeyError: If something happened that cannot happen.
    """
    new = (one.order.id for one in changes.orders)
    known: dict[str, OrderStatus] = dict.fromkeys(new, OrderStatus.PLANNED)
    known |= _statuses(database.jobs[changes.job].job)
    for _ in statuses_after(known, changes.transitions):
        pass


def _save(database: MemoryDatabase, desk: Desk, changes: Changes) -> None:
    row = database.jobs[changes.job]
    reserved = reserving(desk, changes)
    row.job = with_changes(row.job, changes)
    _money(database, desk, row, changes)
    _reserve(database, reserved)
    for bot, state in changes.states.items():
        _state(database, row, bot, state)
    for timer in changes.timers:
        database.timers[timer.bot] = timer.due_at
    if changes.mark is not None:
        begins = database.account(row.key.account).config.day_start
        known = database.marks.get(row.key)
        database.marks[row.key] = marked(known, changes.mark, begins)
    if changes.brake is not None:
        _brake(database, row, changes.brake)
    if changes.status is JobStatus.DONE:
        database.finish(row)
    _tell(database, row, changes)


def _tell(database: MemoryDatabase, row: JobRow, changes: Changes) -> None:
    told = (
        (EventKind.DECISION, changes.decisions),
        (EventKind.ORDER, changes.orders),
        (EventKind.FILL, changes.fills),
        (EventKind.TRADE, changes.trades),
    )
    for kind, happened in told:
        for _ in happened:
            database.tell(kind, row.alert)


def _money(database: MemoryDatabase, desk: Desk, row: JobRow, changes: Changes) -> None:
    for intent in changes.intents:
        _intent(database, row, intent)
    for working in changes.orders:
        row.orders_made.setdefault(working.order.id, database.clock.now())
    for transition in changes.transitions:
        database.transitions.setdefault(transition.order, []).append(transition)
    for fill in changes.fills:
        _fill(database, desk, row, fill)
    database.dust.extend(changes.dust)
    _trades(database, row, changes)


def _statuses(job: Job) -> dict[str, OrderStatus]:
    return {working.order.id: working.order.status for working in job.orders}


def _intent(database: MemoryDatabase, row: JobRow, intent: Intent) -> None:
    database.owners.setdefault(intent.id, row.job.id)
    if not intent.enters:
        return
    live = database.live.setdefault(intent.bot, {})
    began = intent.id not in live and intent.status is IntentStatus.WORKING
    if intent.status in LIVE:
        live[intent.id] = None
    else:
        live.pop(intent.id, None)
    if began and intent.at is not None:
        insort(database.entries.setdefault(row.key.account, []), (intent.at, intent.id))


def _fill(database: MemoryDatabase, desk: Desk, row: JobRow, fill: FillRecord) -> None:
    working: WorkingOrder = next(
        one for one in row.job.orders if one.order.id == fill.order
    )
    _, intent = database.intent(working.intent)
    held = held_quantity(fill, desk.instrument.base, enters=intent.enters)
    bought = (intent.side is Direction.LONG) is intent.enters
    account = database.account(row.key.account)
    fee = fee_worth(fill, held, desk.account.currency)
    account.realized = add(account.realized, fill.realized)
    account.fees = add(account.fees, fee)
    quantity = held if bought else subtract(ZERO, held)
    execution = Execution(fill, intent.bot, row.key.symbol, quantity, fee)
    database.executed(account.id, execution)


def _trades(database: MemoryDatabase, row: JobRow, changes: Changes) -> None:
    for closed in changes.trades:
        id = len(database.trades) + 1
        database.trades.append(TradeEntry(id, closed, row.alert, row.key))
        database.timers.pop(closed.bot, None)
    if changes.trades:
        account = database.account(row.key.account)
        losses, won = lost_in_row(one.trade for one in changes.trades)
        account.losses_in_row = losses if won else account.losses_in_row + losses


def _reserve(database: MemoryDatabase, changed: Reserving) -> None:
    known = database.reservations
    for intent in changed.released_entries:
        known.pop((intent, ReservationKind.ENTRY), None)
    for name, one in list(known.items()):
        if one.kind is ReservationKind.REST and one.bot in changed.released_rests:
            del known[name]
    for one in changed.held:
        known[one.intent, one.kind] = one


def _state(database: MemoryDatabase, row: JobRow, bot: BotId, state: BotState) -> None:
    """Keep a bot's position and memory; a position keeps the revision of its entry."""
    kept = database.bot(bot)
    kept.state = BotState(state.position, (), state.memory)
    if state.position.is_flat:
        kept.bound = None
    elif kept.bound is None:
        entries = [one for one in row.job.intents if one.bot == bot and one.enters]
        revision = entries[-1].revision if entries else kept.revision
        kept.bound = (revision, kept.at(revision))


def _brake(database: MemoryDatabase, row: JobRow, brake: Finding) -> None:
    name = database.account(row.key.account).config.name
    known = database.states.get((Scope.ACCOUNT, name))
    if known is not None and known.state >= TradingState.REDUCING:
        return
    change = StateChange(
        scope=Scope.ACCOUNT,
        name=name,
        state=TradingState.REDUCING,
        author=braked(brake),
        at=database.clock.now(),
    )
    database.states[Scope.ACCOUNT, name] = change
    database.actions.append(change)
    database.tell(EventKind.STATE)
    database.notify([state_changed(change.scope, name, change.state, change.author)])
