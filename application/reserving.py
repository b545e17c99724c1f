"""What entries hold back from the limits, and when it is given back. Pure.

An entry's own notional is held until the entry is over. What a reserving bot has planned
for its later entries, the rest, is held until its trade closes. UNKNOWN and NEEDS_OPERATOR
keep what they hold: the money may be at the venue.
"""

from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from application.records import (
    BotId,
    Changes,
    Desk,
    Intent,
    IntentId,
    IntentStatus,
    WorkingOrder,
)
from domain.money import ZERO, add, multiply, subtract
from domain.state import BotState

LIVE = (IntentStatus.WORKING, IntentStatus.NEEDS_OPERATOR)
"""The statuses in which an entry may still become part of a position."""


class ReservationKind(Enum):
    """What a reservation is for: one entry, or the later ones of a reserving bot."""

    ENTRY = "entry"
    REST = "rest"


class Reservation(NamedTuple):
    """So much notional is held back. It replaces what was held for the same."""

    intent: IntentId
    bot: BotId
    kind: ReservationKind
    notional: Decimal


class Reserving(NamedTuple):
    """What changes: first everything released, then everything held."""

    released_entries: tuple[IntentId, ...] = ()
    released_rests: tuple[BotId, ...] = ()
    held: tuple[Reservation, ...] = ()


def reserving(desk: Desk, changes: Changes) -> Reserving:
    """Return what one step changes about the reservations; ``desk`` is from before it."""
    entries: list[IntentId] = []
    rests = [
        closed.bot
        for closed in changes.trades
        if desk.bots[closed.bot].state.memory.planned
    ]
    held: list[Reservation] = []
    for intent in changes.intents:
        if not intent.enters or intent.quantity is None or intent.price is None:
            continue
        open_notional = multiply(intent.price, unfilled(intent, changes.orders))
        if intent.status in LIVE:
            held.append(_held(intent, ReservationKind.ENTRY, open_notional))
            rest = intent.reserved_rest if _is_new(desk, intent) else None
            if rest == ZERO and not desk.bots[intent.bot].state.memory.planned:
                rest = None
        else:
            entries.append(intent.id)
            rest = _rest_after(desk, changes, intent, open_notional)
        if rest is not None:
            rests.append(intent.bot)
            if rest > ZERO:
                held.append(_held(intent, ReservationKind.REST, rest))
    return Reserving(tuple(entries), tuple(dict.fromkeys(rests)), tuple(held))


def unfilled(intent: Intent, orders: tuple[WorkingOrder, ...]) -> Decimal:
    """Return what of an entry was not filled, by its newest order; all without an order."""
    own = [working.order for working in orders if working.intent == intent.id]
    if not own:
        return intent.quantity or ZERO
    newest = max(own, key=lambda order: (order.leg, order.generation))
    return subtract(newest.quantity, newest.filled)


def _rest_after(
    desk: Desk, changes: Changes, intent: Intent, missed: Decimal
) -> Decimal | None:
    """Return the rest once an entry is over; None when it stays as it is.

    What an entry of a reserving bot did not get is kept for another attempt, as long as
    the bot is in a position.
    """
    before = desk.bots[intent.bot].state
    if not before.memory.planned:
        return None
    state: BotState = changes.states.get(intent.bot, before)
    if state.position.is_flat:
        return ZERO
    if missed > ZERO and state.memory.planned:
        return add(intent.reserved_rest, missed)
    return None


def _is_new(desk: Desk, intent: Intent) -> bool:
    known = (one for job in desk.jobs for one in job.intents if one.id == intent.id)
    before = next(known, None)
    return before is None or before.status not in LIVE


def _held(intent: Intent, kind: ReservationKind, notional: Decimal) -> Reservation:
    return Reservation(intent.id, intent.bot, kind, notional)
