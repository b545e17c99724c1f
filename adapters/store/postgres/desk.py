"""Everything that bears on some keys, loaded for a planner: a statement a kind of row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time
from typing import Any

import asyncpg
from sqlalchemy import BigInteger, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.store.postgres import rows, trees
from adapters.store.postgres.details import NO_DETAILS, Details, load_details, unfinished
from adapters.store.postgres.driver import Driver, Prepared
from adapters.store.postgres.rows import Row
from adapters.store.postgres.sql import NUMBER, WORD, many, statement
from adapters.store.postgres.tables import revisions
from adapters.store.postgres.tables.venues import RESTING_PROTECTION
from adapters.store.postgres.vetting import VETTING, not_cleared
from adapters.store.shared import (
    OLDEST_JOBS,
    Revisions,
    desk_account,
    market_rules,
    strictest,
)
from application.records import (
    BotId,
    Desk,
    DeskBot,
    Job,
    JobStatus,
    Key,
    Mark,
    RevisionId,
)
from application.steps import working_entries
from application.usage import DayMark
from domain.position import FLAT
from domain.protection import ProtectionKind
from domain.state import BotState


@dataclass(frozen=True, slots=True)
class LoadedDesk:
    """A desk with what the store must know to keep what comes of it."""

    desk: Desk
    day_mark: DayMark | None
    day_start: time
    counts_total: bool
    """Whether the installation limits something, so that its row must be locked too."""


_KEYS = Prepared(
    statement(
        """
        SELECT clock_timestamp() AS now, accounts.id AS account, installation.uuid,
               installation.epoch, installation.revision AS installation_revision,
               accounts.revision AS account_revision, marks.price, marks.at, marks.day,
               marks.day_open, instruments.*,
               (SELECT max(state) FROM trading_states
                WHERE (scope = 'global' AND target = 0)
                   OR (scope = 'account' AND target = accounts.id)) AS state,
               EXISTS (
                   SELECT FROM intents
                   WHERE intents.account = wanted.account
                     AND intents.symbol = wanted.symbol AND number > 0
                     AND status IN ('WORKING', 'NEEDS_OPERATOR')
               ) AS any_live,
               EXISTS (
                   SELECT FROM comparisons
                   WHERE comparisons.account = wanted.account
                     AND comparisons.symbol = wanted.symbol AND gates
               ) AS differs,""",
        VETTING,
        """
        FROM unnest(:accounts, :symbols) AS wanted (account, symbol)
        JOIN accounts ON accounts.id = wanted.account
        CROSS JOIN installation
        JOIN instruments ON instruments.exchange = accounts.exchange
                        AND instruments.symbol = wanted.symbol
        LEFT JOIN marks ON marks.account = wanted.account AND marks.symbol = wanted.symbol
        """,
        accounts=many(NUMBER),
        symbols=many(WORD),
    )
)
_BOTS = Prepared(
    statement(
        """
        WITH wanted AS (
            SELECT unnest(:bots) AS bot
            UNION
            SELECT positions.bot
            FROM unnest(:accounts, :symbols) AS key (account, symbol)
            JOIN positions ON positions.account = key.account
                          AND positions.symbol = key.symbol AND positions.quantity > 0
        )
        SELECT (
                   SELECT array_agg(DISTINCT kind) FROM protections
                   WHERE protections.bot = bots.id AND """,
        RESTING_PROTECTION,
        """
               ) AS resting,
               bots.id, bots.name, bots.enabled, bots.revision, bots.account AS of_account,
               bots.symbol AS of_symbol, bot_memory.memory, trading_states.state,
               positions.*
        FROM wanted
        JOIN bots ON bots.id = wanted.bot
        LEFT JOIN positions ON positions.bot = bots.id
        LEFT JOIN bot_memory ON bot_memory.bot = bots.id
        LEFT JOIN trading_states ON trading_states.scope = 'bot'
                                AND trading_states.target = bots.id
        ORDER BY bots.id
        """,
        bots=many(NUMBER),
        accounts=many(NUMBER),
        symbols=many(WORD),
    )
)
_STANDING = Prepared(
    statement(
        """
        SELECT clock_timestamp() AS now, bots.id, bots.enabled, bots.revision, bots.name,
               positions.bound_revision, accounts.id AS account,
               accounts.revision AS account_revision,
               installation.revision AS installation_revision,
               greatest(own.state, above.state, highest.state) AS state,
               EXISTS (
                   SELECT FROM comparisons
                   WHERE comparisons.account = bots.account
                     AND comparisons.symbol = bots.symbol AND gates
               ) AS differs,""",
        VETTING,
        """
        FROM unnest(:bots) AS wanted (bot)
        JOIN bots ON bots.id = wanted.bot
        JOIN accounts ON accounts.id = bots.account
        CROSS JOIN installation
        LEFT JOIN positions ON positions.bot = bots.id
        LEFT JOIN trading_states own ON own.scope = 'bot' AND own.target = bots.id
        LEFT JOIN trading_states above ON above.scope = 'account'
                                      AND above.target = bots.account
        LEFT JOIN trading_states highest ON highest.scope = 'global'
                                        AND highest.target = 0
        """,
        bots=many(NUMBER),
    )
)
_TREES = Prepared(
    select(revisions.c.id, revisions.c.tree).where(
        revisions.c.id == func.any(bindparam("ids", type_=ARRAY(BigInteger)))
    )
)


async def load_desks(
    driver: Driver, keys: Sequence[Key], known: Revisions
) -> dict[Key, LoadedDesk]:
    """Return the desk of each key with its oldest unfinished jobs.

    Raises:
        LookupError: If there is no market for a key.
    """
    if not keys:
        return {}
    rows_of_keys = await _KEYS(driver, _places(keys))
    headers = {Key(row["account"], row["symbol"]): row for row in rows_of_keys}
    for key in keys:
        if key not in headers:
            raise LookupError(f"there is no instrument for {key}")
    waiting = await unfinished(driver, dict.fromkeys(keys, 0))
    busy = [key for key in keys if waiting[key]]
    under_way = [
        job for key in busy for job in waiting[key] if job.status is JobStatus.WORKING
    ]
    alive = [key for key in busy if headers[key]["any_live"]]
    details = NO_DETAILS
    if under_way or alive:
        details = await load_details(driver, alive, under_way)
    bots: dict[Key, list[asyncpg.Record]] = {key: [] for key in keys}
    if busy:
        needed = {job.bot for key in busy for job in waiting[key]}
        needed |= {intent.bot for intent in details.intents}
        for row in await _BOTS(driver, {"bots": sorted(needed), **_places(busy)}):
            bots[Key(row["of_account"], row["of_symbol"])].append(row)
    found = [row for of in bots.values() for row in of]
    await _read_trees(driver, known, (*headers.values(), *found))
    return {
        key: _loaded(known, headers[key], bots[key], waiting[key], details) for key in keys
    }


async def refresh_desks(
    driver: Driver, held: Sequence[LoadedDesk], known: Revisions
) -> dict[Key, LoadedDesk]:
    """Return desks that were held meanwhile, with what others may have changed.

    What only the holder of a key changes is as it was left. A desk is missing where it
    must be loaded anew: its new jobs are of a bot that it does not know.
    """
    if not held:
        return {}
    bots = [bot for one in held for bot in one.desk.bots]
    standing = {row["id"]: row for row in await _STANDING(driver, {"bots": bots})}
    await _read_trees(driver, known, standing.values())
    short = {
        one.desk.key: one.desk.jobs[-1].id if one.desk.jobs else 0
        for one in held
        if len(one.desk.jobs) < OLDEST_JOBS // 2
    }
    more = await unfinished(driver, short) if short else {}
    found: dict[Key, LoadedDesk] = {}
    for one in held:
        new = more.get(one.desk.key, ())
        if all(job.bot in one.desk.bots for job in new):
            found[one.desk.key] = _refreshed(one, known, standing, new)
    return found


def _places(keys: Sequence[Key]) -> dict[str, list[Any]]:
    return {"accounts": [key.account for key in keys], "symbols": [k.symbol for k in keys]}


async def _read_trees(
    driver: Driver, known: Revisions, found: Iterable[asyncpg.Record]
) -> None:
    """Read the configurations that are needed and have not been read before."""
    readers = {
        "account_revision": known.account,
        "installation_revision": known.limits,
        "revision": known.bot,
        "bound_revision": known.bot,
    }
    needed = {
        row[name]: read
        for row in found
        for name, read in readers.items()
        if name in row and row[name] is not None and row[name] not in known
    }
    if needed:
        for row in await _TREES(driver, {"ids": list(needed)}):
            needed[row["id"]](row["id"], row["tree"])


def _refreshed(
    held: LoadedDesk,
    known: Revisions,
    standing: Mapping[int, Row],
    new: tuple[Job, ...],
) -> LoadedDesk:
    desk, of = held.desk, {bot: standing[bot] for bot in held.desk.bots}
    first = next(iter(of.values()))
    account = known.account(first["account_revision"])
    total = known.limits(first["installation_revision"])
    market = desk.instrument
    desk = replace(
        desk,
        now=first["now"],
        account=desk_account(desk.account.id, account, market),
        bots={
            id: _standing(bot, of[id], known, can_short=market.can_short)
            for id, bot in desk.bots.items()
        },
        jobs=(*desk.jobs, *new),
        total_limits=total,
        differs=first["differs"],
        not_cleared=not_cleared(first),
    )
    return LoadedDesk(
        desk, held.day_mark, account.day_start, total.open_positions is not None
    )


def _standing(bot: DeskBot, row: Row, known: Revisions, *, can_short: bool) -> DeskBot:
    """Return a bot with its configuration and trading state as they are now."""
    bound = row["bound_revision"] or row["revision"]
    newer = None if bound == row["revision"] else RevisionId(row["revision"])
    state = strictest((row["state"] or 0,))
    now = (row["name"], row["enabled"], bound, newer, state)
    if now == (bot.name, bot.enabled, bot.revision, bot.newer, bot.trading_state):
        return bot
    return replace(
        bot,
        name=row["name"],
        enabled=row["enabled"],
        revision=RevisionId(bound),
        rules=market_rules(known.bot(bound), can_short=can_short),
        limits=known.bot(row["revision"]).limits,
        trading_state=state,
        newer=newer,
    )


def _loaded(
    known: Revisions,
    header: Row,
    found: Sequence[Row],
    waiting: tuple[Job, ...],
    details: Details,
) -> LoadedDesk:
    account = known.account(header["account_revision"])
    total = known.limits(header["installation_revision"])
    market = rows.instrument(header)
    mark = _day_mark(header)
    desk = Desk(
        key=Key(header["account"], market.symbol),
        installation=f"{header['uuid']}:{header['epoch']}",
        now=header["now"],
        account=desk_account(header["account"], account, market),
        instrument=market,
        bots={
            BotId(row["id"]): _bot(row, known, details, header, can_short=market.can_short)
            for row in found
        },
        jobs=tuple(details.of(job) for job in waiting),
        mark=None if mark is None else Mark(price=mark.price, at=mark.at),
        total_limits=total,
        differs=header["differs"],
        not_cleared=not_cleared(header),
    )
    return LoadedDesk(
        desk=desk,
        day_mark=mark,
        day_start=account.day_start,
        counts_total=total.open_positions is not None,
    )


def _bot(
    row: Row,
    known: Revisions,
    details: Details,
    above: Row,
    *,
    can_short: bool,
) -> DeskBot:
    current = known.bot(row["revision"])
    bound = row["bound_revision"] or row["revision"]
    id = BotId(row["id"])
    own = [one for one in details.intents if one.bot == id]
    over = [one for one in own if one.job not in details.bars]
    return DeskBot(
        id=id,
        name=row["name"],
        enabled=row["enabled"],
        revision=RevisionId(bound),
        rules=market_rules(known.bot(bound), can_short=can_short),
        limits=current.limits,
        trading_state=strictest((row["state"] or 0, above["state"] or 0)),
        state=BotState(
            position=FLAT if row["lots"] is None else rows.position(row),
            working=working_entries(own, details.orders, details.bars),
            memory=trees.memory(row["memory"]),
        ),
        newer=None if bound == row["revision"] else RevisionId(row["revision"]),
        resting=frozenset(map(ProtectionKind, row["resting"] or ())),
        stuck=working_entries(over, details.orders, {}),
    )


def _day_mark(header: Row) -> DayMark | None:
    if header["price"] is None:
        return None
    return DayMark(header["price"], header["at"], header["day"], header["day_open"])
