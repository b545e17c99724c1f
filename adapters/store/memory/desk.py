"""Reading: the desk of a key with everything that bears on it."""

from collections.abc import Iterable

from adapters.store.memory.database import BotRow, JobRow, MemoryDatabase
from adapters.store.memory.protections import resting
from adapters.store.shared import (
    OLDEST_JOBS,
    desk_account,
    market_rules,
    strictest,
)
from application.ports.configuration import Scope
from application.records import BotId, Desk, DeskBot, Job, Key, Mark, WorkingOrder
from application.steps import bars_of, working_entries
from domain.instrument import Instrument
from domain.risk import TradingState
from domain.state import BotState


def load(database: MemoryDatabase, key: Key) -> Desk:
    """Return the desk of a key with its oldest unfinished jobs."""
    rows = database.unfinished(key)[:OLDEST_JOBS]
    wanted = {row.job.bot for row in rows} | {
        bot.id
        for bot in (database.bots_of(key.account) if rows else ())
        if bot.symbol == key.symbol
        and (bot.state.position.lots or database.live.get(bot.id))
    }
    return _desk(database, key, rows, wanted)


def trading_state(database: MemoryDatabase, bot: BotRow) -> TradingState:
    """Return the strictest state of installation, account and bot."""
    account = database.account(bot.account).config.name
    scopes = ((Scope.GLOBAL, ""), (Scope.ACCOUNT, account), (Scope.BOT, bot.config.name))
    known = (database.states[one].state for one in scopes if one in database.states)
    return strictest(known)


def _desk(
    database: MemoryDatabase, key: Key, rows: list[JobRow], wanted: Iterable[BotId]
) -> Desk:
    account, market = database.account(key.account), database.market(key)
    mark = database.marks.get(key)
    return Desk(
        key=key,
        installation=database.installation,
        now=database.clock.now(),
        account=desk_account(account.id, account.config, market),
        instrument=market,
        bots={
            id: _bot(database, database.bot(id), market, [row.job for row in rows])
            for id in sorted(wanted)
        },
        jobs=tuple(row.job for row in rows),
        mark=None if mark is None else Mark(price=mark.price, at=mark.at),
        total_limits=database.limits,
    )


def _bot(
    database: MemoryDatabase, row: BotRow, market: Instrument, jobs: list[Job]
) -> DeskBot:
    bars = bars_of(jobs)
    revision, bound = row.bound or (row.revision, row.config)
    live = [database.intent(id) for id in database.live.get(row.id, {})]
    orders: dict[str, tuple[WorkingOrder, ...]] = {
        intent.id: tuple(one for one in job.job.orders if one.intent == intent.id)
        for job, intent in live
    }
    over = (intent for job, intent in live if job.job.id not in bars)
    return DeskBot(
        id=row.id,
        name=row.config.name,
        enabled=row.config.enabled,
        revision=revision,
        rules=market_rules(bound, can_short=market.can_short),
        limits=row.config.limits,
        trading_state=trading_state(database, row),
        state=BotState(
            row.state.position,
            working_entries((intent for _, intent in live), orders, bars),
            row.state.memory,
        ),
        newer=None if revision == row.revision else row.revision,
        resting=resting(database, row.id),
        stuck=working_entries(over, orders, {}),
    )
