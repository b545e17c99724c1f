"""Orders that a person settles, in memory."""

from dataclasses import dataclass

from adapters.store.memory.database import MemoryDatabase
from adapters.store.memory.work_queue import held
from application.ports.configuration import Author
from application.ports.settling import SettledOrder
from application.ports.workbench import Claim


@dataclass(frozen=True, slots=True)
class MemorySettlements:
    """Finds orders, and opens their work once more."""

    database: MemoryDatabase

    async def find(self, id: str) -> tuple[SettledOrder, ...]:
        """Return the orders that an id may mean."""
        return tuple(
            SettledOrder(
                order=one.order,
                key=row.key,
                account=self.database.account(row.key.account).config.name,
                bot=self.database.bot(row.job.bot).config.name,
                instrument=self.database.market(row.key),
            )
            for row in self.database.jobs.values()
            for one in row.job.orders
            if id == one.order.venue_order_id or one.order.id.startswith(id)
        )

    async def take_up(
        self, claim: Claim, found: SettledOrder, author: Author, told: dict[str, str]
    ) -> None:
        """Open the order's job; memory keeps no audit of it."""
        del author, told
        async with self.database.lock:
            held(self.database, claim)
            self.database.take_up(found.order.id)
