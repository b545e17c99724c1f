"""Everything that bears on one (account, symbol), loaded for a planner or a recorder."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time

from sqlalchemy import (
    BigInteger,
    RowMapping,
    bindparam,
    exists,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.store.postgres import rows, trees
from adapters.store.postgres.details import (
    LIVE_HERE,
    NO_DETAILS,
    Details,
    load_details,
    unfinished,
)
from adapters.store.postgres.tables import (
    accounts,
    bot_memory,
    bots,
    installation,
    instruments,
    marks,
    positions,
    revisions,
    trading_states,
    work_keys,
)
from adapters.store.shared import (
    Revisions,
    desk_account,
    market_rules,
    strictest,
    working_entries,
)
from application.ports.configuration import Scope
from application.ports.workbench import Claim, ClaimLost
from application.records import (
    BotId,
    Desk,
    DeskBot,
    IntentId,
    Job,
    JobStatus,
    Key,
    Mark,
    RevisionId,
)
from application.usage import DayMark
from domain.position import FLAT
from domain.state import BotState


@dataclass(frozen=True, slots=True)
class LoadedDesk:
    """A desk with what the store must know to keep what comes of it."""

    desk: Desk
    day_mark: DayMark | None
    day_start: time
    counts_total: bool
    """Whether the installation limits something, so that its row must be locked too."""
    revisions: Mapping[IntentId, RevisionId]
    """Under which revision each known intent was decided."""


_STATES = trading_states.alias()
_HEADER = (
    select(
        func.clock_timestamp().label("now"),
        accounts.c.id.label("account"),
        installation.c.uuid,
        installation.c.epoch,
        installation.c.revision.label("installation_revision"),
        accounts.c.revision.label("account_revision"),
        marks.c.price,
        marks.c.at,
        marks.c.day,
        marks.c.day_open,
        select(func.max(_STATES.c.state))
        .where(
            ((_STATES.c.scope == Scope.GLOBAL.value) & (_STATES.c.target == 0))
            | (
                (_STATES.c.scope == Scope.ACCOUNT.value)
                & (_STATES.c.target == accounts.c.id)
            )
        )
        .scalar_subquery()
        .label("state"),
        exists().where(LIVE_HERE).label("any_live"),
        *instruments.c,
    )
    .select_from(accounts)
    .join(installation, literal(value=True))
    .join(
        instruments,
        (instruments.c.exchange == accounts.c.exchange)
        & (instruments.c.symbol == bindparam("symbol")),
    )
    .outerjoin(
        marks, (marks.c.account == accounts.c.id) & (marks.c.symbol == instruments.c.symbol)
    )
    .where(accounts.c.id == bindparam("account"))
)
_HEADER_HELD = (
    _HEADER.add_columns(work_keys.c.fence, work_keys.c.owner)
    .join(
        work_keys,
        (work_keys.c.account == accounts.c.id)
        & (work_keys.c.symbol == instruments.c.symbol),
    )
    .with_for_update(key_share=True, of=work_keys)
)

_IDS = ARRAY(BigInteger)
_BOTS = (
    select(
        bots.c.id,
        bots.c.name,
        bots.c.enabled,
        bots.c.revision,
        bot_memory.c.memory,
        trading_states.c.state,
        *(
            column
            for column in positions.c
            if column.name not in ("bot", "account", "symbol")
        ),
    )
    .select_from(bots)
    .outerjoin(positions, positions.c.bot == bots.c.id)
    .outerjoin(bot_memory, bot_memory.c.bot == bots.c.id)
    .outerjoin(
        trading_states,
        (trading_states.c.scope == Scope.BOT.value)
        & (trading_states.c.target == bots.c.id),
    )
)
_HOLDERS = select(positions.c.bot).where(
    positions.c.account == bindparam("account"),
    positions.c.symbol == bindparam("symbol"),
    positions.c.quantity > literal(0, literal_execute=True),
)
_NAMED = bindparam("bots", type_=_IDS)
_BOTS_AND_HOLDERS = _BOTS.where(bots.c.id.in_(select(func.unnest(_NAMED)).union(_HOLDERS)))
_BOTS_NAMED = _BOTS.where(bots.c.id == func.any(_NAMED))
_TREES = select(revisions.c.id, revisions.c.tree).where(
    revisions.c.id == func.any(bindparam("ids", type_=_IDS))
)


async def load_desk(connection: AsyncConnection, key: Key, known: Revisions) -> LoadedDesk:
    """Return the desk of a key with its oldest unfinished jobs."""
    header = await _header(connection, key)
    waiting = await unfinished(connection, key)
    if not waiting:
        await _read_trees(connection, known, header, ())
        return _loaded(known, header, (), (), NO_DETAILS)
    under_way = [job.id for job in waiting if job.status is JobStatus.WORKING]
    details = NO_DETAILS
    if under_way or header["any_live"]:
        details = await load_details(connection, key, under_way)
    needed = {job.bot for job in waiting} | {intent.bot for intent in details.intents}
    values = {**key._asdict(), "bots": sorted(needed)}
    found = (await connection.execute(_BOTS_AND_HOLDERS, values)).mappings().all()
    await _read_trees(connection, known, header, found)
    return _loaded(known, header, found, waiting, details)


async def load_job_desk(
    connection: AsyncConnection, claim: Claim, job: Job, known: Revisions, *, whole: bool
) -> LoadedDesk:
    """Return the desk of one job and its bots, under the lock of its key.

    Not ``whole``, it lacks what came of the job so far.

    Raises:
        ClaimLost: If somebody else has claimed the key since.
    """
    header = await _header_held(connection, claim)
    details = NO_DETAILS
    if whole:
        details = await load_details(connection, claim.key, [job.id])
    needed = {job.bot} | {intent.bot for intent in details.intents}
    values = {"bots": sorted(needed)}
    found = (await connection.execute(_BOTS_NAMED, values)).mappings().all()
    await _read_trees(connection, known, header, found)
    return _loaded(known, header, found, (job,), details)


async def _header_held(connection: AsyncConnection, claim: Claim) -> RowMapping:
    found = await connection.execute(_HEADER_HELD, claim.key._asdict())
    header = found.mappings().one_or_none()
    if header is None or (header["fence"], header["owner"]) != (claim.fence, claim.owner):
        raise ClaimLost(f"{claim.key} is not held by {claim.owner} any more")
    return header


async def _header(connection: AsyncConnection, key: Key) -> RowMapping:
    found = (await connection.execute(_HEADER, key._asdict())).mappings().one_or_none()
    if found is None:
        message = f"there is no instrument for {key}"
        raise LookupError(message)
    return found


async def _read_trees(
    connection: AsyncConnection,
    known: Revisions,
    header: RowMapping,
    found: Iterable[RowMapping],
) -> None:
    """Read the configurations that are needed and have not been read before."""
    account, total = header["account_revision"], header["installation_revision"]
    of_bots = {row[name] for row in found for name in ("revision", "bound_revision")}
    needed = {account, total, *of_bots} - {None}
    missing = [id for id in needed if id not in known]
    if not missing:
        return
    for id, tree in await connection.execute(_TREES, {"ids": missing}):
        if id == account:
            known.account(id, tree)
        elif id == total:
            known.limits(id, tree)
        else:
            known.bot(id, tree)


def _loaded(
    known: Revisions,
    header: RowMapping,
    found: Sequence[RowMapping],
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
    )
    return LoadedDesk(
        desk=desk,
        day_mark=mark,
        day_start=account.day_start,
        counts_total=total.open_positions is not None,
        revisions=details.revisions,
    )


def _bot(
    row: RowMapping,
    known: Revisions,
    details: Details,
    above: RowMapping,
    *,
    can_short: bool,
) -> DeskBot:
    current = known.bot(row["revision"])
    bound = row["bound_revision"] or row["revision"]
    id = BotId(row["id"])
    own = (one for one in details.intents if one.bot == id)
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
            working=working_entries(own, details.orders),
            memory=trees.memory(row["memory"]),
        ),
    )


def _day_mark(header: RowMapping) -> DayMark | None:
    if header["price"] is None:
        return None
    return DayMark(header["price"], header["at"], header["day"], header["day_open"])
