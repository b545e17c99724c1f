"""Prices that are set by hand: for simulations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from application.ports.market_data import Quote
from application.records import DeskAccount
from domain.instrument import Instrument, Symbol


@dataclass(slots=True)
class MemoryMarketData:
    """The prices it was given."""

    known: dict[Symbol, Quote] = field(default_factory=dict[Symbol, Quote])

    async def quotes(
        self,
        account: DeskAccount,  # noqa: ARG002 - the port's name for it
        markets: Sequence[Instrument],
    ) -> Mapping[Symbol, Quote]:
        """Return what is known of these markets; the same for every account."""
        wanted = {one.symbol for one in markets}
        return {symbol: one for symbol, one in self.known.items() if symbol in wanted}
