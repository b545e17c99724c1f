"""Orders that a person settles, in PostgreSQL."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.postgres import rows
from adapters.store.postgres.auditing import audit
from adapters.store.postgres.engine import single_statement, transaction
from adapters.store.postgres.sql import NUMBER, WORD, statement
from application.ports.configuration import Author
from application.ports.settling import SettledOrder
from application.ports.workbench import Claim, ClaimLost
from application.records import AccountId, Key

SHORTEST = 8
"""How much of an id must be given at least."""
_FIND = statement(
    """
    SELECT orders.*, accounts.name AS account_name, bots.name AS bot_name,
           instruments.exchange, instruments.kind, instruments.base, instruments.quote,
           instruments.settle, instruments.price_tick, instruments.quantity_step,
           instruments.quantity_min, instruments.notional_min, instruments.contract_size,
           instruments.taker_fee
    FROM orders
    JOIN accounts ON accounts.id = orders.account
    JOIN bots ON bots.id = orders.bot
    JOIN instruments ON instruments.exchange = accounts.exchange
                    AND instruments.symbol = orders.symbol
    WHERE orders.id = :id OR orders.venue_order_id = :id
       OR (length(:id) >= :shortest AND starts_with(orders.id, :id))
    ORDER BY orders.created_at LIMIT 5
    """,
    id=WORD,
    shortest=NUMBER,
)
_TAKE_UP = statement(
    """
    UPDATE jobs SET status = 'WORKING', finished_at = NULL
    FROM orders, work_keys
    WHERE orders.id = :id AND jobs.id = orders.job
      AND work_keys.account = :account AND work_keys.symbol = :symbol
      AND work_keys.owner = :owner AND work_keys.fence = :fence
    RETURNING jobs.id
    """,
    id=WORD,
    account=NUMBER,
    symbol=WORD,
    owner=WORD,
    fence=NUMBER,
)


@dataclass(frozen=True, slots=True)
class PostgresSettlements:
    """Finds orders, and opens their work once more."""

    engine: AsyncEngine

    async def find(self, id: str) -> tuple[SettledOrder, ...]:
        """Return the orders that an id may mean."""
        asked = {"id": id, "shortest": SHORTEST}
        async with single_statement(self.engine) as connection:
            found = (await connection.execute(_FIND, asked)).mappings().all()
        return tuple(
            SettledOrder(
                order=rows.order(row),
                key=Key(AccountId(row["account"]), rows.instrument(row).symbol),
                account=row["account_name"],
                bot=row["bot_name"],
                instrument=rows.instrument(row),
            )
            for row in found
        )

    async def take_up(
        self, claim: Claim, found: SettledOrder, author: Author, told: dict[str, str]
    ) -> None:
        """Audit what is said, and open the order's job."""
        asked = {
            "id": found.order.id,
            **claim.key._asdict(),
            "owner": claim.owner,
            "fence": claim.fence,
        }
        async with transaction(self.engine) as connection:
            if (await connection.execute(_TAKE_UP, asked)).first() is None:
                raise ClaimLost(f"{claim.key} is not held by {claim.owner} any more")
            of = ("order", found.order.id)
            await audit(connection, "settle_order", of, author, told)
