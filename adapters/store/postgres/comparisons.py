"""Comparisons with venues in PostgreSQL."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.store.postgres import rows, trees
from adapters.store.postgres.auditing import audit
from adapters.store.postgres.engine import single_statement, transaction
from adapters.store.postgres.locks import take_routing
from adapters.store.postgres.notices import keep_notices
from adapters.store.postgres.sql import (
    AMOUNT,
    MOMENT,
    NUMBER,
    SWITCH,
    TREE,
    WORD,
    many,
    statement,
)
from adapters.store.postgres.tables.venues import LIVE_CLOSE
from adapters.store.shared import Revisions, desk_account
from application.answers import FillReport
from application.differences import Holder, Remedy
from application.ports.comparisons import (
    Adopted,
    Asked,
    ComparedMarket,
    Comparison,
    Reading,
)
from application.ports.configuration import Author
from application.records import AccountId, BotId, Key, Mark
from domain.instrument import Kind, Symbol
from domain.money import ZERO

_MARKETS = statement(
    """
    SELECT instruments.*, accounts.id AS account_id, accounts.revision, revisions.tree,
           installation.uuid, installation.epoch, held.ours, held.holders,
           coalesce(comparisons.baseline, 0) AS baseline, comparisons.differs_since,
           comparisons.same_since, comparisons.matched_at,
           comparisons.ours AS last_ours, comparisons.theirs AS last_theirs,
           coalesce(comparisons.gates, false) AS gates, comparisons.asked,
           comparisons.asked_by, comparisons.asked_from, comparisons.asked_why,
           marks.price, marks.at, clock_timestamp() AS now,
           EXISTS (SELECT FROM jobs WHERE jobs.account = accounts.id
                   AND jobs.symbol = held.symbol AND status <> 'DONE')
           OR EXISTS (SELECT FROM surplus_closes AS closes
                      WHERE closes.account = accounts.id AND closes.symbol = held.symbol
                        AND """,
    LIVE_CLOSE,
    """) AS busy
    FROM (
        SELECT bots.account, bots.symbol, bool_or(bots.enabled) AS trades,
               coalesce(sum(CASE positions.side WHEN 'LONG' THEN positions.quantity
                            ELSE -positions.quantity END), 0) AS ours,
               coalesce(jsonb_agg(jsonb_build_array(positions.bot, positions.quantity::text)
                                  ORDER BY positions.bot)
                        FILTER (WHERE positions.quantity > 0), '[]') AS holders
        FROM bots LEFT JOIN positions ON positions.bot = bots.id
        GROUP BY bots.account, bots.symbol
    ) AS held
    JOIN accounts ON accounts.id = held.account AND accounts.mode <> 'paper'
    CROSS JOIN installation
    JOIN revisions ON revisions.id = accounts.revision
    JOIN instruments ON instruments.exchange = accounts.exchange
                    AND instruments.symbol = held.symbol
    LEFT JOIN comparisons ON comparisons.account = accounts.id
                         AND comparisons.symbol = held.symbol
    LEFT JOIN marks ON marks.account = accounts.id AND marks.symbol = held.symbol
    WHERE held.trades OR held.ours <> 0
    ORDER BY accounts.id, held.symbol
    """,
)
_KEEP = statement(
    """
    INSERT INTO comparisons AS known (account, symbol, ours, theirs, differs_since,
        same_since, matched_at, gates)
    VALUES (:account, :symbol, :ours, :theirs,
            CASE WHEN :differs THEN clock_timestamp() END,
            CASE WHEN :differs THEN clock_timestamp() END,
            CASE WHEN NOT :differs AND :told THEN clock_timestamp() END, false)
    ON CONFLICT (account, symbol) DO UPDATE SET
        ours = excluded.ours,
        theirs = coalesce(excluded.theirs, known.theirs),
        differs_since = CASE WHEN :differs THEN
            coalesce(known.differs_since, excluded.differs_since) END,
        same_since = CASE
            WHEN NOT :told THEN
                CASE WHEN known.ours = excluded.ours THEN known.same_since END
            WHEN known.ours = excluded.ours AND known.theirs = excluded.theirs
            THEN coalesce(known.same_since, excluded.same_since)
            ELSE excluded.same_since END,
        matched_at = coalesce(excluded.matched_at, known.matched_at),
        gates = :differs AND (:gates OR known.gates),
        asked = CASE WHEN :differs THEN known.asked END,
        asked_by = CASE WHEN :differs THEN known.asked_by END,
        asked_from = CASE WHEN :differs THEN known.asked_from END,
        asked_why = CASE WHEN :differs THEN known.asked_why END,
        checked_at = clock_timestamp()
    """,
    account=NUMBER,
    symbol=WORD,
    ours=AMOUNT,
    theirs=AMOUNT,
    differs=SWITCH,
    told=SWITCH,
    gates=SWITCH,
)
_ALL = statement(
    """
    SELECT accounts.name, accounts.revision, revisions.tree, instruments.base,
           instruments.kind, comparisons.*,
           (SELECT coalesce(array_agg(bots.name ORDER BY bots.id), '{}')
            FROM positions JOIN bots ON bots.id = positions.bot
            WHERE positions.account = comparisons.account
              AND positions.symbol = comparisons.symbol AND positions.quantity > 0
           ) AS holders,
           (SELECT status || ': ' || evidence FROM surplus_closes AS closes
            WHERE closes.account = comparisons.account
              AND closes.symbol = comparisons.symbol
              AND closes.created_at >= comparisons.differs_since
            ORDER BY created_at DESC LIMIT 1) AS closing
    FROM comparisons
    JOIN accounts ON accounts.id = comparisons.account
    JOIN revisions ON revisions.id = accounts.revision
    JOIN instruments ON instruments.exchange = accounts.exchange
                    AND instruments.symbol = comparisons.symbol
    ORDER BY gates DESC, differs_since, accounts.name, comparisons.symbol
    """
)
_IGNORE = statement(
    """
    UPDATE comparisons SET baseline = theirs - ours, differs_since = NULL,
        same_since = NULL, matched_at = clock_timestamp(), gates = false, asked = NULL,
        asked_by = NULL, asked_from = NULL, asked_why = NULL
    WHERE account = :account AND symbol = :symbol AND theirs IS NOT NULL
      AND differs_since IS NOT NULL
    RETURNING baseline, ours, theirs
    """,
    account=NUMBER,
    symbol=WORD,
)
_ASK = statement(
    """
    UPDATE comparisons SET asked = :remedy, asked_by = :name, asked_from = :source,
        asked_why = :reason
    WHERE account = :account AND symbol = :symbol AND differs_since IS NOT NULL
    RETURNING ours, theirs
    """,
    account=NUMBER,
    symbol=WORD,
    remedy=WORD,
    name=WORD,
    source=WORD,
    reason=WORD,
)
_BOOKED = statement(
    """
    SELECT trade_id FROM fills
    WHERE account = :account AND symbol = :symbol AND trade_id = ANY(:ids)
    """,
    account=NUMBER,
    symbol=WORD,
    ids=many(WORD),
)
_ADOPT = statement(
    """
    INSERT INTO jobs (bot, account, symbol, cause, status, price, priced_at, told)
    SELECT positions.bot, positions.account, positions.symbol, 'VENUE', 'QUEUED', :price,
           :at, :told
    FROM positions
    WHERE positions.bot = :bot AND positions.quantity = :held
      AND NOT EXISTS (SELECT FROM jobs WHERE jobs.bot = positions.bot
                      AND jobs.status <> 'DONE')
    RETURNING id
    """,
    bot=NUMBER,
    held=AMOUNT,
    price=AMOUNT,
    at=MOMENT,
    told=TREE,
)


class _HasChanged(Exception):
    """A position is not as it was seen; nothing may be booked on it."""


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

    async def keep(self, market: ComparedMarket, reading: Reading) -> None:
        """Keep what was seen, and what is told of it."""
        values = {
            "account": market.account.id,
            "symbol": market.key.symbol,
            "ours": market.ours,
            "theirs": reading.theirs,
            "differs": reading.differs,
            "told": reading.theirs is not None,
            "gates": reading.gates,
        }
        async with transaction(self.engine) as connection:
            await connection.execute(_KEEP, values)
            await keep_notices(connection, [reading.notice] if reading.notice else [])

    async def all(self) -> Sequence[Comparison]:
        """Return what was seen last of each market."""
        async with single_statement(self.engine) as connection:
            found = (await connection.execute(_ALL)).mappings().all()
        return [self._comparison(row) for row in found]

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

    async def ask(self, account: AccountId, symbol: Symbol, asked: Asked) -> bool:
        """Keep what is to be done about a difference, and audit it."""
        author = asked.author
        values = {
            "account": account,
            "symbol": symbol,
            "remedy": asked.remedy.value,
            "name": author.name,
            "source": author.source,
            "reason": author.reason,
        }
        async with transaction(self.engine) as connection:
            row = (await connection.execute(_ASK, values)).mappings().one_or_none()
            if row is None:
                return False
            detail = {"wanted": asked.remedy.value, **_numbers(row, "ours", "theirs")}
            of = ("market", symbol)
            await audit(connection, "settle_difference", of, author, detail)
            return True

    async def booked(self, key: Key, trade_ids: Sequence[str]) -> AbstractSet[str]:
        """Return those of these executions that our books have."""
        values = {"account": key.account, "symbol": key.symbol, "ids": list(trade_ids)}
        async with single_statement(self.engine) as connection:
            return frozenset((await connection.execute(_BOOKED, values)).scalars())

    async def adopt(
        self, market: ComparedMarket, adopted: Sequence[Adopted], author: Author
    ) -> bool:
        """Queue a job for every bot, with what the venue executed."""
        try:
            async with transaction(self.engine) as connection:
                # Jobs are numbered in the order in which they become visible.
                await take_routing(connection)
                for one in adopted:
                    await _adopt(connection, market, one)
                detail = {"ours": f"{market.ours:f}", "theirs": f"{market.last_theirs:f}"}
                of = ("market", market.key.symbol)
                await audit(connection, "adopt_difference", of, author, detail)
        except _HasChanged:
            return False
        return True

    def _market(self, row: RowMapping) -> ComparedMarket:
        market = rows.instrument(row)
        config = self.known.account(row["revision"], row["tree"])
        price, at = row["price"], row["at"]
        return ComparedMarket(
            account=desk_account(row["account_id"], config, market),
            instrument=market,
            installation=f"{row['uuid']}:{row['epoch']}",
            ours=row["ours"],
            holders=tuple(Holder(BotId(b), Decimal(q)) for b, q in row["holders"]),
            baseline=row["baseline"],
            busy=row["busy"],
            differs_since=row["differs_since"],
            same_since=row["same_since"],
            matched_at=row["matched_at"],
            last_ours=row["last_ours"],
            last_theirs=row["last_theirs"],
            gates=row["gates"],
            mark=None if price is None else Mark(price=price, at=at),
            asked=_asked(row),
            now=row["now"],
            on_difference=config.on_difference,
        )

    def _comparison(self, row: RowMapping) -> Comparison:
        config = self.known.account(row["revision"], row["tree"])
        return Comparison(
            account=row["name"],
            account_id=AccountId(row["account"]),
            symbol=Symbol(row["symbol"]),
            base=row["base"],
            can_short=Kind(row["kind"]) is Kind.PERPETUAL,
            ours=row["ours"],
            holders=tuple(row["holders"]),
            theirs=row["theirs"],
            baseline=row["baseline"] or ZERO,
            differs_since=row["differs_since"],
            gates=row["gates"],
            on_difference=config.on_difference,
            asked=_asked(row),
            closing=row["closing"] or "",
            checked_at=row["checked_at"],
        )


async def _adopt(connection: AsyncConnection, market: ComparedMarket, one: Adopted) -> None:
    fills = one.fills or _at_the_mark(market, one.quantity)
    if not fills:
        raise _HasChanged
    values = {
        "bot": one.bot,
        "held": one.held,
        "price": fills[-1].price,
        "at": fills[-1].at,
        "told": trees.fill_reports_json(fills),
    }
    if (await connection.execute(_ADOPT, values)).one_or_none() is None:
        raise _HasChanged


def _at_the_mark(market: ComparedMarket, quantity: Decimal) -> tuple[FillReport, ...]:
    """Return one execution at the newest price; the venue's own is not known."""
    if market.mark is None:
        return ()
    fill = FillReport(
        trade_id="",
        quantity=quantity,
        price=market.mark.price,
        fee=ZERO,
        fee_currency=market.instrument.settle,
        at=market.mark.at,
    )
    return (fill,)


def _asked(row: RowMapping) -> Asked | None:
    if row["asked"] is None:
        return None
    author = Author(name=row["asked_by"], source=row["asked_from"], reason=row["asked_why"])
    return Asked(Remedy(row["asked"]), author)


def _numbers(row: RowMapping, *names: str) -> dict[str, Any]:
    return {name: f"{row[name]:f}" for name in names if row[name] is not None}
