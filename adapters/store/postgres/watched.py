"""What is held at real venues, and the prices that the watchdog saw, in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.store.postgres import rows
from adapters.store.postgres.engine import single_statement, transaction
from adapters.store.postgres.locks import take_routing
from adapters.store.postgres.sql import (
    AMOUNT,
    MOMENT,
    NUMBER,
    WORD,
    keep_all,
    many,
    statement,
)
from adapters.store.postgres.tables.venues import RESTING_PROTECTION
from adapters.store.shared import Revisions, desk_account
from application.ports.watched import Sighting, WatchedPosition
from application.records import BotId, Key, Mark
from application.usage import DayMark, marked
from domain.protection import ProtectionKind

_HELD = statement(
    """
    SELECT instruments.*, positions.*, accounts.id AS account_id,
           accounts.revision AS account_revision, of_account.tree AS account_tree,
           of_bot.tree AS bot_tree, marks.at AS known_at, clock_timestamp() AS now,
           (SELECT array_agg(DISTINCT kind) FROM protections
            WHERE protections.bot = positions.bot AND """,
    RESTING_PROTECTION,
    """) AS resting
    FROM positions
    JOIN accounts ON accounts.id = positions.account AND accounts.mode <> 'paper'
    JOIN revisions of_account ON of_account.id = accounts.revision
    JOIN revisions of_bot ON of_bot.id = positions.bound_revision
    JOIN instruments ON instruments.exchange = accounts.exchange
                    AND instruments.symbol = positions.symbol
    LEFT JOIN marks ON marks.account = positions.account
                   AND marks.symbol = positions.symbol
    WHERE positions.quantity > 0
    ORDER BY accounts.id, positions.symbol, positions.bot
    """,
)
_MARKS = statement(
    """
    SELECT marks.*, accounts.revision, revisions.tree
    FROM unnest(:accounts, :symbols) AS wanted (account, symbol)
    JOIN accounts ON accounts.id = wanted.account
    JOIN revisions ON revisions.id = accounts.revision
    JOIN marks ON marks.account = wanted.account AND marks.symbol = wanted.symbol
    ORDER BY marks.account, marks.symbol
    FOR NO KEY UPDATE OF marks
    """,
    accounts=many(NUMBER),
    symbols=many(WORD),
)
_MOVE = statement(
    """
    UPDATE marks SET price = :price, at = :at, day = :day, day_open = :day_open
    WHERE account = :account AND symbol = :symbol AND at < :at
    """,
    price=AMOUNT,
    at=MOMENT,
    day=MOMENT,
    day_open=AMOUNT,
    account=NUMBER,
    symbol=WORD,
)
_QUEUE = statement(
    """
    WITH work AS (
        SELECT bots.id AS bot, bots.account, bots.symbol, new.price, new.at
        FROM unnest(:bots, :prices, :times) AS new (bot, price, at)
        JOIN bots ON bots.id = new.bot
        WHERE NOT EXISTS (SELECT FROM jobs WHERE jobs.bot = bots.id AND status <> 'DONE'
                          AND cause = 'PRICE')
    ),
    keys AS (
        INSERT INTO work_keys (account, symbol)
        SELECT DISTINCT account, symbol FROM work ORDER BY account, symbol
        ON CONFLICT (account, symbol) DO NOTHING
    )
    INSERT INTO jobs (bot, account, symbol, cause, status, price, priced_at)
    SELECT bot, account, symbol, 'PRICE', 'QUEUED', price, at FROM work ORDER BY bot
    RETURNING account, symbol
    """,
    bots=many(NUMBER),
    prices=many(AMOUNT),
    times=many(MOMENT),
)


@dataclass(frozen=True, slots=True)
class PostgresWatchedPositions:
    """Open positions at real venues."""

    engine: AsyncEngine
    known: Revisions = field(default_factory=Revisions)

    async def held(self) -> Sequence[WatchedPosition]:
        """Return every open position at a real venue."""
        async with single_statement(self.engine) as connection:
            found = (await connection.execute(_HELD)).mappings().all()
        return [self._watched(row) for row in found]

    async def keep(self, sightings: Sequence[Sighting]) -> Sequence[Key]:
        """Move the prices on, and queue work where an exit rule must be looked at."""
        due = [(bot, one) for one in sightings for bot in one.bots]
        async with transaction(self.engine) as connection:
            if due:
                # Jobs are numbered in the order in which they become visible.
                await take_routing(connection)
            await self._move(connection, {one.key: one for one in sightings})
            if not due:
                return ()
            work = {
                "bots": [bot for bot, _ in due],
                "prices": [one.price for _, one in due],
                "times": [one.at for _, one in due],
            }
            made = await connection.execute(_QUEUE, work)
            keys = {Key(row.account, row.symbol): None for row in made}
        return tuple(keys)

    async def _move(self, connection: AsyncConnection, seen: dict[Key, Sighting]) -> None:
        asked = {
            "accounts": [key.account for key in seen],
            "symbols": [key.symbol for key in seen],
        }
        moved: list[dict[str, object]] = []
        for row in (await connection.execute(_MARKS, asked)).mappings():
            one = seen[Key(row["account"], row["symbol"])]
            account = self.known.account(row["revision"], row["tree"])
            before = DayMark(row["price"], row["at"], row["day"], row["day_open"])
            new = marked(before, Mark(price=one.price, at=one.at), account.day_start)
            moved.append({**one.key._asdict(), **new._asdict()})
        await keep_all(connection, _MOVE, moved)

    def _watched(self, row: RowMapping) -> WatchedPosition:
        market = rows.instrument(row)
        config = self.known.account(row["account_revision"], row["account_tree"])
        bound = self.known.bot(row["bound_revision"], row["bot_tree"])
        return WatchedPosition(
            bot=BotId(row["bot"]),
            account=desk_account(row["account_id"], config, market),
            instrument=market,
            position=rows.position(row),
            exits=bound.rules.exits,
            known_at=row["known_at"],
            resting=frozenset(map(ProtectionKind, row["resting"] or ())),
            now=row["now"],
        )
