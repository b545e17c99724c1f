"""The paper venue's books in PostgreSQL, in transactions of their own.

Whoever executes holds the row of the holding until the commit, and whoever asks takes it
first: an order that is not found then was not taken, and comes too late from now on. The
balance is locked last, and for as short as can be.
"""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_new
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.store.postgres.engine import single_statement, transaction
from adapters.store.postgres.sql import (
    AMOUNT,
    MOMENT,
    NUMBER,
    SWITCH,
    WORD,
    many,
    statement,
)
from adapters.store.postgres.tables import (
    paper_balances,
    paper_fills,
    paper_holdings,
    paper_orders,
)
from application.ports.broker import Acknowledged, FillReport, Refused, VenueOrder
from application.ports.paper_ledger import Books, Executed, Holding, Matcher
from application.records import AccountId
from domain.instrument import Kind
from domain.money import ZERO, add
from domain.order import OrderId

_ORDER = select(paper_orders).where(paper_orders.c.id == bindparam("id"))
_FILLS = select(paper_fills).where(paper_fills.c.order == bindparam("id"))
_HERE = (paper_holdings.c.account == bindparam("for_account")) & (
    paper_holdings.c.symbol == bindparam("for_symbol")
)
_HOLDING = select(paper_holdings.c.quantity, paper_holdings.c.cost).where(_HERE)
_TAKE_HOLDING = _HOLDING.with_for_update()
_BALANCE = select(paper_balances.c.balance).where(
    paper_balances.c.account == bindparam("for_account")
)
_TAKE_BALANCE = _BALANCE.with_for_update()
# A statement of its own: one that had to wait for the lock would see the books as they
# were before the wait.
_MARGIN = select(
    func.clock_timestamp().label("now"),
    func.coalesce(func.sum(func.abs(paper_holdings.c.cost)), 0).label("margin_used"),
).where(
    paper_holdings.c.account == bindparam("for_account"),
    paper_holdings.c.symbol != bindparam("for_symbol"),
    paper_holdings.c.kind == Kind.PERPETUAL.value,
)
_KEEP = statement(
    """
    WITH kept AS (
        INSERT INTO paper_orders
            (id, account, symbol, side, reduces, quantity, venue_order_id, ended, evidence)
        VALUES (:id, :account, :symbol, :side, :reduces, :quantity, :venue_order_id,
                :ended, :evidence)
        RETURNING id
    ),
    filled AS (
        INSERT INTO paper_fills
            ("order", trade_id, quantity, price, fee, fee_currency, at)
        SELECT kept.id, fill.* FROM kept, unnest(
            :trade_ids, :quantities, :prices, :fees, :currencies, :times
        ) AS fill
    ),
    holding AS (
        UPDATE paper_holdings SET quantity = :held, cost = :cost
        WHERE account = :account AND symbol = :symbol
    )
    UPDATE paper_balances SET balance = :balance WHERE account = :account
    """,
    id=WORD,
    account=NUMBER,
    symbol=WORD,
    side=WORD,
    reduces=SWITCH,
    quantity=AMOUNT,
    venue_order_id=WORD,
    ended=SWITCH,
    evidence=WORD,
    trade_ids=many(WORD),
    quantities=many(AMOUNT),
    prices=many(AMOUNT),
    fees=many(AMOUNT),
    currencies=many(WORD),
    times=many(MOMENT),
    held=AMOUNT,
    cost=AMOUNT,
    balance=AMOUNT,
)


