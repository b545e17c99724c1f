"""The alarm: a position whose rules ask for a stop, and nobody holds one for it."""

from dataclasses import dataclass
from datetime import timedelta

from application import wording
from application.notice import Kind, Notice, Weight
from application.ports.broker import Broker
from application.ports.market_data import STALE
from application.ports.stop_alarms import HeldStop, StopAlarms, StopMissing

PATIENCE = timedelta(seconds=10)
"""How long a position may be without its stop before people are told."""


@dataclass(frozen=True, slots=True)
class WatchStops:
    """Look whether every stop that is asked for is held by somebody."""

    alarms: StopAlarms
    broker: Broker

    async def __call__(self) -> None:
        """Look at every position once. Twice tells nobody twice."""
        held = await self.alarms.held_stops()
        missing = [found for one in held if (found := self._missing(one)) is not None]
        bots = {one.bot for one in missing}
        again = [_protected(one) for one in held if one.told and one.bot not in bots]
        await self.alarms.keep(missing, again)

    def _missing(self, held: HeldStop) -> StopMissing | None:
        quantity = held.instrument.round_quantity(held.quantity)
        if quantity < held.instrument.quantity_min or held.resting >= quantity:
            return None
        watched = held.priced_at is not None and held.now - held.priced_at <= STALE
        can_rest = self.broker.rests(held.account, held.instrument)
        if watched and not can_rest:
            return None  # what the venue cannot hold, the watchdog does
        since = held.missing_since or held.now
        why = _why(held, can_rest=can_rest)
        late = held.now - since >= PATIENCE and not held.told
        notice = _unprotected(held, why, watched=watched) if late else None
        return StopMissing(bot=held.bot, since=since, why=why, notice=notice)


def _why(held: HeldStop, *, can_rest: bool) -> str:
    if not can_rest:
        return "no stop can rest in this market, and no fresh price is known to watch it by"
    if held.resting:
        covered = wording.number(held.resting)
        return f"a stop rests at the venue for {covered} of {held.instrument.base} only"
    said = f"; the venue said: {held.said}" if held.said else ""
    return f"no stop rests at the venue{said}"


def _unprotected(held: HeldStop, why: str, *, watched: bool) -> Notice:
    meanwhile = (
        "Meanwhile the watchdog holds the rule against the venue's prices."
        if watched
        else "Nobody watches it: close it at the venue, or see why no price comes."
    )
    amount = f"{wording.number(held.quantity)} {held.instrument.base}"
    return Notice(
        kind=Kind.UNPROTECTED,
        weight=Weight.ALARM,
        title=f"Unprotected: {held.instrument.symbol} without its stop · {held.name}",
        lines=(f"{why[:1].upper()}{why[1:]}.", f"Held: {amount}.", meanwhile),
        bot=held.bot,
    )


def _protected(held: HeldStop) -> Notice:
    return Notice(
        kind=Kind.RESUMED,
        weight=Weight.NEWS,
        title=f"Protected again: {held.instrument.symbol} · {held.name}",
        lines=("Its stop is held again.",),
        bot=held.bot,
    )
