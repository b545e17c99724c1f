"""What is in use when an entry is planned, counted over everything that is kept."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from adapters.store.memory.database import BotRow, MemoryDatabase
from application.records import (
    AccountId,
    Desk,
    IntentId,
    IntentStatus,
    Job,
    Key,
    LoadedUsage,
)
from application.reserving import LIVE
from application.usage import (
    MINUTE,
    DayMark,
    Tally,
    Turnover,
    day_began,
    day_change,
    gain,
    loaded_usage,
)
from domain.instrument import Kind
from domain.money import ZERO, add, multiply, subtract, total
from domain.signal import Direction

_AFTER_ALL = IntentId("\U0010ffff")


class Asking(NamedTuple):
    """The job that asks, at which moment, with the price it has seen itself."""

    job: Job
    now: datetime
    mark: DayMark | None


def load_usage(database: MemoryDatabase, desk: Desk, asking: Asking) -> LoadedUsage:
    """Count what is in use as one job's entry sees it, and keep the highest equity."""
    account = database.account(desk.key.account)
    marks = _marks(database, desk.key, asking.mark)
    bots = database.bots_of(account.id)
    held = [bot for bot in bots if bot.state.position.lots]
    bound = {bot.id: _bound(database, bot, asking) for bot in bots}
    here = sum(is_busy(database, bot, marks) for bot in bots if bot.id != asking.job.bot)
    tally = Tally(
        account_positions=here,
        total_positions=here + _elsewhere(database, account.id),
        bot_notional=bound.get(asking.job.bot, ZERO),
        account_notional=total(bound.values()),
        entries_last_minute=_entries(database, desk, asking.now),
        realized=account.realized,
        fees=account.fees,
        unrealized=total(_unrealized(bot, marks) for bot in held),
        open_value=total(_open_value(database, bot, marks) for bot in held),
        day_pnl=_day_pnl(database, account.id, marks, asking.now),
        equity_peak=account.equity_peak,
        losses_in_row=account.losses_in_row,
    )
    loaded = loaded_usage(asking.job.id, account.config.paper.balance, tally)
    account.equity_peak = loaded.usage.equity_peak
    return loaded


def is_busy(
    database: MemoryDatabase, bot: BotRow, marks: dict[Key, DayMark] | None = None
) -> bool:
    """Say whether a bot holds more than dust, or has an entry that may still fill."""
    return holds(database, bot, marks) or any(
        _may_fill(database, id) for id in database.live.get(bot.id, {})
    )


def holds(
    database: MemoryDatabase, bot: BotRow, marks: dict[Key, DayMark] | None = None
) -> bool:
    """Say whether a bot holds more than dust."""
    position = bot.state.position
    if position.is_flat:
        return False
    market = database.market(bot.key)
    mark = (database.marks if marks is None else marks).get(bot.key)
    if mark is not None:
        return not market.is_dust(position.quantity, mark.price)
    small = position.quantity < market.quantity_min
    return not (small or position.cost < market.notional_min)


def _marks(database: MemoryDatabase, key: Key, own: DayMark | None) -> dict[Key, DayMark]:
    """Return the prices of the account, with the one that the asking job has seen."""
    known = {
        other: mark
        for other, mark in database.marks.items()
        if other.account == key.account and other != key
    }
    return known if own is None else known | {key: own}


def _may_fill(database: MemoryDatabase, id: IntentId) -> bool:
    row, intent = database.intent(id)
    done = total(one.order.filled for one in row.job.orders if one.intent == id)
    return intent.status in LIVE and (intent.quantity or ZERO) > done


def _elsewhere(database: MemoryDatabase, account: AccountId) -> int:
    if database.limits.open_positions is None:
        return 0
    others = (bot for bot in database.bots.values() if bot.account != account)
    return sum(is_busy(database, bot) for bot in others)


def _bound(database: MemoryDatabase, bot: BotRow, asking: Asking) -> Decimal:
    """Return the cost of a bot's lots and all it holds back, the asker's own rest aside."""
    reserved = database.reserved(bot.id, rest=bot.id != asking.job.bot)
    return add(bot.state.position.cost, total(reserved))


def _entries(database: MemoryDatabase, desk: Desk, now: datetime) -> int:
    known = database.entries.get(desk.account.id, [])
    first = bisect_right(known, (now - MINUTE, _AFTER_ALL))
    until = bisect_right(known, (now, _AFTER_ALL)) if desk.account.by_bar else None
    recent = known[first:until]
    denied = (database.intent(id)[1].status is IntentStatus.DENIED for _, id in recent)
    return len(recent) - sum(denied)


def _unrealized(bot: BotRow, marks: dict[Key, DayMark]) -> Decimal:
    position, mark = bot.state.position, marks.get(bot.key)
    if mark is None or position.side is None:
        return ZERO
    return gain(position.side, position.quantity, position.cost, mark.price)


def _open_value(
    database: MemoryDatabase, bot: BotRow, marks: dict[Key, DayMark]
) -> Decimal:
    if database.market(bot.key).kind is not Kind.SPOT:
        return _unrealized(bot, marks)
    position, mark = bot.state.position, marks.get(bot.key)
    return position.cost if mark is None else multiply(position.quantity, mark.price)


def _day_pnl(
    database: MemoryDatabase,
    account: AccountId,
    marks: dict[Key, DayMark],
    now: datetime,
) -> Decimal:
    began = day_began(now, database.account(account).config.day_start)
    changes = (
        day_change(
            _standing(database, key),
            mark.price,
            mark.opening(began),
            _turnover(database, key, began),
        )
        for key, mark in marks.items()
    )
    return total(changes)


def _standing(database: MemoryDatabase, key: Key) -> Decimal:
    """Return the signed quantity that the bots of a key hold together."""

    def signed() -> Iterator[Decimal]:
        for bot in database.bots_of(key.account):
            position = bot.state.position
            if bot.symbol == key.symbol and position.lots:
                short = position.side is Direction.SHORT
                yield subtract(ZERO, position.quantity) if short else position.quantity

    return total(signed())


def _turnover(database: MemoryDatabase, key: Key, since: datetime) -> Turnover:
    known = database.executions.get(key.account, [])
    first = bisect_left(known, since, key=lambda one: one.fill.at)
    today = [one for one in known[first:] if one.symbol == key.symbol]
    return Turnover(
        quantity=total(one.quantity for one in today),
        cash=total(subtract(ZERO, multiply(one.quantity, one.fill.price)) for one in today),
        fees=total(one.fee for one in today),
    )
