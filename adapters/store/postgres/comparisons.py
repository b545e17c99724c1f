"""Comparisons with venues in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import RowMapping, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.postgres import rows
from adapters.store.postgres.auditing import audit
from adapters.store.postgres.engine import single_statement, transaction
from adapters.store.postgres.locks import ROUTING
from adapters.store.postgres.sql import AMOUNT, NUMBER, SWITCH, WORD, statement
from adapters.store.shared import Revisions, desk_account
from application.ports.comparisons import ComparedMarket, Comparison
from application.ports.configuration import Author
from application.records import AccountId
from domain.instrument import Symbol
from domain.money import ZERO

_MARKETS = statement(
    """
    SELECT instruments.*, accounts.id AS account_id, accounts.revision, revisions.tree,
           held.ours, coalesce(comparisons.baseline, 0) AS baseline,
           comparisons.differs_since, clock_timestamp() AS now,
           EXISTS (SELECT FROM jobs WHERE jobs.account = accounts.id
                   AND jobs.symbol = held.symbol AND status <> 'DONE') AS busy
    FROM (
        SELECT bots.account, bots.symbol, bool_or(bots.enabled) AS trades,
               coalesce(sum(CASE positions.side WHEN 'LONG' THEN positions.quantity
                            ELSE -positions.quantity END), 0) AS ours
        FROM bots LEFT JOIN positions ON positions.bot = bots.id
        GROUP BY bots.account, bots.symbol
    ) AS held
    JOIN accounts ON accounts.id = held.account AND accounts.mode <> 'paper'
    JOIN revisions ON revisions.id = accounts.revision
    JOIN instruments ON instruments.exchange = accounts.exchange
                    AND instruments.symbol = held.symbol
    LEFT JOIN comparisons ON comparisons.account = accounts.id
                         AND comparisons.symbol = held.symbol
    WHERE held.trades OR held.ours <> 0
    ORDER BY accounts.id, held.symbol
    """
)
_KEEP = statement(
    """
    INSERT INTO comparisons (account, symbol, ours, theirs, differs_since, gates)
    VALUES (:account, :symbol, :ours, :theirs,
            CASE WHEN :differs THEN clock_timestamp() END, false)
    ON CONFLICT (account, symbol) DO UPDATE SET
        ours = excluded.ours,
        theirs = coalesce(excluded.theirs, comparisons.theirs),
        differs_since = CASE WHEN :differs THEN
            coalesce(comparisons.differs_since, excluded.differs_since) END,
        gates = :differs AND (:gates OR comparisons.gates),
        checked_at = clock_timestamp()
    """,
    account=NUMBER,
    symbol=WORD,
    ours=AMOUNT,
    theirs=AMOUNT,
    differs=SWITCH,
    gates=SWITCH,
)
_ALL = statement(
    """
    SELECT accounts.name, comparisons.* FROM comparisons
    JOIN accounts ON accounts.id = comparisons.account
    ORDER BY gates DESC, differs_since, accounts.name, symbol
    """
)
_IGNORE = statement(
    """
    UPDATE comparisons SET baseline = theirs - ours, differs_since = NULL, gates = false
    WHERE account = :account AND symbol = :symbol AND theirs IS NOT NULL
      AND differs_since IS NOT NULL
    RETURNING baseline, ours, theirs
    """,
    account=NUMBER,
    symbol=WORD,
)

_ADOPT = statement(
    """
    INSERT INTO jobs (bot, account, symbol, cause, status, price, priced_at)
    SELECT positions.bot, positions.account, positions.symbol, 'VENUE', 'QUEUED',
           marks.price, marks.at
    FROM positions
    JOIN marks ON marks.account = positions.account AND marks.symbol = positions.symbol
    WHERE positions.account = :account AND positions.symbol = :symbol
      AND positions.quantity > 0
      AND NOT EXISTS (SELECT FROM jobs WHERE jobs.bot = positions.bot
                      AND jobs.status <> 'DONE')
    ORDER BY positions.bot
    RETURNING id
    """,
    account=NUMBER,
    symbol=WORD,
)


@dataclass(frozen=True, slots=True)
class PostgresComparisons:
    """What venues say they hold."""

    engine: AsyncEngine
    known: Revisions = field(default_factory=Revisions)

    async def markets(self) -> Sequence[ComparedMarket]:
        """Return every market of a real venue that a bot trades or holds something in."""
        async with single_statement(self.engine) as connection:
            found = (await connection.execute(_MARKETS)).mappings().all()
        return [self._market(row) for row in found]

    async def keep(
        self, market: ComparedMarket, theirs: Decimal | None, *, differs: bool, gates: bool
    ) -> None:
        """Keep what was seen."""
        values = {
            "account": market.account.id,
            "symbol": market.key.symbol,
            "ours": market.ours,
            "theirs": theirs,
            "differs": differs,
            "gates": gates,
        }
        async with single_statement(self.engine) as connection:
            await connection.execute(_KEEP, values)

    async def all(self) -> Sequence[Comparison]:
        """Return what was seen last of each market."""
        async with single_statement(self.engine) as connection:
            found = (await connection.execute(_ALL)).mappings().all()
        return [_comparison(row) for row in found]

    async def ignore(self, account: AccountId, symbol: Symbol, author: Author) -> bool:
        """Take the difference for not ours, and audit it."""
        async with transaction(self.engine) as connection:
            place = {"account": account, "symbol": symbol}
            row = (await connection.execute(_IGNORE, place)).mappings().one_or_none()
            if row is None:
                return False
            detail = {name: f"{row[name]:f}" for name in ("baseline", "ours", "theirs")}
            await audit(connection, "ignore_difference", ("market", symbol), author, detail)
            return True

    async def adopt(self, market: ComparedMarket) -> bool:
        """Queue a job for every bot that holds, with the market's newest price."""
        place = {"account": market.account.id, "symbol": market.key.symbol}
        async with transaction(self.engine) as connection:
            # Jobs are numbered in the order in which they become visible.
            await connection.execute(select(func.pg_advisory_xact_lock(ROUTING)))
            return bool((await connection.execute(_ADOPT, place)).all())

    def _market(self, row: RowMapping) -> ComparedMarket:
        market = rows.instrument(row)
        config = self.known.account(row["revision"], row["tree"])
        return ComparedMarket(
            account=desk_account(row["account_id"], config, market),
            instrument=market,
            ours=row["ours"],
            baseline=row["baseline"],
            busy=row["busy"],
            differs_since=row["differs_since"],
            now=row["now"],
            on_difference=config.on_difference,
        )


def _comparison(row: RowMapping) -> Comparison:
    return Comparison(
        account=row["name"],
        symbol=Symbol(row["symbol"]),
        ours=row["ours"],
        theirs=row["theirs"],
        baseline=row["baseline"] or ZERO,
        differs_since=row["differs_since"],
        gates=row["gates"],
        checked_at=row["checked_at"],
    )
