"""Orders that close what a venue holds beyond our books, in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.postgres import rows
from adapters.store.postgres.auditing import audit
from adapters.store.postgres.engine import single_statement, transaction
from adapters.store.postgres.protections import FENCE
from adapters.store.postgres.sql import AMOUNT, MOMENT, NUMBER, WORD, statement
from adapters.store.postgres.tables.venues import LIVE_CLOSE
from adapters.store.shared import Revisions, desk_account
from application.ports.comparisons import ComparedMarket
from application.ports.configuration import Author
from application.ports.surplus_closes import SurplusClose
from application.ports.workbench import Claim, ClaimLost
from domain.order import Order, OrderId, OrderStatus
from domain.signal import Direction

_LIVE = statement(
    """
    SELECT instruments.*, closes.id AS order_id, closes.account AS account_id,
           accounts.revision, revisions.tree, closes.side, closes.quantity,
           closes.decision_price, closes.status, closes.filled, closes.cost,
           closes.venue_order_id, closes.may_arrive_until, clock_timestamp() AS now
    FROM surplus_closes AS closes
    JOIN accounts ON accounts.id = closes.account
    JOIN revisions ON revisions.id = accounts.revision
    JOIN instruments ON instruments.exchange = accounts.exchange
                    AND instruments.symbol = closes.symbol
    WHERE """,
    LIVE_CLOSE,
    """
    ORDER BY closes.created_at
    """,
)
_ATTEMPTS = statement(
    """
    SELECT count(*) FROM surplus_closes
    WHERE account = :account AND symbol = :symbol AND created_at >= :since
    """,
    account=NUMBER,
    symbol=WORD,
    since=MOMENT,
)
_BEGIN = statement(
    """
    INSERT INTO surplus_closes (id, account, symbol, side, quantity, decision_price,
        status, may_arrive_until, author, source, reason)
    VALUES (:id, :account, :symbol, :side, :quantity, :decision_price, :status,
        :may_arrive_until, :author, :source, :reason)
    ON CONFLICT DO NOTHING
    RETURNING clock_timestamp()
    """,
    id=WORD,
    account=NUMBER,
    symbol=WORD,
    side=WORD,
    quantity=AMOUNT,
    decision_price=AMOUNT,
    status=WORD,
    may_arrive_until=MOMENT,
    author=WORD,
    source=WORD,
    reason=WORD,
)
_KEEP = statement(
    """
    UPDATE surplus_closes SET status = :status, filled = :filled, cost = :cost,
        venue_order_id = :venue_order_id, evidence = :evidence,
        updated_at = clock_timestamp()
    WHERE id = :id AND status = :before
    RETURNING author, source, reason
    """,
    id=WORD,
    before=WORD,
    status=WORD,
    filled=AMOUNT,
    cost=AMOUNT,
    venue_order_id=WORD,
    evidence=WORD,
)


@dataclass(frozen=True, slots=True)
class PostgresSurplusCloses:
    """Those orders, each with the audit of whatever becomes of it."""

    engine: AsyncEngine
    known: Revisions = field(default_factory=Revisions)

    async def live(self) -> Sequence[SurplusClose]:
        """Return those whose end is not known."""
        async with single_statement(self.engine) as connection:
            found = (await connection.execute(_LIVE)).mappings().all()
        return [self._close(row) for row in found]

    async def attempts(self, market: ComparedMarket) -> int:
        """Return how many there were already for the difference that a market has."""
        values = {
            "account": market.account.id,
            "symbol": market.key.symbol,
            "since": market.differs_since,
        }
        async with single_statement(self.engine) as connection:
            return int((await connection.execute(_ATTEMPTS, values)).scalar_one())

    async def begin(
        self, claim: Claim, market: ComparedMarket, order: Order, author: Author
    ) -> SurplusClose | None:
        """Keep an order that is about to leave, under the fence, and audit it."""
        values: dict[str, Any] = {
            "id": order.id,
            "account": market.account.id,
            "symbol": market.key.symbol,
            "side": order.side.value,
            "quantity": order.quantity,
            "decision_price": order.decision_price,
            "status": order.status.value,
            "may_arrive_until": order.may_arrive_until,
            "author": author.name,
            "source": author.source,
            "reason": author.reason,
        }
        async with transaction(self.engine) as connection:
            mine = claim.key._asdict() | {"owner": claim.owner, "fence": claim.fence}
            if (await connection.execute(FENCE, mine)).first() is None:
                raise ClaimLost(f"{claim.key} is not held by {claim.owner} any more")
            now = (await connection.execute(_BEGIN, values)).scalar_one_or_none()
            if now is None:
                return None
            detail = {
                "order": order.id,
                "closes": f"{order.side.value} {order.quantity:f}",
                "ours": f"{market.ours:f}",
                "theirs": f"{market.last_theirs:f}",
                "not ours": f"{market.baseline:f}",
            }
            of = ("market", market.key.symbol)
            await audit(connection, "close_difference", of, author, detail)
        return SurplusClose(
            account=market.account, instrument=market.instrument, order=order, now=now
        )

    async def keep(self, close: SurplusClose, order: Order, evidence: str) -> None:
        """Keep how an order stands now, and audit what the venue said."""
        values = {
            "id": order.id,
            "before": close.order.status.value,
            "status": order.status.value,
            "filled": order.filled,
            "cost": order.cost,
            "venue_order_id": order.venue_order_id,
            "evidence": evidence,
        }
        async with transaction(self.engine) as connection:
            row = (await connection.execute(_KEEP, values)).mappings().one_or_none()
            if row is None:
                return  # somebody else has asked as well, and knows more
            detail = {
                "order": order.id,
                "status": order.status.value,
                "filled": f"{order.filled:f}",
                "cost": f"{order.cost:f}",
                "evidence": evidence,
            }
            author = Author(name=row["author"], source=row["source"], reason=row["reason"])
            of = ("market", order.symbol)
            await audit(connection, "close_difference", of, author, detail)

    def _close(self, row: RowMapping) -> SurplusClose:
        market = rows.instrument(row)
        config = self.known.account(row["revision"], row["tree"])
        order = Order(
            id=OrderId(row["order_id"]),
            symbol=market.symbol,
            side=Direction(row["side"]),
            reduces=True,
            quantity=row["quantity"],
            decision_price=row["decision_price"],
            status=OrderStatus(row["status"]),
            filled=row["filled"],
            cost=row["cost"],
            venue_order_id=row["venue_order_id"],
            may_arrive_until=row["may_arrive_until"],
        )
        return SurplusClose(
            account=desk_account(row["account_id"], config, market),
            instrument=market,
            order=order,
            now=row["now"],
        )
