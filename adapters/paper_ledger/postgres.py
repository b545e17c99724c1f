"""The paper venue's books in PostgreSQL, in transactions of their own.

Orders that wait at the same moment are matched one after the other in one transaction.
Whoever executes holds the account's row until the commit, and whoever asks takes it first:
an order that is not found then was not taken, and comes too late from now on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

import asyncpg
from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.paper_ledger.books import Given, OpenBooks, Place, Taken, place_of
from adapters.paper_ledger.kept import KEEP, KEEP_AT_ONCE
from adapters.store.postgres.driver import (
    Driver,
    Prepared,
    driver_connection,
    driver_transaction,
)
from adapters.store.postgres.engine import single_statement
from adapters.store.postgres.gathering import Gathering
from adapters.store.postgres.locks import OPENING
from adapters.store.postgres.rows import Row
from adapters.store.postgres.sql import AMOUNT, NUMBER, WORD, many, statement
from adapters.store.postgres.tables import paper_balances, paper_holdings
from application.ports.broker import Acknowledged, FillReport, Refused, VenueOrder
from application.ports.paper_ledger import Matcher, rests
from application.records import AccountId, DeskAccount
from domain.money import ZERO

TOGETHER = 100
"""How many orders share a transaction at most."""

_BALANCE = select(paper_balances.c.balance).where(
    paper_balances.c.account == bindparam("account")
)
_HELD = select(paper_holdings.c.quantity).where(
    paper_holdings.c.account == bindparam("account"),
    paper_holdings.c.symbol == bindparam("symbol"),
)
_TAKE = Prepared(
    statement(
        """
        SELECT account, balance FROM paper_balances WHERE account = ANY(:accounts)
        ORDER BY account FOR UPDATE
        """,
        accounts=many(NUMBER),
    )
)
_WAIT = Prepared(statement(f"SELECT pg_advisory_xact_lock({OPENING})"))
_OPEN = Prepared(
    statement(
        """
        INSERT INTO paper_balances (account, currency, balance)
        SELECT * FROM unnest(:accounts, :currencies, :balances) AS new (account, c, b)
        ORDER BY account
        ON CONFLICT (account) DO NOTHING
        """,
        accounts=many(NUMBER),
        currencies=many(WORD),
        balances=many(AMOUNT),
    )
)
# A statement of its own: one that had to wait for the lock would see the books as they
# were before the wait.
_BOOKS = Prepared(
    statement(
        """
        WITH place AS (
            SELECT * FROM unnest(:accounts, :symbols) AS place (account, symbol)
        )
        SELECT place.account, place.symbol, clock_timestamp() AS now,
               coalesce(holding.quantity, 0) AS quantity, coalesce(holding.cost, 0) AS cost,
               (SELECT coalesce(sum(abs(other.cost)), 0) FROM paper_holdings AS other
                WHERE other.account = place.account AND other.kind = 'perpetual'
                  AND NOT EXISTS (SELECT FROM place AS here
                                  WHERE here.account = other.account
                                    AND here.symbol = other.symbol)) AS margin_elsewhere,
               (SELECT array_agg(id) FROM paper_orders WHERE id = ANY(:ids)) AS known
        FROM place LEFT JOIN paper_holdings AS holding USING (account, symbol)
        """,
        accounts=many(NUMBER),
        symbols=many(WORD),
        ids=many(WORD),
    )
)
_KNOWN = Prepared(
    statement(
        """
        SELECT paper_orders.*, fill.trade_id, fill.quantity AS fill_quantity, fill.price,
               fill.fee, fill.fee_currency, fill.at AS fill_at
        FROM paper_orders
        LEFT JOIN paper_fills AS fill ON fill."order" = paper_orders.id
        WHERE paper_orders.id = ANY(:ids)
        ORDER BY fill.at, fill.trade_id
        """,
        ids=many(WORD),
    )
)


class _Left(NamedTuple):
    """Books as one order left them."""

    place: Place
    version: str
    """The transaction that changed the account last (``xmin`` of its row)."""
    connection: "asyncpg.Connection[asyncpg.Record]"
    """Where it was kept: while that stands, the server has lost nothing of it."""
    books: OpenBooks


@dataclass(slots=True)
class PostgresPaperLedger:
    """Orders, executions and balances, apart from ours."""

    engine: AsyncEngine
    _left: dict[AccountId, _Left] = field(default_factory=dict[AccountId, _Left])
    _orders: "Gathering[Given, Taken | None]" = field(init=False)

    def __post_init__(self) -> None:
        """Begin with no order waiting."""
        self._orders = Gathering(self._together, most=TOGETHER)

    async def execute(self, order: VenueOrder, match: Matcher) -> Taken | None:
        """Match the order against the books and keep the result, once for its id."""
        return await self._orders(Given(order, match))

    async def look_again(self, order: VenueOrder, match: Matcher) -> Taken | None:
        """Match an order that rests against the books once more."""
        return await self._orders(Given(order, match, again=True))

    async def find(self, order: VenueOrder) -> Taken | None:
        """Return what was kept for the order's id, once nobody is executing it any more.

        Whoever executes an account's first order has not committed its row yet; they are
        waited for all the same.
        """
        async with driver_transaction(self.engine) as driver:
            await _locked(driver, {order.account.id: order.account})
            return (await _known(driver, [order.order.id])).get(order.order.id)

    async def balance(self, account: AccountId) -> Decimal | None:
        """Return the cash of an account; None before its first order."""
        async with single_statement(self.engine) as connection:
            found = await connection.execute(_BALANCE, {"account": account})
            return found.scalar_one_or_none()

    async def held(self, account: AccountId, symbol: str) -> Decimal:
        """Return how much of a market is held; 0 for nothing."""
        place = {"account": account, "symbol": symbol}
        async with single_statement(self.engine) as connection:
            found = await connection.execute(_HELD, place)
            return found.scalar_one_or_none() or ZERO

    async def _together(self, given: Sequence[Given]) -> Sequence[Taken | Exception | None]:
        """Match orders against the books, in the order in which they came."""
        if len(given) == 1:
            answer = await self._at_once(given[0])
            if answer is not None:
                return [answer]
        version: str | None = None
        async with driver_transaction(self.engine) as driver:
            books = await _taken(driver, [one.order for one in given])
            answers = [books.match(one) for one in given]
            if books.orders:
                version = (await KEEP(driver, books.rows()))["version"]
        self._leave(given, books, version, driver)
        return answers

    async def _at_once(self, given: Given) -> Taken | None:
        """Match an order against the books as the last one left them, if they still are so.

        None, and nothing kept, where they must be looked at: they may have been lost with
        the server, as what it had not written to the disk; somebody else has changed
        them since, the order is known, or late, or would be refused.
        """
        order = given.order
        left = self._left.pop(order.account.id, None)
        if left is None or given.again or left.place != place_of(order):
            return None
        if left.connection.is_closed():
            return None
        answer = left.books.match(given)
        if not left.books.moved or not isinstance(answer, Acknowledged) or rests(answer):
            return None
        written = left.books.rows()
        written["balances"][0]["version"] = left.version
        written["arrival"] = [{"until": order.order.may_arrive_until}]
        try:
            async with driver_connection(self.engine) as driver:
                kept = await KEEP_AT_ONCE(driver, written)
        except (asyncpg.DivisionByZeroError, asyncpg.UniqueViolationError):
            return None
        self._leave([given], left.books, kept["version"], driver)
        return answer

    def _leave(
        self, given: Sequence[Given], books: OpenBooks, version: str | None, by: Driver
    ) -> None:
        """Remember the books of one order alone, as it left them."""
        for one in given:
            self._left.pop(one.order.account.id, None)
        if len(given) == 1 and books.moved and version is not None:
            order = given[0].order
            books.left()
            left = _Left(place_of(order), version, by.raw, books)
            self._left[order.account.id] = left


async def _taken(driver: Driver, orders: Sequence[VenueOrder]) -> OpenBooks:
    """Lock the accounts of these orders, opening those that are new, and read the books."""
    accounts = {one.account.id: one.account for one in orders}
    balances = await _locked(driver, accounts)
    new = [one for id, one in sorted(accounts.items()) if id not in balances]
    if new:
        opened = {
            "accounts": [one.id for one in new],
            "currencies": [one.currency for one in new],
            "balances": [one.start_balance for one in new],
        }
        await _OPEN(driver, opened)
        balances = await _balances(driver, accounts)
    kinds = {place_of(one): one.instrument.kind for one in orders}
    asked = {
        "accounts": [account for account, _ in kinds],
        "symbols": [symbol for _, symbol in kinds],
        "ids": [one.order.id for one in orders],
    }
    found = await _BOOKS(driver, asked)
    known = await _known(driver, found[0]["known"] or ())
    return OpenBooks(balances, found, known, kinds)


async def _locked(
    driver: Driver, accounts: Mapping[AccountId, DeskAccount]
) -> dict[AccountId, Decimal]:
    """Lock accounts, and return the cash of those that are open, as the rows say it.

    Where one has no row yet, whoever is about to open any is waited for.
    """
    balances = await _balances(driver, accounts)
    if len(balances) < len(accounts):
        await _WAIT(driver, {})
        balances = await _balances(driver, accounts)
    return balances


async def _balances(
    driver: Driver, accounts: Iterable[AccountId]
) -> dict[AccountId, Decimal]:
    found = await _TAKE(driver, {"accounts": sorted(accounts)})
    return {AccountId(row["account"]): row["balance"] for row in found}


async def _known(driver: Driver, ids: Sequence[str]) -> dict[str, Taken]:
    """Return what was kept of these orders."""
    if not ids:
        return {}
    taken: dict[str, list[Row]] = {}
    for row in await _KNOWN(driver, {"ids": list(ids)}):
        taken.setdefault(row["id"], []).append(row)
    return {id: _answer(of) for id, of in taken.items()}


def _answer(of: Sequence[Row]) -> Taken:
    row = of[0]
    if row["refusal_code"] is not None:
        return Refused(code=row["refusal_code"], text=row["refusal_text"])
    return Acknowledged(
        venue_order_id=row["venue_order_id"],
        fills=tuple(
            FillReport(
                trade_id=fill["trade_id"],
                quantity=fill["fill_quantity"],
                price=fill["price"],
                fee=fill["fee"],
                fee_currency=fill["fee_currency"],
                at=fill["fill_at"],
            )
            for fill in of
            if fill["trade_id"] is not None
        ),
        ended=row["ended"],
        evidence=row["evidence"],
    )
