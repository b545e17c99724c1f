"""Keeping what one transaction decided: all of it in bulk, whether one job or fifty."""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import bindparam, case, func, insert, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.store.postgres import rows, trees
from adapters.store.postgres.desk import LoadedDesk
from adapters.store.postgres.money import Books
from adapters.store.postgres.sql import NUMBER, TREE, WORD, keep_all, many, statement
from adapters.store.postgres.states import Target, set_state
from adapters.store.postgres.tables import (
    account_totals,
    bot_memory,
    decisions,
    marks,
    positions,
)
from adapters.store.postgres.telling import told
from adapters.store.shared import braked, last_mark
from application.ports.configuration import Scope
from application.records import BotId, Changes, Desk
from application.usage import DayMark
from domain.position import FLAT
from domain.risk import TradingState
from domain.state import BotState

_JOBS_AND_EVENTS = statement(
    """
    WITH told AS (
        INSERT INTO events (kind, alert, bot, payload)
        SELECT kind, alert, bot, payload
        FROM unnest(:kinds, :alerts, :bots, :payloads) WITH ORDINALITY
            AS event (kind, alert, bot, payload, place)
        ORDER BY place
    )
    UPDATE jobs
    SET status = step.status,
        finished_at = CASE WHEN step.status = 'DONE' THEN clock_timestamp() END
    FROM unnest(:jobs, :statuses) AS step (job, status)
    WHERE jobs.id = step.job
    """,
    jobs=many(NUMBER),
    statuses=many(WORD),
    kinds=many(WORD),
    alerts=many(NUMBER),
    bots=many(NUMBER),
    payloads=many(TREE),
)

_MEMORY = upsert(bot_memory)
_KEEP_MEMORY = _MEMORY.on_conflict_do_update(
    index_elements=[bot_memory.c.bot], set_={"memory": _MEMORY.excluded.memory}
)

_POSITION = upsert(positions)
_NEW = _POSITION.excluded
_KEEP_POSITION = _POSITION.on_conflict_do_update(
    index_elements=[positions.c.bot],
    set_={name: _NEW[name] for name in rows.position_row(FLAT)}
    | {
        "updated_at": func.clock_timestamp(),
        # A position keeps the revision it was opened under until it is flat.
        "bound_revision": case(
            (
                _NEW.quantity > 0,
                func.coalesce(positions.c.bound_revision, _NEW.bound_revision),
            )
        ),
    },
)

_MARK = upsert(marks)
_KEEP_MARK = _MARK.on_conflict_do_update(
    index_elements=[marks.c.account, marks.c.symbol],
    set_={name: _MARK.excluded[name] for name in DayMark._fields},
)

_RAISE_PEAK = (
    update(account_totals)
    .where(
        account_totals.c.account == bindparam("of"),
        account_totals.c.equity_peak.is_not_distinct_from(bindparam("before")),
    )
    .values(equity_peak=bindparam("peak"))
)


async def save(
    connection: AsyncConnection, loaded: LoadedDesk, steps: Sequence[Changes]
) -> None:
    """Keep all steps. The caller holds the key, and its claim is the newest."""
    desk = loaded.desk
    decided = [
        rows.decision_row(changes.job, decision)
        for changes in steps
        for decision in changes.decisions
    ]
    await keep_all(connection, insert(decisions), decided)
    await Books(connection, loaded).keep(steps)
    await _states(connection, loaded, steps)
    mark = last_mark(loaded.day_mark, steps, loaded.day_start)
    if mark is not None and mark is not loaded.day_mark:
        place = {"account": desk.account.id, "symbol": desk.key.symbol}
        await connection.execute(_KEEP_MARK, {**place, **mark._asdict()})
    await _brake(connection, desk, steps)
    await _finish(connection, desk, steps)


async def _finish(
    connection: AsyncConnection, desk: Desk, steps: Sequence[Changes]
) -> None:
    """Keep how far each job is, and tell what happened."""
    done = {changes.job: changes.status.value for changes in steps}
    happened = told(desk, steps)
    await connection.execute(
        _JOBS_AND_EVENTS,
        {
            "jobs": list(done),
            "statuses": list(done.values()),
            "kinds": [one.kind.value for one in happened],
            "alerts": [one.alert for one in happened],
            "bots": [one.bot for one in happened],
            "payloads": [one.payload or {} for one in happened],
        },
    )


async def raise_peak(
    connection: AsyncConnection, desk: Desk, before: Decimal | None, peak: Decimal
) -> None:
    """Keep an account's highest equity, unless somebody has just set it anew."""
    if before is None or peak > before:
        values = {"of": desk.account.id, "before": before, "peak": peak}
        await connection.execute(_RAISE_PEAK, values)


async def _states(
    connection: AsyncConnection, loaded: LoadedDesk, steps: Sequence[Changes]
) -> None:
    """Keep what the steps made of each bot: its position and what it remembers."""
    desk = loaded.desk
    last: dict[BotId, BotState] = {}
    for changes in steps:
        last |= changes.states
    before = {bot: desk.bots[bot].state for bot in last}
    moved = [bot for bot in last if last[bot].position != before[bot].position]
    known = [bot for bot in last if last[bot].memory != before[bot].memory]
    bound = _bound(loaded, steps)
    await keep_all(
        connection,
        _KEEP_POSITION,
        [
            {
                **rows.position_row(last[bot].position),
                "bot": bot,
                "account": desk.account.id,
                "symbol": desk.key.symbol,
                "bound_revision": None if last[bot].position.is_flat else bound[bot],
            }
            for bot in moved
        ],
    )
    await keep_all(
        connection,
        _KEEP_MEMORY,
        [{"bot": bot, "memory": trees.memory_json(last[bot].memory)} for bot in known],
    )


def _bound(loaded: LoadedDesk, steps: Sequence[Changes]) -> dict[BotId, int]:
    """Return the revision a position is bound to: that of the entry which opened it."""
    found: dict[BotId, int] = {id: bot.revision for id, bot in loaded.desk.bots.items()}
    for changes in steps:
        for intent in changes.intents:
            if intent.enters and intent.id in loaded.revisions:
                found[intent.bot] = loaded.revisions[intent.id]
    return found


async def _brake(connection: AsyncConnection, desk: Desk, steps: Sequence[Changes]) -> None:
    for changes in steps:
        if changes.brake is not None:
            target = Target(scope=Scope.ACCOUNT, id=desk.account.id, name=desk.account.name)
            author = braked(changes.brake)
            await set_state(
                connection, target, TradingState.REDUCING, author, stricter=True
            )
