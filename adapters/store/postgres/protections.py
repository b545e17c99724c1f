"""Protective orders in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.store.postgres import rows
from adapters.store.postgres.engine import single_statement, transaction
from adapters.store.postgres.locks import take_routing
from adapters.store.postgres.sql import (
    AMOUNT,
    MOMENT,
    NUMBER,
    SWITCH,
    WORD,
    keep_all,
    statement,
)
from adapters.store.postgres.tables.venues import LIVE_PROTECTION
from adapters.store.shared import Revisions, desk_account
from application.ports.protections import (
    Guarded,
    GuardedBot,
    Protection,
    ProtectionChange,
)
from application.ports.workbench import Claim, ClaimLost
from application.records import AccountId, BotId, Key, Mark, RevisionId
from domain.instrument import Symbol
from domain.money import ZERO
from domain.order import Order, OrderId, OrderStatus
from domain.position import FLAT
from domain.protection import ProtectionKind
from domain.reasons import Reason
from domain.signal import Direction

_MODE = statement("SELECT mode FROM accounts WHERE id = :account", account=NUMBER)
_WATCHED = statement(
    """
    SELECT account, symbol FROM (
        SELECT positions.account, positions.symbol FROM positions
        JOIN accounts ON accounts.id = positions.account AND accounts.mode <> 'paper'
        WHERE positions.quantity > 0
        UNION
        SELECT account, symbol FROM protections WHERE """,
    LIVE_PROTECTION,
    """
    ) AS held
    WHERE NOT EXISTS (
        SELECT FROM jobs WHERE jobs.account = held.account
          AND jobs.symbol = held.symbol AND status <> 'DONE'
    )
    ORDER BY account, symbol
    """,
)
_HELD = statement(
    """
    SELECT instruments.*, accounts.id AS account_id,
           accounts.revision AS account_revision, of_account.tree AS account_tree,
           installation.uuid, installation.epoch, clock_timestamp() AS now,
           marks.price AS mark, marks.at AS marked_at,
           bots.id AS bot_id, bots.name AS bot_name,
           coalesce(positions.bound_revision, bots.revision) AS bot_revision,
           of_bot.tree AS bot_tree, positions.*,
           EXISTS (SELECT FROM jobs WHERE jobs.bot = bots.id AND status <> 'DONE'
                   AND cause = 'PROTECTION') AS leaving
    FROM bots
    JOIN accounts ON accounts.id = bots.account
    CROSS JOIN installation
    JOIN revisions of_account ON of_account.id = accounts.revision
    JOIN instruments ON instruments.exchange = accounts.exchange
                    AND instruments.symbol = bots.symbol
    LEFT JOIN positions ON positions.bot = bots.id
    LEFT JOIN marks ON marks.account = bots.account AND marks.symbol = bots.symbol
    JOIN revisions of_bot
        ON of_bot.id = coalesce(positions.bound_revision, bots.revision)
    WHERE bots.account = :account AND bots.symbol = :symbol
      AND (positions.quantity > 0 OR EXISTS (
          SELECT FROM protections WHERE protections.bot = bots.id AND """,
    LIVE_PROTECTION,
    """
      ))
    ORDER BY bots.id
    """,
    account=NUMBER,
    symbol=WORD,
)
_PROTECTIONS = statement(
    """
    SELECT * FROM protections
    WHERE account = :account AND symbol = :symbol
      AND ((""",
    LIVE_PROTECTION,
    """)
           OR (status IN ('REJECTED', 'NOT_PLACED')
               AND looked_at > clock_timestamp() - interval '1 minute'))
    ORDER BY bot, created_at
    """,
    account=NUMBER,
    symbol=WORD,
)
FENCE = statement(
    """
    SELECT 1 FROM work_keys
    WHERE account = :account AND symbol = :symbol AND owner = :owner AND fence = :fence
    FOR NO KEY UPDATE
    """,
    account=NUMBER,
    symbol=WORD,
    owner=WORD,
    fence=NUMBER,
)
_KEEP = statement(
    """
    INSERT INTO protections (id, bot, account, symbol, revision, kind, reason, side,
        quantity, level, status, filled, venue_order_id, triggered, may_arrive_until,
        looked_at)
    VALUES (:id, :bot, :account, :symbol, :revision, :kind, :reason, :side, :quantity,
        :level, :status, :filled, :venue_order_id, :triggered, :may_arrive_until,
        clock_timestamp())
    ON CONFLICT (id) DO UPDATE SET
        status = excluded.status, filled = excluded.filled,
        venue_order_id = excluded.venue_order_id,
        triggered = protections.triggered OR excluded.triggered,
        looked_at = excluded.looked_at
    """,
    id=WORD,
    bot=NUMBER,
    account=NUMBER,
    symbol=WORD,
    revision=NUMBER,
    kind=WORD,
    reason=WORD,
    side=WORD,
    quantity=AMOUNT,
    level=AMOUNT,
    status=WORD,
    filled=AMOUNT,
    venue_order_id=WORD,
    triggered=SWITCH,
    may_arrive_until=MOMENT,
)
_MOVED = statement(
    """
    INSERT INTO protection_transitions (protection, seq, event, status_after, evidence, at)
    SELECT :protection, coalesce(max(seq), 0) + 1, :event, :status_after, :evidence, :at
    FROM protection_transitions WHERE protection = :protection
    """,
    protection=WORD,
    event=WORD,
    status_after=WORD,
    evidence=WORD,
    at=MOMENT,
)
_QUEUE = statement(
    """
    INSERT INTO jobs (bot, account, symbol, cause, status, protection)
    VALUES (:bot, :account, :symbol, 'PROTECTION', 'QUEUED', :id)
    ON CONFLICT (protection) DO NOTHING
    """,
    bot=NUMBER,
    account=NUMBER,
    symbol=WORD,
    id=WORD,
)


@dataclass(slots=True)
class PostgresProtections:
    """What rests at venues."""

    engine: AsyncEngine
    known: Revisions = field(default_factory=Revisions)
    _at_venue: dict[AccountId, bool] = field(default_factory=dict[AccountId, bool])

    async def at_venue(self, account: AccountId) -> bool:
        """Say whether an account trades at a real venue, from memory where it is known."""
        known = self._at_venue.get(account)
        if known is None:
            async with single_statement(self.engine) as connection:
                found = await connection.execute(_MODE, {"account": account})
            known = self._at_venue[account] = found.scalar_one() != "paper"
        return known

    async def watched(self) -> Sequence[Key]:
        """Return the keys where something is held or rests, and nobody works."""
        async with single_statement(self.engine) as connection:
            found = (await connection.execute(_WATCHED)).all()
        return [Key(AccountId(row.account), Symbol(row.symbol)) for row in found]

    async def guarded(self, key: Key) -> Guarded | None:
        """Return what is held and rests for a key."""
        async with single_statement(self.engine) as connection:
            held = (await connection.execute(_HELD, key._asdict())).mappings().all()
            if not held:
                return None
            resting = await connection.execute(_PROTECTIONS, key._asdict())
            of_bot = groupby(map(_protection, resting.mappings()), key=lambda one: one.bot)
            protections = {bot: tuple(ones) for bot, ones in of_bot}
        first = held[0]
        market = rows.instrument(first)
        config = self.known.account(first["account_revision"], first["account_tree"])
        return Guarded(
            key=key,
            installation=f"{first['uuid']}:{first['epoch']}",
            now=first["now"],
            account=desk_account(first["account_id"], config, market),
            instrument=market,
            mark=Mark(price=first["mark"], at=first["marked_at"])
            if first["mark"]
            else None,
            bots=tuple(
                self._bot(row, protections.get(BotId(row["bot_id"]), ())) for row in held
            ),
        )

    async def keep(self, claim: Claim, changes: Sequence[ProtectionChange]) -> None:
        """Keep orders with what happened to them, and queue the exits they made."""
        kept = [one.protection for one in changes]
        async with transaction(self.engine) as connection:
            triggered = [one for one in kept if one.triggered]
            if triggered:
                # Jobs are numbered in the order in which they become visible.
                await take_routing(connection)
            await _check(connection, claim)
            await keep_all(connection, _KEEP, [_row(one, claim.key) for one in kept])
            await keep_all(connection, _MOVED, [r for one in changes for r in _moves(one)])
            work = [
                {"bot": p.bot, "id": p.order.id, **claim.key._asdict()} for p in triggered
            ]
            await keep_all(connection, _QUEUE, work)

    def _bot(self, row: RowMapping, protections: tuple[Protection, ...]) -> GuardedBot:
        config = self.known.bot(row["bot_revision"], row["bot_tree"])
        return GuardedBot(
            id=BotId(row["bot_id"]),
            name=row["bot_name"],
            revision=RevisionId(row["bot_revision"]),
            position=FLAT if row["lots"] is None else rows.position(row),
            exits=config.rules.exits,
            protections=protections,
            leaving=row["leaving"],
        )


def _mark(row: RowMapping) -> Mark | None:
    return Mark(price=row["mark"], at=row["marked_at"]) if row["mark"] else None


async def _check(connection: AsyncConnection, claim: Claim) -> None:
    mine = claim.key._asdict() | {"owner": claim.owner, "fence": claim.fence}
    if (await connection.execute(FENCE, mine)).first() is None:
        raise ClaimLost(f"{claim.key} is not held by {claim.owner} any more")


def _row(one: Protection, key: Key) -> dict[str, Any]:
    order = one.order
    return {
        "id": order.id,
        "bot": one.bot,
        **key._asdict(),
        "revision": one.revision,
        "kind": one.kind.value,
        "reason": one.reason.value,
        "side": order.side.value,
        "quantity": order.quantity,
        "level": order.trigger_price,
        "status": order.status.value,
        "filled": order.filled,
        "venue_order_id": order.venue_order_id,
        "triggered": one.triggered,
        "may_arrive_until": order.may_arrive_until,
    }


def _moves(change: ProtectionChange) -> list[dict[str, Any]]:
    """Return the row of what happened, with the status that it led to."""
    moved = change.transition
    if moved is None:
        return []
    return [
        {
            "protection": moved.order,
            "event": moved.event.value,
            "status_after": change.protection.order.status.value,
            "evidence": moved.evidence,
            "at": moved.at,
        }
    ]


def _protection(row: RowMapping) -> Protection:
    kind = ProtectionKind(row["kind"])
    return Protection(
        bot=BotId(row["bot"]),
        revision=RevisionId(row["revision"]),
        kind=kind,
        reason=Reason(row["reason"]),
        triggered=row["triggered"],
        looked_at=row["looked_at"],
        order=Order(
            id=OrderId(row["id"]),
            symbol=row["symbol"],
            side=Direction(row["side"]),
            reduces=True,
            quantity=row["quantity"],
            decision_price=row["level"],
            trigger_price=row["level"],
            triggers_stop=kind is ProtectionKind.STOP,
            status=OrderStatus(row["status"]),
            filled=row["filled"],
            cost=ZERO,
            venue_order_id=row["venue_order_id"],
            may_arrive_until=row["may_arrive_until"],
        ),
    )
