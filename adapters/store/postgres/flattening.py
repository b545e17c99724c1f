"""Flattenings in PostgreSQL: the request, its closes, and how far they are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from sqlalchemy import RowMapping, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.store.postgres import rows
from adapters.store.postgres.auditing import audit
from adapters.store.postgres.engine import single_statement, transaction
from adapters.store.postgres.locks import take_routing
from adapters.store.postgres.notices import keep_notices
from adapters.store.postgres.sql import NUMBER, WORD, Kind, statement
from adapters.store.postgres.states import Target, find_target, set_state
from adapters.store.postgres.tables import flattenings
from adapters.store.postgres.usage import DUST
from adapters.store.shared import Revisions, desk_account
from application.notifying.states import flattened
from application.ports.configuration import Author, Scope
from application.ports.flattening import (
    Flattening,
    FlatteningId,
    FlatteningStatus,
    MarketHeld,
    Progress,
)
from application.records import AccountId, Key
from domain.instrument import Symbol
from domain.money import ZERO, total
from domain.risk import TradingState
from domain.signal import Direction

_COVERED = """
    (:scope = 'global' OR (:scope = 'account' AND bots.account = :target)
     OR (:scope = 'bot' AND bots.id = :target))
"""
_ITS_BOTS: dict[str, Kind] = {"scope": WORD, "target": NUMBER}
_QUEUE = statement(
    """
    WITH work AS (
        SELECT bots.id AS bot, bots.account, bots.symbol
        FROM bots
        WHERE """,
    _COVERED,
    """
          AND (EXISTS (SELECT FROM positions WHERE bot = bots.id AND quantity > 0)
               OR EXISTS (SELECT FROM jobs WHERE bot = bots.id AND status <> 'DONE')
               OR EXISTS (SELECT FROM intents WHERE bot = bots.id AND number > 0
                          AND status IN ('WORKING', 'NEEDS_OPERATOR')
                          AND intents.account = bots.account
                          AND intents.symbol = bots.symbol))
          AND NOT EXISTS (SELECT FROM jobs WHERE bot = bots.id AND status <> 'DONE'
                          AND cause = 'OPERATOR')
    ),
    keys AS (
        INSERT INTO work_keys (account, symbol)
        SELECT DISTINCT account, symbol FROM work ORDER BY account, symbol
        ON CONFLICT (account, symbol) DO NOTHING
    )
    INSERT INTO jobs (bot, account, symbol, cause, status)
    SELECT bot, account, symbol, 'OPERATOR', 'QUEUED' FROM work ORDER BY bot
    """,
    **_ITS_BOTS,
)
_WAITS = statement(
    """
    SELECT DISTINCT jobs.account, jobs.symbol
    FROM jobs JOIN bots ON bots.id = jobs.bot
    WHERE jobs.status <> 'DONE'
      AND (jobs.due_at IS NULL OR jobs.due_at <= clock_timestamp()) AND """,
    _COVERED,
    "ORDER BY jobs.account, jobs.symbol",
    **_ITS_BOTS,
)
_UNRESOLVED = statement(
    """
    SELECT DISTINCT bots.name
    FROM intents JOIN bots ON bots.id = intents.bot
    WHERE intents.number > 0 AND intents.status = 'NEEDS_OPERATOR' AND """,
    _COVERED,
    "ORDER BY bots.name",
    **_ITS_BOTS,
)
_HALTED = statement(
    """
    SELECT clock_timestamp() AS now, coalesce((
        SELECT max(state) FROM trading_states
        WHERE scope = 'global'
           OR (scope = :scope AND target = :target)
           OR (:scope = 'bot' AND scope = 'account'
               AND target = (SELECT account FROM bots WHERE id = :target))
    ), 0) AS state
    """,
    **_ITS_BOTS,
)
_MARKETS = statement(
    """
    SELECT instruments.*, accounts.id AS account_id, accounts.revision, revisions.tree,
           positions.quantity, positions.side, bots.name AS bot,
           positions.quantity > 0 AND NOT """,
    DUST,
    " AS holds, ",
    _COVERED,
    """ AS covered
    FROM bots
    JOIN accounts ON accounts.id = bots.account
    JOIN revisions ON revisions.id = accounts.revision
    JOIN instruments ON instruments.exchange = accounts.exchange
                    AND instruments.symbol = bots.symbol
    LEFT JOIN positions ON positions.bot = bots.id
    LEFT JOIN marks ON marks.account = bots.account AND marks.symbol = bots.symbol
    WHERE (bots.account, bots.symbol) IN (
        SELECT bots.account, bots.symbol FROM bots WHERE """,
    _COVERED,
    """
    )
    ORDER BY accounts.id, bots.symbol, bots.id
    """,
    **_ITS_BOTS,
)
_BY_ID = select(flattenings).where(flattenings.c.id == bindparam("flattening"))
_RUNNING = FlatteningStatus.RUNNING.value


@dataclass(frozen=True, slots=True)
class PostgresFlattenings:
    """Requests to flatten."""

    engine: AsyncEngine
    known: Revisions = field(default_factory=Revisions)

    async def begin(self, scope: Scope, name: str, author: Author) -> Flattening | None:
        """Halt, keep the request, audit both and queue the closes."""
        async with transaction(self.engine) as connection:
            # Before anything is read: no job is made while what must be closed is sought.
            await take_routing(connection)
            target = await find_target(connection, scope, name)
            if target is None:
                return None
            await set_state(connection, target, TradingState.HALTED, author, stricter=True)
            running = await _running(connection, target)
            if running is not None:
                return running
            await audit(connection, "flatten", target.of, author)
            made = await connection.execute(
                flattenings.insert().returning(flattenings),
                {
                    "scope": scope.value,
                    "target": target.id,
                    "name": target.name,
                    "author": author.name,
                    "source": author.source,
                    "reason": author.reason,
                    "status": _RUNNING,
                },
            )
            await connection.execute(_QUEUE, _place(target))
            return _flattening(made.mappings().one())

    async def progress(self, id: FlatteningId) -> Progress | None:
        """Return how far it is."""
        async with single_statement(self.engine) as connection:
            row = await _row(connection, id)
            if row is None:
                return None
            place = {"scope": row["scope"], "target": row["target"]}
            halted = (await connection.execute(_HALTED, place)).one()
            waits = (await connection.execute(_WAITS, place)).all()
            unresolved = (await connection.execute(_UNRESOLVED, place)).scalars().all()
            found = (await connection.execute(_MARKETS, place)).mappings().all()
            return Progress(
                flattening=_flattening(row),
                now=halted.now,
                halted=halted.state == TradingState.HALTED,
                waits_for=tuple(
                    Key(AccountId(one.account), Symbol(one.symbol)) for one in waits
                ),
                markets=self._markets(found),
                unresolved=tuple(unresolved),
                differs_since=row["differs_since"],
            )

    async def again(self, id: FlatteningId) -> None:
        """Queue another close for every covered bot that holds something."""
        async with transaction(self.engine) as connection:
            await take_routing(connection)
            row = await _row(connection, id)
            if row is None or row["status"] != _RUNNING:
                return
            await connection.execute(
                flattenings.update()
                .where(flattenings.c.id == id)
                .values(attempts=flattenings.c.attempts + 1, differs_since=None)
            )
            place = {"scope": row["scope"], "target": row["target"]}
            await connection.execute(_QUEUE, place)

    async def differs(self, id: FlatteningId, outcome: str) -> None:
        """Keep what a venue said, and since when."""
        since = func.coalesce(flattenings.c.differs_since, func.clock_timestamp())
        async with single_statement(self.engine) as connection:
            await connection.execute(
                flattenings.update()
                .where(flattenings.c.id == id, flattenings.c.status == _RUNNING)
                .values(outcome=outcome, differs_since=since)
            )

    async def end(self, id: FlatteningId, status: FlatteningStatus, outcome: str) -> None:
        """Keep and audit how it ended, once."""
        async with transaction(self.engine) as connection:
            ended = await connection.execute(
                flattenings.update()
                .where(flattenings.c.id == id, flattenings.c.status == _RUNNING)
                .values(
                    status=status.value,
                    outcome=outcome,
                    finished_at=func.clock_timestamp(),
                )
                .returning(flattenings)
            )
            row = ended.mappings().one_or_none()
            if row is None:
                return
            is_flat = status is FlatteningStatus.DONE
            scope = Scope(row["scope"])
            notice = flattened(scope, row["name"], outcome, is_flat=is_flat)
            await keep_notices(connection, [notice])
            detail = {
                "flattening": str(id),
                "status": status.value,
                "outcome": outcome,
                "attempts": str(row["attempts"]),
            }
            author = Author(name="signalman", source="flatten", reason=row["reason"])
            of = (row["scope"], row["name"])
            await audit(connection, "flattened", of, author, detail)

    async def newest(self, limit: int) -> Sequence[Flattening]:
        """Return the newest requests, running ones first."""
        order = (flattenings.c.status != _RUNNING, flattenings.c.id.desc())
        async with single_statement(self.engine) as connection:
            found = await connection.execute(
                select(flattenings).order_by(*order).limit(limit)
            )
            return [_flattening(row) for row in found.mappings()]

    def _markets(self, found: Sequence[RowMapping]) -> tuple[MarketHeld, ...]:
        places = groupby(found, key=lambda row: (row["account_id"], row["symbol"]))
        return tuple(self._market(list(bots)) for _, bots in places)

    def _market(self, bots: list[RowMapping]) -> MarketHeld:
        first = bots[0]
        instrument = rows.instrument(first)
        config = self.known.account(first["revision"], first["tree"])
        return MarketHeld(
            account=desk_account(first["account_id"], config, instrument),
            instrument=instrument,
            ours=total(_signed(row) for row in bots),
            open=tuple(
                (row["bot"], row["quantity"])
                for row in bots
                if row["covered"] and row["holds"]
            ),
        )


async def _row(connection: AsyncConnection, id: FlatteningId) -> RowMapping | None:
    found = await connection.execute(_BY_ID, {"flattening": id})
    return found.mappings().one_or_none()


async def _running(connection: AsyncConnection, target: Target) -> Flattening | None:
    found = await connection.execute(
        select(flattenings).where(
            flattenings.c.scope == target.scope.value,
            flattenings.c.target == target.id,
            flattenings.c.status == _RUNNING,
        )
    )
    row = found.mappings().one_or_none()
    return None if row is None else _flattening(row)


def _signed(row: RowMapping) -> Decimal:
    quantity: Decimal = row["quantity"] or ZERO
    return quantity.copy_negate() if row["side"] == Direction.SHORT.value else quantity


def _place(target: Target) -> dict[str, object]:
    return {"scope": target.scope.value, "target": target.id}


def _flattening(row: RowMapping) -> Flattening:
    finished: datetime | None = row["finished_at"]
    return Flattening(
        id=FlatteningId(row["id"]),
        scope=Scope(row["scope"]),
        name=row["name"],
        author=Author(name=row["author"], source=row["source"], reason=row["reason"]),
        status=FlatteningStatus(row["status"]),
        attempts=row["attempts"],
        outcome=row["outcome"],
        requested_at=row["requested_at"],
        finished_at=finished,
    )
