"""What can be done about a difference between a venue and our books. Pure.

What the venue holds beyond our books can be closed there, by an order that only reduces.
What our books hold beyond the venue can be booked as closed there. Either can be taken for
not ours.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from application.answers import Execution, FillReport
from application.records import BotId
from domain.money import ZERO, add, subtract
from domain.signal import Direction


class Remedy(Enum):
    """What is done about a difference."""

    IGNORE = "ignore"
    ADOPT = "adopt"
    CLOSE = "close"


class Holder(NamedTuple):
    """A bot and how much it holds; the side is that of ``Seen.ours``."""

    bot: BotId
    quantity: Decimal


class Seen(NamedTuple):
    """A market as it was seen; short is negative, ``baseline`` is there and not ours."""

    ours: Decimal
    theirs: Decimal
    baseline: Decimal
    can_short: bool

    @property
    def surplus(self) -> Decimal:
        """Return what the venue holds beyond our books."""
        return subtract(subtract(self.theirs, self.baseline), self.ours)


def to_close(seen: Seen) -> tuple[Direction, Decimal] | None:
    """Return the side and quantity that a reduce-only order could close at the venue.

    None where nothing is there beyond our books; on spot, where what else is held is not
    ours; or where closing would cut into what was there before us.
    """
    surplus = seen.surplus
    nothing = ZERO in (surplus, seen.theirs)
    if nothing or not seen.can_short or _apart(surplus, seen.theirs):
        return None
    side = Direction.LONG if surplus > ZERO else Direction.SHORT
    return side, min(abs(surplus), abs(seen.theirs))


def missing(seen: Seen) -> Decimal | None:
    """Return how much of our books the venue holds no more; None where it holds as much.

    None as well where it holds the other side, which no close of ours explains.
    """
    there = subtract(seen.theirs, seen.baseline)
    gone = subtract(abs(seen.ours), abs(there))
    return gone if gone > ZERO and not _apart(there, seen.ours) else None


def remedies(seen: Seen, holders: int) -> tuple[Remedy, ...]:
    """Return what can be done.

    Of several bots that hold, nobody knows whose part is gone unless all of it is.
    """
    found: list[Remedy] = []
    gone = missing(seen)
    if gone is not None and (holders == 1 or gone == abs(seen.ours)):
        found.append(Remedy.ADOPT)
    if to_close(seen) is not None:
        found.append(Remedy.CLOSE)
    return (*found, Remedy.IGNORE)


def closing_fills(
    executions: Sequence[Execution], known: Collection[str], gone: Decimal, *, long: bool
) -> tuple[FillReport, ...]:
    """Return the executions that closed what is gone; none unless they explain all of it.

    ``known`` are trade ids that are booked already.
    """
    closing = tuple(
        one.fill
        for one in executions
        if one.buys is not long and one.fill.trade_id not in known
    )
    total = ZERO
    for fill in closing:
        total = add(total, fill.quantity)
    return closing if total == gone else ()


def apportioned(
    fills: Sequence[FillReport], holders: Sequence[Holder], gone: Decimal
) -> dict[BotId, tuple[FillReport, ...]]:
    """Return each holder's part of the executions, in their order.

    An execution that closed for two is counted in two parts, each under an id of its own,
    so that none looks like one counted twice; its fee goes with the first. What is gone is
    all that they hold, or part of what the only one holds.
    """
    wanted = {one.bot: one.quantity for one in holders}
    if len(holders) == 1:
        wanted = {holders[0].bot: gone}
    rest = list(fills)
    found: dict[BotId, tuple[FillReport, ...]] = {}
    for bot, quantity in wanted.items():
        found[bot], rest = _taken(rest, quantity)
    return found


def _taken(
    fills: Sequence[FillReport], quantity: Decimal
) -> tuple[tuple[FillReport, ...], list[FillReport]]:
    """Return the executions that come to ``quantity``, and what is left of them all."""
    taken: list[FillReport] = []
    rest, open_quantity = list(fills), quantity
    while open_quantity > ZERO and rest:
        fill = rest.pop(0)
        if fill.quantity > open_quantity:
            left = subtract(fill.quantity, open_quantity)
            rest.insert(0, _part(fill, left))
            fill = replace(fill, quantity=open_quantity)
        taken.append(fill)
        open_quantity = subtract(open_quantity, fill.quantity)
    return tuple(taken), rest


def _part(fill: FillReport, quantity: Decimal) -> FillReport:
    """Return what is left of an execution once its first part and its fee are counted."""
    id = f"{fill.trade_id}:rest"
    return replace(fill, trade_id=id, quantity=quantity, fee=ZERO)


def _apart(one: Decimal, other: Decimal) -> bool:
    """Say whether two quantities lie on different sides."""
    return (one > ZERO > other) or (one < ZERO < other)
