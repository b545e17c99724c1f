"""What must happen to the protective orders of one key, and what answers mean. Pure.

A new order is placed before the one that it replaces is removed, and none is removed before
the position is closed, or another stands for it::

    unsettled, or long not looked at ─▶ look     whatever follows waits for the answer
    wanted and not there ─▶ place                the old one still rests meanwhile
    not wanted, or replaced by one that rests ─▶ remove
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from application.answers import Acknowledged, FillReport, Refused, Report
from application.identity import client_order_id
from application.ports.protections import (
    Guarded,
    GuardedBot,
    Protection,
    ProtectionChange,
)
from application.records import IntentId, Transition
from application.resolving import event_of
from application.sending import VENUE_ARRIVAL
from domain.order import Order, OrderEvent, OrderId, OrderStatus
from domain.protection import ProtectionKind, Protective, protective
from domain.signal import LONG

LOOK_EVERY = timedelta(seconds=30)
"""How long an order that rests is believed to rest without being asked for."""
HOPELESS_FOR = {
    OrderStatus.REJECTED: timedelta(seconds=30),
    OrderStatus.NOT_PLACED: timedelta(seconds=3),
}
"""How long what the venue did not take is not tried again; the watchdog holds it then."""
RESTING = (OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED)
UNSETTLED = (OrderStatus.SUBMITTING, OrderStatus.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """What the venue is to be asked, once ``changes`` are kept."""

    changes: tuple[ProtectionChange, ...] = ()
    look: tuple[Protection, ...] = ()
    place: tuple[Protection, ...] = ()
    remove: tuple[Protection, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Say whether everything rests that should, and nothing else does."""
        return not (self.look or self.place or self.remove)


def to_do(
    guarded: Guarded,
    asked: frozenset[OrderId],
    new_id: Callable[[], IntentId],
    *,
    rests: bool,
    look_at_all: bool = False,
) -> Doing:
    """Return what to do next; orders in ``asked`` were asked about a moment ago.

    ``rests`` says whether such orders can rest in this market at all.
    """
    live = [one for bot in guarded.bots for one in bot.protections if one.is_live]
    stale = [one for one in live if _must_be_looked_at(guarded, one, look_at_all)]
    look = tuple(one for one in stale if one.order.id not in asked)
    if look:
        return Doing(look=look)
    changes: list[ProtectionChange] = []
    remove: list[Protection] = []
    for bot in guarded.bots:
        wanted = (
            protective(bot.position, bot.exits, guarded.instrument)
            if rests and not bot.leaving
            else ()
        )
        changes += [
            _submitted(guarded, bot, one, new_id)
            for one in wanted
            if _is_missing(guarded, bot, one)
        ]
        if not bot.leaving:
            remove += _superfluous(bot, wanted, asked)
    return Doing(
        changes=tuple(changes),
        place=tuple(one.protection for one in changes),
        remove=tuple(remove),
    )


def answered(guarded: Guarded, asked: Protection, answer: Report) -> ProtectionChange:
    """Return the order once the venue has said something of it."""
    seen = replace(asked, looked_at=guarded.now)
    if isinstance(answer, Acknowledged):
        return _acknowledged(guarded, seen, answer)
    event = event_of(guarded, seen.order, answer)
    if event is None:
        return ProtectionChange(protection=seen)
    if isinstance(answer, Refused):
        return _moved(guarded, seen, event, f"{answer.code}: {answer.text}")
    return _moved(guarded, seen, event, answer.evidence)


def _must_be_looked_at(guarded: Guarded, one: Protection, look_at_all: bool) -> bool:  # noqa: FBT001
    if one.order.status in UNSETTLED or look_at_all:
        return True
    seen = one.looked_at
    return seen is None or guarded.now - seen >= LOOK_EVERY or _is_reached(guarded, one)


def _is_reached(guarded: Guarded, one: Protection) -> bool:
    """Say whether the market has been at the order's level since it was looked at."""
    mark, level = guarded.mark, one.order.trigger_price
    if mark is None or level is None or (one.looked_at and mark.at <= one.looked_at):
        return False
    falls = (one.order.side is LONG) is one.order.triggers_stop
    return mark.price <= level if falls else mark.price >= level