@dataclass(frozen=True, slots=True)
class PostgresPaperLedger:
    """Orders, executions and balances, apart from ours."""

    engine: AsyncEngine

    async def execute(
        self, order: VenueOrder, match: Matcher
    ) -> Acknowledged | Refused | None:
        """Match the order against the books and keep the result, once for its id."""
        async with transaction(self.engine) as connection:
            taken = await _taken(connection, order)
            if taken is not None:
                return await self._matched(connection, order, match, taken)
        await self._open(order)
        async with transaction(self.engine) as connection:
            taken = await _taken(connection, order)
            if taken is None:
                message = f"the paper account {order.account.name} could not be opened"
                raise LookupError(message)
            return await self._matched(connection, order, match, taken)

    async def find(self, order: VenueOrder) -> Acknowledged | Refused | None:
        """Return what was kept for the order's id, once nobody is executing it any more."""
        async with transaction(self.engine) as connection:
            await connection.execute(_TAKE_HOLDING, _place(order))
            return await _known(connection, order.order.id)

    async def balance(self, account: AccountId) -> Decimal | None:
        """Return the cash of an account; None before its first order."""
        async with single_statement(self.engine) as connection:
            found = await connection.execute(_BALANCE, {"for_account": account})
            return found.scalar_one_or_none()

    async def held(self, account: AccountId, symbol: str) -> Decimal:
        """Return how much of a market is held; 0 for nothing."""
        place = {"for_account": account, "for_symbol": symbol}
        async with single_statement(self.engine) as connection:
            row = (await connection.execute(_HOLDING, place)).one_or_none()
        return ZERO if row is None else Decimal(row.quantity)

    async def _open(self, order: VenueOrder) -> None:
        """Make the rows that are locked later, and commit them first."""
        async with transaction(self.engine) as connection:
            await connection.execute(
                insert_new(paper_balances).on_conflict_do_nothing(),
                {
                    "account": order.account.id,
                    "currency": order.account.currency,
                    "balance": order.account.start_balance,
                },
            )
            await connection.execute(
                insert_new(paper_holdings).on_conflict_do_nothing(),
                {
                    "account": order.account.id,
                    "symbol": order.instrument.symbol,
                    "kind": order.instrument.kind.value,
                },
            )

    async def _matched(
        self, connection: AsyncConnection, order: VenueOrder, match: Matcher, held: Holding
    ) -> Acknowledged | Refused | None:
        known = await _known(connection, order.order.id)
        if known is not None:
            return known
        balance = (await connection.execute(_TAKE_BALANCE, _place(order))).scalar_one()
        now, margin_used = (await connection.execute(_MARGIN, _place(order))).one()
        until = order.order.may_arrive_until
        if until is not None and now > until:
            return None
        books = Books(balance=balance, holding=held, margin_used=margin_used)
        result = match(order, books)
        if isinstance(result, Refused):
            await _keep_refused(connection, order, result)
            return result
        await _keep(connection, order, result, add(balance, result.balance_change))
        return result.answer


async def _taken(connection: AsyncConnection, order: VenueOrder) -> Holding | None:
    """Lock the holding of an order's symbol; None before the first order there."""
    row = (await connection.execute(_TAKE_HOLDING, _place(order))).one_or_none()
    return None if row is None else Holding(row.quantity, row.cost)


async def _known(connection: AsyncConnection, id: OrderId) -> Acknowledged | Refused | None:
    row = (await connection.execute(_ORDER, {"id": id})).one_or_none()
    if row is None:
        return None
    if row.refusal_code is not None:
        return Refused(code=row.refusal_code, text=row.refusal_text)
    found = await connection.execute(_FILLS, {"id": id})
    fills = tuple(
        FillReport(
            trade_id=fill.trade_id,
            quantity=fill.quantity,
            price=fill.price,
            fee=fill.fee,
            fee_currency=fill.fee_currency,
            at=fill.at,
        )
        for fill in found
    )
    return Acknowledged(
        venue_order_id=row.venue_order_id,
        fills=fills,
        ended=row.ended,
        evidence=row.evidence,
    )


async def _keep(
    connection: AsyncConnection, order: VenueOrder, result: Executed, balance: Decimal
) -> None:
    answer, fills = result.answer, result.answer.fills
    await connection.execute(
        _KEEP,
        {
            **_order_row(order),
            "venue_order_id": answer.venue_order_id,
            "ended": answer.ended,
            "evidence": answer.evidence,
            "held": result.holding.quantity,
            "cost": result.holding.cost,
            "balance": balance,
            "trade_ids": [fill.trade_id for fill in fills],
            "quantities": [fill.quantity for fill in fills],
            "prices": [fill.price for fill in fills],
            "fees": [fill.fee for fill in fills],
            "currencies": [fill.fee_currency for fill in fills],
            "times": [fill.at for fill in fills],
        },
    )


async def _keep_refused(
    connection: AsyncConnection, order: VenueOrder, refused: Refused
) -> None:
    answer = {"refusal_code": refused.code, "refusal_text": refused.text, "ended": True}
    await connection.execute(insert(paper_orders), _order_row(order) | answer)


def _order_row(order: VenueOrder) -> dict[str, object]:
    return {
        "id": order.order.id,
        "account": order.account.id,
        "symbol": order.instrument.symbol,
        "side": order.order.side.value,
        "reduces": order.order.reduces,
        "quantity": order.order.quantity,
    }


def _place(order: VenueOrder) -> dict[str, object]:
    return {"for_account": order.account.id, "for_symbol": order.instrument.symbol}
