"""The audit's chain in PostgreSQL.

Rows are chained shortly after their transaction is over, by one at a time, so that nothing
waits for the chain. A row is new when its transaction is not older than where the last
look ended; only transactions older than every one that still runs are looked at, so none
is skipped that commits late. After a restore transactions are numbered anew from below:
then everything is looked at again, and what is in the chain stays out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.store.postgres.engine import single_statement, transaction
from adapters.store.postgres.locks import CHAINING
from adapters.store.postgres.sql import COUNT, NUMBER, WORD, many, statement
from adapters.store.postgres.tables import audit_log, audit_state
from application.ports.audit import (
    FORM,
    Entry,
    Head,
    Source,
    content_hash,
    link_hash,
)

_CONTENT = {
    Source.REVISION: (
        "revisions",
        "revisions.id::text",
        "revisions.id, kind, name, tree, author, source, reason, at",
        "",
    ),
    Source.ACTION: (
        "operator_actions",
        "operator_actions.id::text",
        "operator_actions.id, action, scope, name, detail, author, source, reason, at",
        "",
    ),
    Source.DECISION: (
        "decisions",
        "decisions.job || '/' || decisions.step",
        "job, step, bot, revision, decisions.reason, findings, sized, at",
        "",
    ),
    Source.TRANSITION: (
        "order_transitions",
        """order_transitions."order" || '/' || order_transitions.seq""",
        """order_transitions."order", seq, event, status_after, evidence,
           order_transitions.at, orders.intent, orders.bot, orders.account, orders.symbol,
           orders.revision, leg, generation, orders.side, reduces, orders.quantity,
           decision_price, trigger_price, intents.number, intents.reason""",
        """JOIN orders ON orders.id = order_transitions."order"
           JOIN intents ON intents.id = orders.intent""",
    ),
    Source.FILL: (
        "fills",
        "fills.id::text",
        """fills.id, "order", trade_id, intent, bot, account, symbol, revision, side,
           reduces, quantity, price, fee, fee_currency, held, realized, at, recorded_at""",
        "",
    ),
}
"""Of each source: its table, a row's name in the chain, its content in FORM 1, joins."""
_KEYED = {
    Source.REVISION: "revisions.id = given.ref::bigint",
    Source.ACTION: "operator_actions.id = given.ref::bigint",
    Source.DECISION: """decisions.job = split_part(given.ref, '/', 1)::bigint
        AND decisions.step = split_part(given.ref, '/', 2)::int""",
    Source.TRANSITION: """order_transitions."order" = split_part(given.ref, '/', 1)
        AND order_transitions.seq = split_part(given.ref, '/', 2)::int""",
    Source.FILL: "fills.id = given.ref::bigint",
}


def _new_rows(source: Source, what: str, condition: str) -> str:
    table, ref, content, joins = _CONTENT[source]
    columns = {"content": f", jsonb_build_array({content})::text AS content"}.get(what, "")
    return f"""
        SELECT '{source.value}' AS source, {list(Source).index(source)} AS place,
               {table}.xid, {ref} AS ref{columns}
        FROM {table} {joins if columns else ""}
        WHERE {condition.format(table=table)}
          AND NOT EXISTS (
              SELECT FROM audit_log WHERE source = '{source.value}' AND ref = {ref}
          )
    """  # noqa: S608 - names from above


def _all_rows(what: str, condition: str) -> str:
    return " UNION ALL ".join(_new_rows(source, what, condition) for source in Source)


_HORIZON = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_NEW = statement(
    _all_rows("content", "{table}.xid >= :since AND {table}.xid < :until"),
    "ORDER BY xid, place, ref LIMIT :limit",
    since=NUMBER,
    until=NUMBER,
    limit=COUNT,
)
_LATE = statement(
    _all_rows("names", "{table}.xid < :since"), "ORDER BY 3, 2, 4 LIMIT 5", since=NUMBER
)
_WAITING = statement(
    "SELECT count(*) FROM (",
    _all_rows("names", "{table}.xid >= :since"),
    ") AS rows",
    since=NUMBER,
)
_CONTENTS = {
    source: statement(
        f"""
        SELECT given.ref, jsonb_build_array({content})::text AS content
        FROM unnest(:refs) AS given (ref) JOIN {table} ON {_KEYED[source]} {joins}
        """,  # noqa: S608 - names from above
        refs=many(WORD),
    )
    for source, (table, _, content, joins) in _CONTENT.items()
}
_STATE = select(audit_state, func.now())


