"""One edit: a revision, and the row that is in force by it.

The caller holds the lock of routing, so that no job is made while the edit looks for work
that stands in its way. Rows are locked so that rows referring to them can still be made.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping, Table, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.store import refusals
from adapters.store.postgres import rows
from adapters.store.postgres.auditing import audit
from adapters.store.postgres.sql import NUMBER, statement
from adapters.store.postgres.tables import (
    account_totals,
    accounts,
    bot_memory,
    bots,
    feeds,
    installation,
    positions,
    revisions,
    timers,
)
from adapters.store.postgres.usage import DUST
from adapters.store.shared import plain_tree
from application.configuration.reader import (
    read_account,
    read_bot,
    read_installation,
)
from application.ports.configuration import Author, Edit, Kind, RevisionRow, Scope

_BUSY = statement(
    """
    SELECT
        EXISTS (
            SELECT FROM positions
            JOIN accounts ON accounts.id = positions.account
            JOIN instruments ON instruments.exchange = accounts.exchange
                            AND instruments.symbol = positions.symbol
            LEFT JOIN marks ON marks.account = positions.account
                           AND marks.symbol = positions.symbol
            WHERE positions.bot = :bot AND positions.quantity > 0
              AND NOT """,
    DUST,
    """
        ) AS holds,
        EXISTS (
            SELECT FROM intents
            WHERE bot = :bot AND status IN ('WAITING', 'WORKING', 'NEEDS_OPERATOR')
        ) AS orders,
        EXISTS (SELECT FROM jobs WHERE bot = :bot AND status <> 'DONE') AS waits
    """,
    bot=NUMBER,
)


_LEFT_OUT = statement(
    """
    SELECT bots.name AS bot, bots.symbol, accounts.name AS account
    FROM bots
    JOIN accounts ON accounts.id = bots.account
    JOIN revisions ON revisions.id = accounts.revision
    WHERE bots.archived_at IS NULL
      AND revisions.tree->'symbols' <> '[]'
      AND NOT jsonb_exists(revisions.tree->'symbols', bots.symbol)
    ORDER BY bots.id
    LIMIT 1
    """
)


async def make_edit(connection: AsyncConnection, edit: Edit, author: Author) -> None:
    """Make one thing new, or give it its next revision; nothing when nothing changes.

    Raises:
        EditRefused: Saying what stands in the way.
    """
    newest = await _newest(connection, edit)
    if await _is_unchanged(connection, edit, newest):
        return
    if newest is not None and edit.expected not in (None, newest.id):
        raise refusals.changed_meanwhile(edit.kind, edit.name, newest)
    revision = await _revise(connection, edit, author)
    match edit.kind:
        case Kind.FEED:
            await _feed(connection, edit, revision)
        case Kind.ACCOUNT:
            await _account(connection, edit, revision)
        case Kind.BOT:
            await _bot(connection, edit, revision)
        case Kind.INSTALLATION:
            await _installation(connection, edit, revision)


async def archive_bots(
    connection: AsyncConnection, names: Sequence[str], author: Author
) -> None:
    """Archive bots that are flat.

    Raises:
        EditRefused: If one holds a position or has work under way, or is unknown.
    """
    for name in names:
        bot = await _row(connection, bots, name)
        if bot is None:
            raise refusals.unknown_bot(name)
        held = await _held(connection, bot["id"])
        if held:
            raise refusals.archiving(name, held)
        await _point(connection, bots, bot["id"], {"archived_at": func.clock_timestamp()})
        await audit(connection, "archived", (Scope.BOT.value, name), author)


async def hold_symbols(connection: AsyncConnection) -> None:
    """See to it that each bot trades what its account may, once all edits are made.

    A file is checked before, but by what was in force then: another may have come between.

    Raises:
        EditRefused: Naming the first bot that does not.
    """
    wrong = (await connection.execute(_LEFT_OUT)).first()
    if wrong is not None:
        raise refusals.left_out(wrong.bot, wrong.symbol, wrong.account)


async def _newest(connection: AsyncConnection, edit: Edit) -> RevisionRow | None:
    asked = (
        select(revisions)
        .where(revisions.c.kind == edit.kind.value, revisions.c.name == edit.name)
        .order_by(revisions.c.id.desc())
        .limit(1)
    )
    row = (await connection.execute(asked)).mappings().one_or_none()
    return None if row is None else rows.revision(row)


async def _is_unchanged(
    connection: AsyncConnection, edit: Edit, newest: RevisionRow | None
) -> bool:
    """Say whether the newest revision says the same; an archived bot comes back."""
    if newest is None or newest.tree != plain_tree(edit.tree):
        return False
    if edit.kind is Kind.FEED:
        # Somebody else made it just now: this token would never open it.
        return edit.token_digest is None or edit.expected is None
    if edit.kind is not Kind.BOT:
        return True
    bot = await _row(connection, bots, edit.name)
    return bot is not None and bot["archived_at"] is None and bot["symbol"] == edit.symbol


async def _revise(connection: AsyncConnection, edit: Edit, author: Author) -> int:
    row = {
        "kind": edit.kind.value,
        "name": edit.name,
        "tree": plain_tree(edit.tree),
        "author": author.name,
        "source": author.source,
        "reason": author.reason,
    }
    made = await connection.execute(insert(revisions).returning(revisions.c.id), row)
    return int(made.scalar_one())


async def _installation(connection: AsyncConnection, edit: Edit, revision: int) -> None:
    if read_installation(edit.tree).value is None:
        raise refusals.unreadable(edit.kind, edit.name)
    await connection.execute(update(installation).values(revision=revision))


async def _feed(connection: AsyncConnection, edit: Edit, revision: int) -> None:
    known = await _row(connection, feeds, edit.name)
    if known is not None:
        await _point(connection, feeds, known["id"], {"revision": revision})
        return
    if edit.token_digest is None:
        raise refusals.without_token(edit.name)
    row = {"name": edit.name, "token_digest": edit.token_digest, "revision": revision}
    await connection.execute(insert(feeds), row)


async def _account(connection: AsyncConnection, edit: Edit, revision: int) -> None:
    config = read_account(edit.tree).value
    if config is None:
        raise refusals.unreadable(edit.kind, edit.name)
    known = await _row(connection, accounts, edit.name)
    row = {"exchange": config.exchange, "mode": config.mode, "revision": revision}
    if known is None:
        made = await connection.execute(
            insert(accounts).returning(accounts.c.id), row | {"name": edit.name}
        )
        await connection.execute(insert(account_totals), {"account": made.scalar_one()})
        return
    for fixed in ("exchange", "mode"):
        if known[fixed] != row[fixed]:
            raise refusals.fixed_for_life(edit.name, fixed, known[fixed])
    await _point(connection, accounts, known["id"], row | {"archived_at": None})


async def _bot(connection: AsyncConnection, edit: Edit, revision: int) -> None:
    config = read_bot(edit.tree).value
    if config is None:
        raise refusals.unreadable(edit.kind, edit.name)
    account = await _row(connection, accounts, config.account)
    feed = await _row(connection, feeds, config.feed)
    if account is None or feed is None or edit.symbol is None:
        raise refusals.unresolved(edit.name)
    row = {
        "account": account["id"],
        "feed": feed["id"],
        "symbol": edit.symbol,
        "chart_key": config.chart.key,
        "enabled": config.enabled,
        "revision": revision,
        "archived_at": None,
    }
    known = await _row(connection, bots, edit.name)
    if known is None:
        await connection.execute(insert(bots), row | {"name": edit.name})
        return
    await _move(connection, known, row)
    await _point(connection, bots, known["id"], row)
    if edit.adopt:
        await connection.execute(
            update(positions)
            .where(positions.c.bot == known["id"], positions.c.quantity > 0)
            .values(bound_revision=revision)
        )


async def _move(
    connection: AsyncConnection, known: RowMapping, row: dict[str, Any]
) -> None:
    """Let a flat bot go to another market or chart; what it remembers stays behind."""
    fixed = {"account": "account", "symbol": "symbol", "chart_key": "chart"}
    moved = [word for name, word in fixed.items() if known[name] != row[name]]
    if not moved:
        return
    held = await _held(connection, known["id"])
    if held:
        raise refusals.moving(known["name"], moved, held)
    left = (bot_memory, timers) if moved == ["chart"] else (bot_memory, timers, positions)
    for table in left:
        await connection.execute(delete(table).where(table.c.bot == known["id"]))


async def _held(connection: AsyncConnection, bot: int) -> str:
    """Return what a bot still has to do with the market; empty when it is flat."""
    found = (await connection.execute(_BUSY, {"bot": bot})).one()
    if found.holds:
        return refusals.HOLDS
    if found.orders:
        return refusals.ORDERS
    return refusals.WAITS if found.waits else ""


async def _row(connection: AsyncConnection, table: Table, name: str) -> RowMapping | None:
    found = await connection.execute(
        select(table).where(table.c.name == name).with_for_update(key_share=True)
    )
    return found.mappings().one_or_none()


async def _point(
    connection: AsyncConnection, table: Table, id: int, values: dict[str, Any]
) -> None:
    await connection.execute(update(table).where(table.c.id == id).values(**values))
