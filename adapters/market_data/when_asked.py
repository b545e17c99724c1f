"""Prices of real venues, whose connections are opened when the first is asked for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from application.ports.market_data import ClosingMarketData, Quote
from application.records import DeskAccount
from domain.instrument import Instrument, Symbol


@dataclass(slots=True)
class MarketDataWhenAsked:
    """No venue is reached, nor CCXT loaded, before somebody holds something at one."""

    open_venues: Callable[[], ClosingMarketData]
    _venues: ClosingMarketData | None = field(default=None, init=False)

    async def quotes(
        self, account: DeskAccount, markets: Sequence[Instrument]
    ) -> Mapping[Symbol, Quote]:
        """Ask the account's venue; a paper venue has no prices but those of alerts."""
        if account.mode == "paper":
            return {}
        if self._venues is None:
            self._venues = self.open_venues()
        return await self._venues.quotes(account, markets)

    async def close(self) -> None:
        """Close what was opened."""
        if self._venues is not None:
            await self._venues.close()
            self._venues = None
