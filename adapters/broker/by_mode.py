"""Paper accounts to the paper venue, all others to their real one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from application.ports.broker import (
    Answer,
    Broker,
    ClosingBroker,
    Execution,
    Lookup,
    VenueOrder,
)
from application.records import DeskAccount
from domain.instrument import Instrument


@dataclass(slots=True)
class BrokerByMode:
    """Every venue of an installation. Real ones are opened when the first is asked."""

    paper: Broker
    open_venues: Callable[[], ClosingBroker]
    _venues: ClosingBroker | None = field(default=None, init=False)

    async def place(self, order: VenueOrder) -> Answer:
        """Place the order where its account trades."""
        return await self._of(order.account).place(order)

    async def find(self, order: VenueOrder) -> Lookup:
        """Ask where the order's account trades."""
        return await self._of(order.account).find(order)

    async def cancel(self, order: VenueOrder) -> Lookup:
        """Cancel where the order's account trades."""
        return await self._of(order.account).cancel(order)

    def rests(self, account: DeskAccount, instrument: Instrument) -> bool:
        """Ask what is known of where the account trades."""
        return self._of(account).rests(account, instrument)

    async def balance(self, account: DeskAccount) -> Decimal | None:
        """Ask where the account trades."""
        return await self._of(account).balance(account)

    async def held(self, account: DeskAccount, instrument: Instrument) -> Decimal | None:
        """Ask where the account trades."""
        return await self._of(account).held(account, instrument)

    async def executions(
        self, account: DeskAccount, instrument: Instrument, since: datetime
    ) -> Sequence[Execution] | None:
        """Ask where the account trades."""
        return await self._of(account).executions(account, instrument, since)

    async def close(self) -> None:
        """Close the connections to real venues, if any were opened."""
        if self._venues is not None:
            await self._venues.close()
            self._venues = None

    def _of(self, account: DeskAccount) -> Broker:
        if account.mode == "paper":
            return self.paper
        if self._venues is None:
            self._venues = self.open_venues()
        return self._venues
