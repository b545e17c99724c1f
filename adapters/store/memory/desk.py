"""Reading: the desk of a key, and what is in use when an entry is planned."""

from datetime import datetime, time, timedelta
from decimal import Decimal

from adapters.store.memory.database import AccountRow, BotRow, JobRow, MemoryDatabase
from application.ports.configuration import Scope
from application.records import (
    BotId,
    Desk,
    DeskAccount,
    DeskBot,
    Intent,
    IntentStatus,
    Job,
    JobId,
    Key,
    LoadedUsage,
    Mark,
    WorkingOrder,
)
from domain.fills import Costs
from domain.instrument import Instrument, Kind
from domain.money import ZERO, add, multiply, subtract, total
from domain.risk import TradingState, Usage
from domain.state import BotState, WorkingEntry

JOBS_MAX = 50
MINUTE = timedelta(seconds=60)


def load(database: MemoryDatabase, key: Key) -> Desk:
    """Return everything that bears on a key."""
    rows = database.unfinished(key)[:JOBS_MAX]
    account = database.account(key.account)
    instrument = database.listings[account.config.exchange, key.symbol].instrument
    wanted = {row.job.bot for row in rows} | {
        bot.id
        for bot in database.bots.values()
        if bot.key == key and is_busy(database, bot)
    }
    mark = database.marks.get(key)
    return Desk(
        key=key,
        installation=database.installation,
        now=database.clock.now(),
        account=_account(account, instrument),
        instrument=instrument,
        bots={id: _bot(database, database.bot(id)) for id in sorted(wanted)},
        jobs=tuple(row.job for row in rows),
        mark=mark.mark if mark else None,
        total_limits=database.limits,
    )


def load_usage(
    database: MemoryDatabase, desk: Desk, job: JobId, now: datetime
) -> LoadedUsage:
    """Return what is in use at the moment of a job's entry, without that entry."""
    asking = database.bot(next(one.bot for one in desk.jobs if one.id == job))
    account = database.account(desk.key.account)
    open_value, day_change = _marked(database, account, now)
    net = database.realized(account.id)
    equity = add(add(account.config.paper.balance, net), _unrealized(database, account))
    peak = max(account.equity_peak or equity, equity)
    account.equity_peak = peak
    today = day_start(now, account.config.day_start)
    others = [bot for bot in database.bots.values() if bot.id != asking.id]
    mine = [bot for bot in database.bots.values() if bot.account == account.id]
    usage = Usage(
        account_positions=sum(
            is_busy(database, bot) for bot in others if bot.account == account.id
        ),
        total_positions=sum(is_busy(database, bot) for bot in others),
        bot_notional=notional(database, asking, rest=False),
        account_notional=total(
            notional(database, bot, rest=bot.id != asking.id) for bot in mine
        ),
        entries_last_minute=_recent_entries(database, account, now),
        day_pnl=add(database.realized(account.id, today), day_change),
        equity=equity,
        equity_peak=peak,
        losses_in_row=_losses(database, account),
    )
    return LoadedUsage(job=job, usage=usage, open_value=open_value)


def intents_of(database: MemoryDatabase, bot: BotId) -> list[tuple[JobRow, Intent]]:
    """Return a bot's intents with their jobs, in order."""
    return [
        (row, intent)
        for row in database.jobs.values()
        for intent in row.job.intents
        if intent.bot == bot
    ]


def is_busy(database: MemoryDatabase, bot: BotRow) -> bool:
    """Say whether a bot holds a lot or has an intent that is not over."""
    return not bot.state.position.is_flat or any(
        not intent.status.is_over or intent.status is IntentStatus.NEEDS_OPERATOR
        for _, intent in intents_of(database, bot.id)
    )


def notional(database: MemoryDatabase, bot: BotRow, *, rest: bool) -> Decimal:
    """Return the cost of a bot's lots and what its live intents hold back."""
    held = bot.state.position.cost
    for _, intent in intents_of(database, bot.id):
        live = intent.status in (IntentStatus.WORKING, IntentStatus.NEEDS_OPERATOR)
        if live and intent.enters:
            held = add(held, intent.reserved)
    return add(held, reserved_rest(database, bot)) if rest else held


def reserved_rest(database: MemoryDatabase, bot: BotRow) -> Decimal:
    """Return what a reserving bot holds back for its later entries."""
    if not bot.state.memory.planned:
        return ZERO
    entries = [intent for _, intent in intents_of(database, bot.id) if intent.enters]
    return entries[-1].reserved_rest if entries else ZERO