@dataclass(frozen=True, slots=True)
class PostgresAuditChain:
    """The chain."""

    engine: AsyncEngine

    async def extend(self, limit: int) -> int:
        """Chain what is new."""
        async with transaction(self.engine) as connection:
            alone = select(func.pg_try_advisory_xact_lock(CHAINING))
            if not (await connection.execute(alone)).scalar_one():
                return 0
            horizon = statement(f"SELECT {_HORIZON}")
            until = (await connection.execute(horizon)).scalar_one()
            state = (await connection.execute(select(audit_state))).one()
            since = state.next_xid if state.next_xid <= until else 0
            values = {"since": since, "until": until, "limit": limit}
            found = (await connection.execute(_NEW, values)).mappings().all()
            head = await _chained(connection, Head(state.position, state.hash), found)
            # A transaction that may have been cut by the limit is looked at again.
            following = found[-1]["xid"] if len(found) == limit else until
            if found or following != state.next_xid:
                await connection.execute(
                    update(audit_state).values(
                        next_xid=following, position=head.position, hash=head.hash
                    )
                )
            return len(found)

    async def head(self) -> Head:
        """Return where the chain ends."""
        async with single_statement(self.engine) as connection:
            state = (await connection.execute(select(audit_state))).one()
            return Head(state.position, state.hash)

    async def entries(self, after: int, limit: int) -> Sequence[tuple[Entry, str | None]]:
        """Return links in order, each with its row's content now."""
        asked = (
            select(audit_log)
            .where(audit_log.c.position > after)
            .order_by(audit_log.c.position)
            .limit(limit)
        )
        async with single_statement(self.engine) as connection:
            found = (await connection.execute(asked)).mappings().all()
            entries = [_entry(row) for row in found]
            contents = await _contents(connection, entries)
        return [(one, contents.get((one.source, one.ref))) for one in entries]

    async def unchained(self) -> Sequence[tuple[Source, str]]:
        """Return rows older than the chain's end that are not in it."""
        async with single_statement(self.engine) as connection:
            state = (await connection.execute(select(audit_state))).one()
            found = await connection.execute(_LATE, {"since": state.next_xid})
            return [(Source(row.source), row.ref) for row in found]

    async def waiting(self) -> int:
        """Return how many rows are still to be chained."""
        async with single_statement(self.engine) as connection:
            state = (await connection.execute(select(audit_state))).one()
            asked = await connection.execute(_WAITING, {"since": state.next_xid})
            return int(asked.scalar_one())


async def _chained(
    connection: AsyncConnection, head: Head, found: Sequence[RowMapping]
) -> Head:
    links: list[dict[str, object]] = []
    for row in found:
        position, content = head.position + 1, content_hash(row["content"])
        name = (Source(row["source"]), row["ref"])
        hash = link_hash(head.hash, position, name, content)
        links.append(
            {
                "position": position,
                "source": row["source"],
                "ref": row["ref"],
                "form": FORM,
                "content": content,
                "previous": head.hash,
                "hash": hash,
            }
        )
        head = Head(position, hash)
    if links:
        await connection.execute(insert(audit_log), links)
    return head


async def _contents(
    connection: AsyncConnection, entries: Sequence[Entry]
) -> dict[tuple[Source, str], str]:
    found: dict[tuple[Source, str], str] = {}
    for source, asked in _CONTENTS.items():
        refs = [one.ref for one in entries if one.source is source]
        if refs:
            for row in await connection.execute(asked, {"refs": refs}):
                found[source, row.ref] = row.content
    return found


def _entry(row: RowMapping) -> Entry:
    return Entry(
        position=row["position"],
        source=Source(row["source"]),
        ref=row["ref"],
        content=row["content"],
        previous=row["previous"],
        hash=row["hash"],
    )
