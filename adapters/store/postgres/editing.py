"""One edit: a revision, and the row that is in force by it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping, Table, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.store.postgres.tables import (
    account_totals,
    accounts,
    bots,
    feeds,
    installation,
    intents,
    operator_actions,
    positions,
    revisions,
)
from application.configuration.reader import read_account, read_bot
from application.ports.configuration import Author, Edit, EditRefused, Kind
from application.records import IntentStatus

_LIVE = (IntentStatus.WAITING, IntentStatus.WORKING, IntentStatus.NEEDS_OPERATOR)


async def make_edit(connection: AsyncConnection, edit: Edit, author: Author) -> None:
    """Make one thing new, or give it its next revision; nothing when nothing changes.

    Raises:
        EditRefused: Saying what stands in the way.
    """
    if await _is_unchanged(connection, edit):
        return
    revision = await _revise(connection, edit, author)
    match edit.kind:
        case Kind.FEED:
            await _feed(connection, edit, revision)
        case Kind.ACCOUNT:
            await _account(connection, edit, revision)
        case Kind.BOT:
            await _bot(connection, edit, revision)
        case Kind.INSTALLATION:
            await connection.execute(update(installation).values(revision=revision))


async def archive_bots(
    connection: AsyncConnection, names: Sequence[str], author: Author
) -> None:
    """Archive bots that are flat.

    Raises:
        EditRefused: If one holds a position or has an order under way, or is unknown.
    """
    for name in names:
        bot = await _row(connection, bots, name)
        if bot is None:
            message = f"there is no bot {name}"
            raise EditRefused(message)
        held = await _held(connection, bot["id"])
        if held:
            message = f"bot {name} cannot be archived: it {held}"
            raise EditRefused(message)
        await connection.execute(
            update(bots)
            .where(bots.c.id == bot["id"])
            .values(archived_at=func.clock_timestamp())
        )
        await connection.execute(
            insert(operator_actions),
            {
                "action": "archived",
                "scope": Kind.BOT.value,
                "name": name,
                "detail": {},
                "author": author.name,
                "source": author.source,
                "reason": author.reason,
            },
        )


async def _is_unchanged(connection: AsyncConnection, edit: Edit) -> bool:
    """Say whether the newest revision says the same; an archived bot comes back."""
    newest = (
        select(revisions.c.tree)
        .where(revisions.c.kind == edit.kind.value, revisions.c.name == edit.name)
        .order_by(revisions.c.id.desc())
        .limit(1)
    )
    found = (await connection.execute(newest)).scalar_one_or_none()
    if found is None or found != edit.tree:
        return False
    if edit.kind is not Kind.BOT:
        return True
    bot = await _row(connection, bots, edit.name)
    return bot is not None and bot["archived_at"] is None and not edit.adopt


async def _revise(connection: AsyncConnection, edit: Edit, author: Author) -> int:
    row = {
        "kind": edit.kind.value,
        "name": edit.name,
        "tree": dict(edit.tree),
        "author": author.name,
        "source": author.source,
        "reason": author.reason,
    }
    made = await connection.execute(insert(revisions).returning(revisions.c.id), row)
    return int(made.scalar_one())


async def _feed(connection: AsyncConnection, edit: Edit, revision: int) -> None:
    known = await _row(connection, feeds, edit.name)
    if known is not None:
        await _point(connection, feeds, known["id"], {"revision": revision})
        return
    if edit.token_digest is None:
        message = f"feed {edit.name} is new and needs a token"
        raise EditRefused(message)
    row = {"name": edit.name, "token_digest": edit.token_digest, "revision": revision}
    await connection.execute(insert(feeds), row)


async def _account(connection: AsyncConnection, edit: Edit, revision: int) -> None:
    config = read_account(dict(edit.tree)).value
    if config is None:
        message = f"account {edit.name}: its configuration cannot be read"
        raise EditRefused(message)
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
            message = f"account {edit.name}: its {fixed} is {known[fixed]} for life"
            raise EditRefused(message)
    await _point(connection, accounts, known["id"], row | {"archived_at": None})


async def _bot(connection: AsyncConnection, edit: Edit, revision: int) -> None:
    config = read_bot(dict(edit.tree)).value
    account = await _row(connection, accounts, str(edit.tree.get("account")))
    feed = await _row(connection, feeds, str(edit.tree.get("feed")))
    if config is None or account is None or feed is None or edit.symbol is None:
        message = f"bot {edit.name}: its account, feed or symbol is not known"
        raise EditRefused(message)
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
    await _refuse_moving(connection, known, row)
    await _point(connection, bots, known["id"], row)
    if edit.adopt:
        await connection.execute(
            update(positions)
            .where(positions.c.bot == known["id"], positions.c.quantity > 0)
            .values(bound_revision=revision)
        )


async def _refuse_moving(
    connection: AsyncConnection, known: RowMapping, row: dict[str, Any]
) -> None:
    fixed = {"account": "account", "symbol": "symbol", "chart_key": "chart"}
    moved = [word for name, word in fixed.items() if known[name] != row[name]]
    held = await _held(connection, known["id"]) if moved else ""
    if held:
        message = (
            f"bot {known['name']}: its {' and '.join(moved)} cannot change while it {held}"
        )
        raise EditRefused(message)


async def _held(connection: AsyncConnection, bot: int) -> str:
    """Return what a bot still has to do with the market; empty when it is flat."""
    open_position = select(positions.c.bot).where(
        positions.c.bot == bot, positions.c.quantity > 0
    )
    if (await connection.execute(open_position)).first() is not None:
        return "holds a position"
    live = select(intents.c.id).where(
        intents.c.bot == bot, intents.c.status.in_([status.value for status in _LIVE])
    )
    if (await connection.execute(live.limit(1))).first() is not None:
        return "has an order under way"
    return ""


async def _row(connection: AsyncConnection, table: Table, name: str) -> RowMapping | None:
    found = await connection.execute(
        select(table).where(table.c.name == name).with_for_update()
    )
    return found.mappings().one_or_none()


async def _point(
    connection: AsyncConnection, table: Table, id: int, values: dict[str, Any]
) -> None:
    await connection.execute(update(table).where(table.c.id == id).values(**values))