def _is_missing(guarded: Guarded, bot: GuardedBot, wanted: Protective) -> bool:
    """Say whether a wanted order is neither there nor, for now, hopeless."""
    for one in bot.protections:
        if one.kind is not wanted.kind or not _meets(one, wanted):
            continue
        patience = HOPELESS_FOR.get(one.order.status)
        since = guarded.now - one.looked_at if one.looked_at else None
        refused = patience is not None and since is not None and since < patience
        if one.is_live or refused:
            return False
    return True


def _superfluous(
    bot: GuardedBot, wanted: Iterable[Protective], asked: frozenset[OrderId]
) -> list[Protection]:
    """Return the orders that rest and that nothing, or another one, makes needless."""
    of_kind = {one.kind: one for one in wanted}
    found: list[Protection] = []
    for kind in ProtectionKind:
        resting = [
            one
            for one in bot.protections
            if one.is_live and one.kind is kind and one.order.status in RESTING
        ]
        # Of a position that was turned round meanwhile, nothing protects the new side.
        turned = [one for one in resting if one.order.side is not bot.position.side]
        found += turned
        resting = [one for one in resting if one not in turned]
        want = of_kind.get(kind)
        if want is None:
            found += resting
            continue
        good = [one for one in resting if _meets(one, want)]
        if good:
            found += [one for one in resting if one is not good[0]]
    return [one for one in found if one.order.id not in asked]


def _meets(one: Protection, wanted: Protective) -> bool:
    level = one.order.trigger_price
    return level is not None and wanted.is_met_by(level, one.order.quantity)


def _submitted(
    guarded: Guarded,
    bot: GuardedBot,
    wanted: Protective,
    new_id: Callable[[], IntentId],
) -> ProtectionChange:
    """Return the order as it is kept before the venue is reached: SUBMITTING."""
    side = bot.position.side
    if side is None:  # what is open has a side
        message = "nothing rests for a position without a side"
        raise ValueError(message)
    planned = Order(
        id=client_order_id(guarded.installation, new_id(), leg=1, generation=1),
        symbol=guarded.key.symbol,
        side=side,
        reduces=True,
        quantity=wanted.quantity,
        decision_price=wanted.level,
        trigger_price=wanted.level,
        triggers_stop=wanted.kind is ProtectionKind.STOP,
    )
    sent = planned.after(OrderEvent.SUBMITTED)
    protection = Protection(
        bot=bot.id,
        revision=bot.revision,
        kind=wanted.kind,
        reason=wanted.reason,
        order=replace(sent, may_arrive_until=guarded.now + VENUE_ARRIVAL),
        looked_at=guarded.now,
    )
    return ProtectionChange(
        protection=protection,
        transition=_transition(guarded, planned, OrderEvent.SUBMITTED, ""),
    )


def _acknowledged(
    guarded: Guarded, seen: Protection, answer: Acknowledged
) -> ProtectionChange:
    order = replace(seen.order, venue_order_id=answer.venue_order_id)
    seen = replace(seen, order=order)
    if answer.fills:
        return _executed(guarded, seen, answer.fills)
    if answer.ended:
        return _moved(guarded, seen, OrderEvent.CANCELED, answer.evidence)
    if order.status in UNSETTLED:
        return _moved(guarded, seen, OrderEvent.OPENED, answer.evidence)
    return ProtectionChange(protection=seen)


def _executed(
    guarded: Guarded, seen: Protection, fills: tuple[FillReport, ...]
) -> ProtectionChange:
    """Return the order handed over: what it filled is counted where exits are worked."""
    before = after = seen.order
    for fill in fills:
        after = after.after_fill(fill.quantity, fill.price)
    event = OrderEvent.FILLED
    if after.status is not OrderStatus.FILLED:
        event = OrderEvent.FILLED_IN_PART
    told = f"{after.filled:f} executed of {before.quantity:f}"
    return ProtectionChange(
        protection=replace(seen, order=after, triggered=True),
        transition=_transition(guarded, before, event, told),
    )


def _moved(
    guarded: Guarded, seen: Protection, event: OrderEvent, evidence: str
) -> ProtectionChange:
    return ProtectionChange(
        protection=replace(seen, order=seen.order.after(event)),
        transition=_transition(guarded, seen.order, event, evidence),
    )


def _transition(
    guarded: Guarded, order: Order, event: OrderEvent, evidence: str
) -> Transition:
    return Transition(order=order.id, event=event, evidence=evidence, at=guarded.now)
