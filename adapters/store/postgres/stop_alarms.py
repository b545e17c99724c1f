"""Missing stops in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.postgres import rows
from adapters.store.postgres.engine import single_statement, transaction
from adapters.store.postgres.notices import keep_notices
from adapters.store.postgres.sql import (
    MOMENT,
    NUMBER,
    SWITCH,
    WORD,
    keep_all,
    many,
    statement,
)
from adapters.store.shared import Revisions, desk_account
from application.notice import Notice
from application.ports.stop_alarms import HeldStop, StopMissing
from application.records import BotId
from domain.money import ZERO

_HELD = statement(
    """
    SELECT instruments.*, positions.quantity, positions.bound_revision, bots.id AS bot,
           bots.name AS bot_name, accounts.id AS account_id,
           accounts.revision AS account_revision, of_account.tree AS account_tree,
           of_bot.tree AS bot_tree, marks.at AS priced_at, missing_stops.since,
           missing_stops.told_at IS NOT NULL AS told, clock_timestamp() AS now,
           (SELECT max(quantity) FROM protections
            WHERE protections.bot = bots.id AND kind = 'STOP' AND NOT triggered
              AND status IN ('OPEN', 'PARTIALLY_FILLED')) AS resting,
           (SELECT evidence FROM protection_transitions
            JOIN protections ON protections.id = protection_transitions.protection
            WHERE protections.bot = bots.id AND kind = 'STOP' AND NOT triggered
            ORDER BY at DESC, seq DESC LIMIT 1) AS said
    FROM positions
    JOIN bots ON bots.id = positions.bot
    JOIN accounts ON accounts.id = positions.account AND accounts.mode <> 'paper'
    JOIN revisions of_account ON of_account.id = accounts.revision
    JOIN revisions of_bot ON of_bot.id = positions.bound_revision
    JOIN instruments ON instruments.exchange = accounts.exchange
                    AND instruments.symbol = positions.symbol
    LEFT JOIN marks ON marks.account = positions.account
                   AND marks.symbol = positions.symbol
    LEFT JOIN missing_stops ON missing_stops.bot = bots.id
    WHERE positions.quantity > 0
    ORDER BY bots.id
    """
)
_FORGET = statement(
    "DELETE FROM missing_stops WHERE NOT bot = ANY(:bots)", bots=many(NUMBER)
)
_KEEP = statement(
    """
    INSERT INTO missing_stops (bot, since, why, told_at)
    VALUES (:bot, :since, :why, CASE WHEN :tells THEN clock_timestamp() END)
    ON CONFLICT (bot) DO UPDATE SET
        why = excluded.why, told_at = coalesce(missing_stops.told_at, excluded.told_at)
    """,
    bot=NUMBER,
    since=MOMENT,
    why=WORD,
    tells=SWITCH,
)


@dataclass(frozen=True, slots=True)
class PostgresStopAlarms:
    """Who holds the stops of open positions."""

    engine: AsyncEngine
    known: Revisions = field(default_factory=Revisions)

    async def held_stops(self) -> Sequence[HeldStop]:
        """Return the positions whose rules ask for a stop."""
        async with single_statement(self.engine) as connection:
            found = (await connection.execute(_HELD)).mappings().all()
        return [self._held(row) for row in found if self._asks_for_stop(row)]

    async def keep(self, missing: Sequence[StopMissing], again: Sequence[Notice]) -> None:
        """Keep what is missing now, and what is to be told of it."""
        notices = [one.notice for one in missing if one.notice is not None]
        values = [
            {
                "bot": one.bot,
                "since": one.since,
                "why": one.why,
                "tells": one.notice is not None,
            }
            for one in missing
        ]
        async with transaction(self.engine) as connection:
            await connection.execute(_FORGET, {"bots": [one.bot for one in missing]})
            await keep_all(connection, _KEEP, values)
            await keep_notices(connection, [*notices, *again])

    def _asks_for_stop(self, row: RowMapping) -> bool:
        exits = self.known.bot(row["bound_revision"], row["bot_tree"]).rules.exits
        return not (exits.stop_loss_percent is None and exits.trailing_percent is None)

    def _held(self, row: RowMapping) -> HeldStop:
        market = rows.instrument(row)
        config = self.known.account(row["account_revision"], row["account_tree"])
        return HeldStop(
            bot=BotId(row["bot"]),
            name=row["bot_name"],
            account=desk_account(row["account_id"], config, market),
            instrument=market,
            quantity=row["quantity"],
            resting=row["resting"] or ZERO,
            said=row["said"] or "",
            priced_at=row["priced_at"],
            missing_since=row["since"],
            told=row["told"],
            now=row["now"],
        )
