"""The paper venue's books in PostgreSQL, in transactions of their own.

Orders that wait at the same moment are matched one after the other in one transaction.
Whoever executes holds the account's row until the commit, and whoever asks takes it first:
an order that is not found then was not taken, and comes too late from now on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.paper_ledger.kept import KEEP
from adapters.store.postgres.driver import Driver, Prepared, driver_transaction
from adapters.store.postgres.engine import single_statement
from adapters.store.postgres.gathering import Gathering
from adapters.store.postgres.rows import Row
from adapters.store.postgres.sql import AMOUNT, NUMBER, WORD, many, statement
from adapters.store.postgres.tables import paper_balances, paper_holdings
from application.ports.broker import Acknowledged, FillReport, Refused, VenueOrder
from application.ports.paper_ledger import Books, Executed, Holding, Matcher, rests
from application.records import AccountId
from domain.instrument import Kind
from domain.money import ZERO, add, total

TOGETHER = 100
"""How many orders share a transaction at most."""

Taken = Acknowledged | Refused
Place = tuple[AccountId, str]

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


class Given(NamedTuple):
    """An order with how it is to be matched; ``again`` if it must be known already."""

    order: VenueOrder
    match: Matcher
    again: bool = False


@dataclass(slots=True)
class PostgresPaperLedger:
    """Orders, executions and balances, apart from ours."""

    engine: AsyncEngine
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
        """Return what was kept for the order's id, once nobody is executing it any more."""
        async with driver_transaction(self.engine) as driver:
            await _TAKE(driver, {"accounts": [order.account.id]})
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
        async with driver_transaction(self.engine) as driver:
            books = await _taken(driver, [one.order for one in given])
            answers = [books.match(one) for one in given]
            if books.orders:
                await KEEP(driver, books.rows())
        return answers


class _Open:
    """Books that are held until the commit, and moved on by every order."""

    def __init__(
        self,
        balances: Mapping[AccountId, Decimal],
        found: Sequence[Row],
        known: Mapping[str, Taken],
        kinds: Mapping[Place, Kind],
    ) -> None:
        self.kinds = kinds
        self.balances = dict(balances)
        self.known = dict(known)
        self.now: datetime = found[0]["now"]
        self.holdings: dict[Place, Holding] = {}
        self.elsewhere: dict[AccountId, Decimal] = {}
        for row in found:
            place = AccountId(row["account"]), row["symbol"]
            self.holdings[place] = Holding(row["quantity"], row["cost"])
            self.elsewhere[place[0]] = row["margin_elsewhere"]
        self.moved: set[Place] = set()
        self.orders: dict[str, dict[str, object]] = {}
        self.written: dict[str, list[dict[str, object]]] = {part: [] for part in KEEP.names}

    def match(self, given: Given) -> Taken | None:
        """Return what becomes of one order; the same for an id that is known."""
        order = given.order
        id, until = order.order.id, order.order.may_arrive_until
        known = self.known.get(id)
        if given.again:
            if known is None or not rests(known):
                return known
        elif known is not None:
            return known
        elif until is not None and self.now > until:
            return None
        result = given.match(order, self._books(order))
        if isinstance(result, Executed) and result.answer == known:
            return known
        row = _order_row(order)
        if isinstance(result, Refused):
            row |= {"refusal_code": result.code, "refusal_text": result.text}
            self.known[id] = result
        else:
            row |= self._executed(order, result)
            self.known[id] = result.answer
        self.orders[id] = row
        return self.known[id]

    def rows(self) -> dict[str, list[dict[str, object]]]:
        """Return everything that is to be written; of every order the last row."""
        self.written["kept_paper_orders"] = list(self.orders.values())
        accounts = sorted({account for account, _ in self.moved})
        self.written["balances"] = [
            {"account": one, "balance": self.balances[one]} for one in accounts
        ]
        self.written["kept_paper_holdings"] = [
            {
                "account": place[0],
                "symbol": place[1],
                "kind": self.kinds[place].value,
                "quantity": self.holdings[place].quantity,
                "cost": self.holdings[place].cost,
            }
            for place in sorted(self.moved)
        ]
        return self.written

    def _books(self, order: VenueOrder) -> Books:
        account, symbol = place = _place(order)
        here = (
            holding.cost.copy_abs()
            for other, holding in self.holdings.items()
            if other[0] == account
            and other[1] != symbol
            and self.kinds[other] is Kind.PERPETUAL
        )
        return Books(
            balance=self.balances[account],
            holding=self.holdings[place],
            margin_used=add(self.elsewhere[account], total(here)),
        )

    def _executed(self, order: VenueOrder, result: Executed) -> dict[str, object]:
        account, symbol = _place(order)
        self.balances[account] = add(self.balances[account], result.balance_change)
        self.holdings[account, symbol] = result.holding
        self.moved.add((account, symbol))
        self.written["kept_paper_fills"] += (
            {
                "order": order.order.id,
                "trade_id": fill.trade_id,
                "quantity": fill.quantity,
                "price": fill.price,
                "fee": fill.fee,
                "fee_currency": fill.fee_currency,
                "at": fill.at,
            }
            for fill in result.answer.fills
        )
        answer = result.answer
        return {
            "venue_order_id": answer.venue_order_id,
            "ended": answer.ended,
            "evidence": answer.evidence,
        }


async def _taken(driver: Driver, orders: Sequence[VenueOrder]) -> _Open:
    """Lock the accounts of these orders, opening those that are new, and read the books."""
    accounts = {one.account.id: one.account for one in orders}
    balances = await _balances(driver, accounts)
    new = [one for id, one in sorted(accounts.items()) if id not in balances]
    if new:
        opened = {
            "accounts": [one.id for one in new],
            "currencies": [one.currency for one in new],
            "balances": [one.start_balance for one in new],
        }
        await _OPEN(driver, opened)
        balances = await _balances(driver, accounts)
    kinds = {_place(one): one.instrument.kind for one in orders}
    asked = {
        "accounts": [account for account, _ in kinds],
        "symbols": [symbol for _, symbol in kinds],
        "ids": [one.order.id for one in orders],
    }
    found = await _BOOKS(driver, asked)
    known = await _known(driver, found[0]["known"] or ())
    return _Open(balances, found, known, kinds)


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


def _place(order: VenueOrder) -> Place:
    return order.account.id, str(order.instrument.symbol)


def _order_row(order: VenueOrder) -> dict[str, object]:
    return {
        "id": order.order.id,
        "account": order.account.id,
        "symbol": order.instrument.symbol,
        "side": order.order.side.value,
        "reduces": order.order.reduces,
        "quantity": order.order.quantity,
        "venue_order_id": None,
        "ended": True,
        "evidence": "",
        "refusal_code": None,
        "refusal_text": None,
    }
