"""Deposits, withdrawals and funding in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, bindparam, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.postgres.auditing import audit
from adapters.store.postgres.engine import single_statement, transaction
from adapters.store.postgres.tables import accounts, movements
from application.ports.configuration import Author, Scope
from application.ports.movements import Movement, MovementDiffers, MovementKind
from application.records import AccountId

_ADD = upsert(movements).on_conflict_do_nothing(index_elements=["account", "reference"])
_KNOWN = select(movements).where(
    movements.c.account == bindparam("of_account"),
    movements.c.reference == bindparam("of_reference"),
)
_OF = (
    select(movements)
    .where(
        movements.c.account == bindparam("of_account"),
        movements.c.at >= bindparam("since"),
        movements.c.at < bindparam("until"),
    )
    .order_by(movements.c.at, movements.c.id)
)
_NAME = select(accounts.c.name).where(accounts.c.id == bindparam("of_account"))


@dataclass(frozen=True, slots=True)
class PostgresMovements:
    """Movements, each kept once."""

    engine: AsyncEngine

    async def add(self, account: AccountId, movement: Movement, author: Author) -> bool:
        """Keep a movement, and audit it in the same transaction."""
        row = {
            "account": account,
            "kind": movement.kind.value,
            "amount": movement.amount,
            "currency": movement.currency,
            "at": movement.at,
            "reference": movement.reference,
        }
        where = {"of_account": account, "of_reference": movement.reference}
        async with transaction(self.engine) as connection:
            if not (await connection.execute(_ADD, row)).rowcount:
                known = (await connection.execute(_KNOWN, where)).mappings().one()
                if _movement(known) != movement:
                    raise MovementDiffers(f"{movement.reference} is another movement")
                return False
            name = (await connection.execute(_NAME, where)).scalar_one()
            detail = {
                "kind": movement.kind.value,
                "amount": f"{movement.amount:f}",
                "currency": movement.currency,
                "at": movement.at.isoformat(),
                "reference": movement.reference,
            }
            of = (Scope.ACCOUNT.value, name)
            await audit(connection, "movement recorded", of, author, detail)
            return True

    async def of(
        self, account: AccountId, since: datetime, until: datetime
    ) -> Sequence[Movement]:
        """Return an account's movements of a time."""
        values = {"of_account": account, "since": since, "until": until}
        async with single_statement(self.engine) as connection:
            found = await connection.execute(_OF, values)
            return [_movement(row) for row in found.mappings()]


def _movement(row: RowMapping) -> Movement:
    return Movement(
        kind=MovementKind(row["kind"]),
        amount=row["amount"],
        currency=row["currency"],
        at=row["at"],
        reference=row["reference"],
    )
