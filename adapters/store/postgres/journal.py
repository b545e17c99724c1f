"""What happened, read back in order: executions, and the positions they led to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.postgres import rows
from adapters.store.postgres.engine import single_statement
from adapters.store.postgres.sql import MOMENT, WORD, statement
from adapters.store.postgres.turnover import differing_turnovers
from application.ports.audit import ExecutionRow, KeptBooks, KeptPosition
from application.records import BotId
from domain.instrument import Symbol
from domain.position import Fill
from domain.signal import Direction

_POSITIONS = statement(
    """
    SELECT positions.*, bots.name FROM positions JOIN bots ON bots.id = positions.bot
    ORDER BY positions.bot
    """
)
_FILLS = statement(
    """
    SELECT fills.*, intents.number, instruments.base, (alerts.signal ->> 'bar_time') AS bar,
           EXISTS (SELECT FROM dust WHERE dust.intent = fills.intent)
           AND fills.id = (SELECT max(id) FROM fills AS last
                           WHERE last.intent = fills.intent) AS leaves_dust
    FROM fills
    JOIN positions ON positions.bot = fills.bot AND positions.account = fills.account
                  AND positions.symbol = fills.symbol
    JOIN intents ON intents.id = fills.intent
    JOIN accounts ON accounts.id = fills.account
    JOIN instruments ON instruments.exchange = accounts.exchange
                    AND instruments.symbol = fills.symbol
    JOIN jobs ON jobs.id = intents.job
    LEFT JOIN alerts ON alerts.id = jobs.alert
    ORDER BY fills.id
    """
)
_EXECUTIONS = statement(
    """
    SELECT fills.*, accounts.name AS account_name, accounts.exchange, accounts.mode,
           bots.name AS bot_name, orders.venue_order_id, intents.reason, jobs.alert
    FROM fills
    JOIN accounts ON accounts.id = fills.account
    JOIN bots ON bots.id = fills.bot
    JOIN orders ON orders.id = fills."order"
    JOIN intents ON intents.id = fills.intent
    JOIN jobs ON jobs.id = intents.job
    WHERE (:account IS NULL OR accounts.name = :account)
      AND fills.at >= :since AND fills.at < :until
    ORDER BY fills.at, fills.id
    """,
    account=WORD,
    since=MOMENT,
    until=MOMENT,
)


@dataclass(frozen=True, slots=True)
class PostgresJournal:
    """The journal."""

    engine: AsyncEngine

    async def books(self) -> KeptBooks:
        """Return positions with their executions, and hours that differ from theirs."""
        alone = self.engine.execution_options(isolation_level="REPEATABLE READ")
        async with alone.begin() as connection:
            kept = (await connection.execute(_POSITIONS)).mappings().all()
            found: dict[int, list[Fill | None]] = {row["bot"]: [] for row in kept}
            for row in (await connection.execute(_FILLS)).mappings():
                found[row["bot"]] += (
                    (_fill(row), None) if row["leaves_dust"] else (_fill(row),)
                )
            differing = await differing_turnovers(connection)
        positions = [
            KeptPosition(
                bot=BotId(row["bot"]),
                name=row["name"],
                symbol=Symbol(row["symbol"]),
                position=rows.position(row),
                quantity=row["quantity"],
                cost=row["cost"],
                fills=tuple(found[row["bot"]]),
            )
            for row in kept
        ]
        return KeptBooks(positions, differing)

    async def executions(
        self, account: str | None, since: datetime, until: datetime
    ) -> Sequence[ExecutionRow]:
        """Return executions of a span of time."""
        values = {"account": account, "since": since, "until": until}
        async with single_statement(self.engine) as connection:
            found = await connection.execute(_EXECUTIONS, values)
            return [_execution(row) for row in found.mappings()]


def _fill(row: RowMapping) -> Fill:
    bar = row["bar"]
    return Fill(
        Direction(row["side"]),
        row["number"],
        row["held"],
        row["price"],
        row["charged"],
        row["at"],
        datetime.fromisoformat(bar) if bar else None,
    )


def _execution(row: RowMapping) -> ExecutionRow:
    long = row["side"] == Direction.LONG.value
    return ExecutionRow(
        id=row["id"],
        at=row["at"],
        account=row["account_name"],
        exchange=row["exchange"],
        mode=row["mode"],
        bot=row["bot_name"],
        symbol=row["symbol"],
        buys=long is not row["reduces"],
        reduces=row["reduces"],
        quantity=row["quantity"],
        price=row["price"],
        fee=row["fee"],
        fee_currency=row["fee_currency"],
        realized=row["realized"],
        order=row["order"],
        venue_order=row["venue_order_id"] or "",
        trade=row["trade_id"],
        reason=row["reason"],
        alert=row["alert"],
        revision=row["revision"],
    )