def _account(row: AccountRow, instrument: Instrument) -> DeskAccount:
    paper = row.config.paper
    rate = instrument.taker_fee if paper.fee_rate is None else paper.fee_rate
    return DeskAccount(
        id=row.id,
        name=row.config.name,
        exchange=row.config.exchange,
        mode=row.config.mode,
        currency=paper.currency,
        start_balance=paper.balance,
        costs=Costs(rate, paper.slippage_bps),
        by_bar=paper.clock == "bar",
        limits=row.config.limits,
    )


def _bot(database: MemoryDatabase, row: BotRow) -> DeskBot:
    revision, config = row.bound or (row.revision, row.config)
    return DeskBot(
        id=row.id,
        name=row.config.name,
        enabled=row.config.enabled and not row.archived,
        revision=revision,
        rules=config.rules,
        limits=row.config.limits,
        trading_state=_state(database, row),
        state=BotState(row.state.position, _working(database, row), row.state.memory),
    )


def _state(database: MemoryDatabase, row: BotRow) -> TradingState:
    account = database.account(row.account).config.name
    scopes = ((Scope.GLOBAL, ""), (Scope.ACCOUNT, account), (Scope.BOT, row.config.name))
    known = [database.states[one].state for one in scopes if one in database.states]
    return max(known, default=TradingState.ACTIVE)


def _working(database: MemoryDatabase, row: BotRow) -> tuple[WorkingEntry, ...]:
    found: list[WorkingEntry] = []
    for job, intent in intents_of(database, row.id):
        live = intent.status in (IntentStatus.WORKING, IntentStatus.NEEDS_OPERATOR)
        if not (live and intent.enters and intent.quantity is not None and intent.price):
            continue
        left = subtract(intent.quantity, filled(job.job, intent))
        if left > ZERO:
            found.append(WorkingEntry(intent.side, intent.number, left, intent.price))
    return tuple(found)


def filled(job: Job, intent: Intent) -> Decimal:
    """Return how much of an intent was executed, over all of its orders."""
    orders: tuple[WorkingOrder, ...] = job.orders
    return total(one.order.filled for one in orders if one.intent == intent.id)


def _marked(
    database: MemoryDatabase, account: AccountRow, now: datetime
) -> tuple[Decimal, Decimal]:
    """Return what open positions add to the balance, and their change since the day began."""
    value, change = ZERO, ZERO
    today = day_start(now, account.config.day_start)
    for bot in database.bots.values():
        position, mark = bot.state.position, database.marks.get(bot.key)
        if bot.account != account.id or position.is_flat or mark is None:
            continue
        listing = database.listings[account.config.exchange, bot.symbol]
        price = mark.mark.price
        spot = listing.instrument.kind is Kind.SPOT
        held = multiply(position.quantity, price) if spot else position.unrealized(price)
        value = add(value, held)
        older = position.opened_at is not None and position.opened_at < today
        before = position.unrealized(mark.day_open) if older and mark.day == today else ZERO
        change = add(change, subtract(position.unrealized(price), before))
    return value, change


def _unrealized(database: MemoryDatabase, account: AccountRow) -> Decimal:
    unrealized = ZERO
    for bot in database.bots.values():
        mark: Mark | None = (
            database.marks[bot.key].mark if bot.key in database.marks else None
        )
        if bot.account == account.id and mark is not None:
            unrealized = add(unrealized, bot.state.position.unrealized(mark.price))
    return unrealized


def day_start(now: datetime, begins: time) -> datetime:
    today = datetime.combine(now.date(), begins)
    return today if today <= now else today - timedelta(days=1)


def _recent_entries(database: MemoryDatabase, account: AccountRow, now: datetime) -> int:
    return sum(
        intent.enters
        and intent.status is not IntentStatus.WAITING
        and intent.at is not None
        and now - MINUTE < intent.at <= now
        for bot in database.bots.values()
        if bot.account == account.id
        for _, intent in intents_of(database, bot.id)
    )


def _losses(database: MemoryDatabase, account: AccountRow) -> int:
    resumed = database.states.get((Scope.ACCOUNT, account.config.name))
    count = 0
    for entry in reversed(database.trades):
        if database.bot(entry.closed.bot).account != account.id:
            continue
        late = resumed is not None and entry.closed.trade.closed_at < resumed.at
        if late or entry.closed.trade.pnl >= ZERO:
            break
        count += 1
    return count
