"""Hold our books against the venues': a difference stops entries, is shown, and settled."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from application import wording
from application.close_surplus import CloseSurplus
from application.differences import (
    Remedy,
    Seen,
    apportioned,
    closing_fills,
    missing,
    remedies,
)
from application.notice import Kind as About
from application.notice import Notice, Weight
from application.ports.broker import Broker
from application.ports.comparisons import (
    Adopted,
    ComparedMarket,
    Comparison,
    Comparisons,
    Reading,
)
from application.ports.configuration import Author
from domain.instrument import Kind
from domain.money import ZERO

CONFIRMED_AFTER = timedelta(seconds=5)
"""How far apart the two reads are that a difference must survive."""
LOOKS_BACK = timedelta(minutes=2)
"""How much further back than books and venue agreed executions are asked for."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reconcile:
    """Ask every venue what is held, market by market, and compare."""

    comparisons: Comparisons
    broker: Broker
    close_surplus: CloseSurplus

    async def __call__(self) -> Sequence[Comparison]:
        """Compare everything that is at rest; return what is known of each market."""
        await self.close_surplus.pursue()
        for market in await self.comparisons.markets():
            if not market.busy:
                await self._compare(market)
        return await self.comparisons.all()

    async def again(self) -> bool:
        """Look once more at what differed, if anything did; say whether anything does."""
        await self.close_surplus.pursue()
        open_ones = [one for one in await self.comparisons.markets() if one.differs_since]
        for market in open_ones:
            if not market.busy:
                await self._compare(market)
        return bool(open_ones)

    async def _compare(self, market: ComparedMarket) -> None:
        theirs = await self.broker.held(market.account, market.instrument)
        since = market.differs_since
        if theirs is None:
            silent = Reading(theirs=None, differs=since is not None, gates=market.gates)
            await self.comparisons.keep(market, silent)
            return
        differs = difference(market, theirs) != ZERO
        gates = differs and since is not None and market.now - since >= CONFIRMED_AFTER
        reading = Reading(theirs=theirs, differs=differs, gates=gates)
        if gates and not market.gates:
            facts = {"account": market.account.name, "symbol": market.key.symbol}
            seen = {"ours": str(market.ours), "theirs": str(theirs)}
            log.warning("the venue holds something else", extra=facts | seen)
            reading = replace(reading, notice=_told(market, theirs))
        await self.comparisons.keep(market, reading)
        if gates and _seen_twice(market, theirs):
            await self._settle(market, theirs)

    async def _settle(self, market: ComparedMarket, theirs: Decimal) -> None:
        """Do what a person asked for, else what the account's policy says, if it can be.

        The same difference has been read twice by now, five seconds apart.
        """
        remedy, author = _wanted(market)
        if remedy is None or remedy not in remedies(
            seen(market, theirs), len(market.holders)
        ):
            return
        match remedy:
            case Remedy.IGNORE:
                symbol = market.instrument.symbol
                await self.comparisons.ignore(market.account.id, symbol, author)
            case Remedy.ADOPT:
                await self._adopt(market, theirs, author)
            case Remedy.CLOSE:
                await self.close_surplus(market, author)

    async def _adopt(self, market: ComparedMarket, theirs: Decimal, author: Author) -> None:
        """Book what the venue has closed, at its own prices and fees if it tells them."""
        gone = missing(seen(market, theirs))
        agreed = market.matched_at or market.differs_since
        if gone is None or agreed is None:
            return
        asked = await self.broker.executions(
            market.account, market.instrument, agreed - LOOKS_BACK
        )
        executions = asked or ()
        known = await self.comparisons.booked(
            market.key, [one.fill.trade_id for one in executions]
        )
        fills = closing_fills(executions, known, gone, long=market.ours > ZERO)
        parts = apportioned(fills, market.holders, gone)
        adopted = [
            Adopted(
                bot=one.bot,
                held=one.quantity,
                quantity=gone if len(market.holders) == 1 else one.quantity,
                fills=parts[one.bot],
            )
            for one in market.holders
        ]
        await self.comparisons.adopt(market, adopted, author)


def seen(market: ComparedMarket, theirs: Decimal) -> Seen:
    """Return a market as it was seen just now."""
    return Seen(market.ours, theirs, market.baseline, market.instrument.can_short)


def difference(market: ComparedMarket, theirs: Decimal) -> Decimal:
    """Return what the venue holds beyond our books; 0 for what cannot be traded.

    On spot, what is there besides was there before us and is not ours.
    """
    surplus = seen(market, theirs).surplus
    if market.instrument.kind is Kind.SPOT and surplus > ZERO:
        return ZERO
    return surplus if abs(surplus) >= market.instrument.quantity_step else ZERO


def _seen_twice(market: ComparedMarket, theirs: Decimal) -> bool:
    """Say whether the very same difference was there five seconds ago already."""
    same = market.same_since
    if same is None or (market.last_ours, market.last_theirs) != (market.ours, theirs):
        return False
    return market.now - same >= CONFIRMED_AFTER


def _wanted(market: ComparedMarket) -> tuple[Remedy | None, Author]:
    """Return what is to be done, and who says so."""
    if market.asked is not None:
        return market.asked.remedy, market.asked.author
    policy = market.on_difference
    why = f"the account says on_difference: {policy}"
    author = Author(name="signalman", source="reconcile", reason=why)
    return (None if policy == "ask" else Remedy(policy)), author


def _told(market: ComparedMarket, theirs: Decimal) -> Notice:
    base = market.instrument.base
    ours, there = (wording.number(one) for one in (market.ours, theirs))
    surplus = wording.number(seen(market, theirs).surplus)
    return Notice(
        kind=About.DIFFERS,
        weight=Weight.ALARM,
        title=f"Books differ: {market.instrument.symbol} on {market.account.name}",
        lines=(
            f"The venue holds {there} {base}, our books {ours}: {surplus} beyond them.",
            "Entries there wait; exits and stops go on.",
            "What can be done is told by: signalman reconcile",
        ),
    )
