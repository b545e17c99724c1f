"""Hold our books against the venues': a difference stops entries and is shown."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from application.ports.broker import Broker
from application.ports.comparisons import ComparedMarket, Comparison, Comparisons
from application.ports.configuration import Author
from domain.instrument import Kind
from domain.money import ZERO, subtract

CONFIRMED_AFTER = timedelta(seconds=5)
"""How far apart the two reads are that a difference must survive."""
_BY_POLICY = Author(
    name="signalman", source="reconcile", reason="the account says on_difference: ignore"
)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reconcile:
    """Ask every venue what is held, market by market, and compare."""

    comparisons: Comparisons
    broker: Broker

    async def __call__(self) -> Sequence[Comparison]:
        """Compare everything that is at rest; return what is known of each market."""
        for market in await self.comparisons.markets():
            if not market.busy:
                await self._compare(market)
        return await self.comparisons.all()

    async def again(self) -> bool:
        """Look once more at what differed, if anything did; say whether anything does."""
        open_ones = [one for one in await self.comparisons.markets() if one.differs_since]
        for market in open_ones:
            if not market.busy:
                await self._compare(market)
        return bool(open_ones)

    async def _compare(self, market: ComparedMarket) -> None:
        theirs = await self.broker.held(market.account, market.instrument)
        if theirs is None:
            differs = market.differs_since is not None
            await self.comparisons.keep(market, None, differs=differs, gates=differs)
            return
        surplus = difference(market, theirs)
        since = market.differs_since
        confirmed = since is not None and market.now - since >= CONFIRMED_AFTER
        gates = surplus != ZERO and confirmed
        if gates:
            facts = {"account": market.account.name, "symbol": market.key.symbol}
            seen = {"ours": str(market.ours), "theirs": str(theirs)}
            log.warning("the venue holds something else", extra=facts | seen)
        await self.comparisons.keep(market, theirs, differs=surplus != ZERO, gates=gates)
        if gates:
            await self._settle(market, theirs)

    async def _settle(self, market: ComparedMarket, theirs: Decimal) -> None:
        """Do what the account's policy says about a difference that has lasted."""
        if market.on_difference == "ignore":
            await self.comparisons.ignore(
                market.account.id, market.instrument.symbol, _BY_POLICY
            )
        closed = subtract(theirs, market.baseline) == ZERO and market.ours != ZERO
        if market.on_difference == "adopt" and closed:
            await self.comparisons.adopt(market)


def difference(market: ComparedMarket, theirs: Decimal) -> Decimal:
    """Return what the venue holds beyond our books; 0 for what cannot be traded.

    On spot, what is there besides was there before us and is not ours.
    """
    surplus = subtract(subtract(theirs, market.baseline), market.ours)
    if market.instrument.kind is Kind.SPOT and surplus > ZERO:
        return ZERO
    return surplus if abs(surplus) >= market.instrument.quantity_step else ZERO
