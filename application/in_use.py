"""What an account has in use while several of its keys are planned in one transaction.

What the store counts is what was kept before: elsewhere, outside the symbols that are being
planned. What those have in use themselves is read off their desks, so that a round sees its
own steps, and those of the keys that are planned with it, before any of them is kept. Pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from application.records import (
    BotId,
    Changes,
    Desk,
    Intent,
    IntentId,
    IntentStatus,
    Key,
    Step,
)
from application.reserving import (
    LIVE,
    Reservation,
    ReservationKind,
    Reserving,
    reserving,
)
from application.usage import (
    MINUTE,
    DayMark,
    Tally,
    Turnover,
    day_change,
    fee_worth,
    gain,
    held_quantity,
)
from domain.instrument import Instrument, Kind, Symbol
from domain.money import ZERO, add, multiply, subtract, total
from domain.position import Position, Trade
from domain.signal import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What was kept before, of one account: sums over the symbols that are not planned."""

    positions: int
    positions_elsewhere: int
    """On other accounts, apart from keys that are being planned; 0 where nobody asks."""
    notional: Decimal
    unrealized: Decimal
    open_value: Decimal
    day_pnl: Decimal
    entries_last_minute: int
    """Of the whole account."""
    realized: Decimal
    fees: Decimal
    equity_peak: Decimal | None
    losses_in_row: int
    reservations: tuple[Reservation, ...] = ()
    """Those that bots of the planned symbols hold."""
    turnover: Mapping[Symbol, Turnover] = field(default_factory=dict[Symbol, Turnover])
    """Today's, of the planned symbols."""


class _KeyUse(NamedTuple):
    """What one desk has in use, apart from what it reserves."""

    occupied: frozenset[BotId]
    costs: Mapping[BotId, Decimal]
    cost: Decimal
    unrealized: Decimal
    open_value: Decimal
    standing: Decimal
    """Signed quantity of all its bots together."""


class _Sums(NamedTuple):
    """The sums over all planned keys of an account."""

    positions: int = 0
    cost: Decimal = ZERO
    unrealized: Decimal = ZERO
    open_value: Decimal = ZERO


_NOTHING = _Sums()


@dataclass(slots=True)
class AccountInUse:
    """The running account of one transaction, moved on by every step of its keys."""

    _uses: dict[Key, _KeyUse] = field(default_factory=dict[Key, _KeyUse])
    _sums: _Sums = _NOTHING
    _turnover: Mapping[Symbol, Turnover] | None = None
    _day: datetime | None = None
    _day_changes: dict[Key, Decimal] = field(default_factory=dict[Key, Decimal])
    _marks: dict[Key, DayMark | None] = field(default_factory=dict[Key, DayMark | None])
    _steps: list[Reserving] = field(default_factory=list[Reserving])
    _started: dict[IntentId, datetime] = field(default_factory=dict[IntentId, datetime])
    _moved: list[tuple[Symbol, datetime, Turnover]] = field(
        default_factory=list[tuple[Symbol, datetime, Turnover]]
    )
    _realized: Decimal = ZERO
    _fees: Decimal = ZERO
    _losses: int = 0
    _won: bool = False
    braked: bool = False
    """Whether a brake of the account has fired in this transaction."""

    def take(self, desk: Desk, mark: DayMark | None, steps: Iterable[Step] = ()) -> None:
        """Take note of a desk after the steps that led to it, with its symbol's price."""
        for step in steps:
            self._count(step)
        use = _key_use(desk, mark)
        known = self._uses.get(desk.key)
        self._sums = _moved(self._sums, known, use)
        self._uses[desk.key], self._marks[desk.key] = use, mark
        self._day_changes.pop(desk.key, None)

    @property
    def positions(self) -> int:
        """Return how many positions the planned keys have open."""
        return self._sums.positions

    def tally(
        self, kept: Counted, desk: Desk, bot: BotId, asking: "Asking", elsewhere: int
    ) -> Tally:
        """Return what is in use as an entry of ``bot`` sees it.

        ``elsewhere`` counts positions of planned keys on other accounts. The price that
        the asking job has seen itself goes before the one that is known. The day's P&L and
        the entries of the last minute are 0 where the account limits neither.
        """
        limits, own = desk.account.limits, _key_use(desk, asking.mark)
        sums = _moved(self._sums, self._uses.get(desk.key), own)
        held = self._reserved(kept.reservations)
        binding = [one for one in held if one[0] != bot or one[1] is ReservationKind.ENTRY]
        own_notional = [notional for owner, _, notional in binding if owner == bot]
        here = kept.positions + sums.positions - (bot in own.occupied)
        losses = self._losses + (0 if self._won else kept.losses_in_row)
        return Tally(
            account_positions=here,
            total_positions=here + kept.positions_elsewhere + elsewhere,
            bot_notional=add(own.costs.get(bot, ZERO), total(own_notional)),
            account_notional=total(
                (kept.notional, sums.cost, *(notional for _, _, notional in binding))
            ),
            entries_last_minute=kept.entries_last_minute + self._entries(desk, asking.now)
            if limits.entries_per_minute is not None
            else 0,
            realized=add(kept.realized, self._realized),
            fees=add(kept.fees, self._fees),
            unrealized=add(kept.unrealized, sums.unrealized),
            open_value=add(kept.open_value, sums.open_value),
            day_pnl=self._day_pnl(kept, desk.key, own, asking)
            if limits.daily_loss is not None
            else ZERO,
            equity_peak=kept.equity_peak,
            losses_in_row=losses,
        )

    def _day_pnl(
        self, kept: Counted, key: Key, own: "_KeyUse", asking: "Asking"
    ) -> Decimal:
        """Return what the day brought; of keys that have not moved it is remembered."""
        if self._turnover is not kept.turnover or self._day != asking.day:
            self._turnover, self._day = kept.turnover, asking.day
            self._day_changes = {}
        for other, use in self._uses.items():
            if other != key and other not in self._day_changes:
                self._day_changes[other] = self._day_change(
                    kept, other, use.standing, self._marks[other], asking.day
                )
        others = (one for other, one in self._day_changes.items() if other != key)
        mine = self._day_change(kept, key, own.standing, asking.mark, asking.day)
        return total((kept.day_pnl, mine, *others))

    def _count(self, step: Step) -> None:
        desk, changes = step
        reserved = reserving(desk, changes)
        if any(reserved):
            self._steps.append(reserved)
        for intent in changes.intents:
            self._entered(desk, intent)
        if changes.fills:
            self._filled(desk, changes)
        self.braked = self.braked or changes.brake is not None
        losses, won = lost_in_row(one.trade for one in changes.trades)
        self._losses = losses if won else self._losses + losses
        self._won = self._won or won

    def _entered(self, desk: Desk, intent: Intent) -> None:
        """Count an entry that goes under way now; one denied at the last check does not."""
        if not intent.enters or intent.at is None:
            return
        if intent.status is IntentStatus.DENIED:
            self._started.pop(intent.id, None)
        elif intent.status is IntentStatus.WORKING and not _was_live(desk, intent.id):
            self._started[intent.id] = intent.at

    def _filled(self, desk: Desk, changes: Changes) -> None:
        known = (*(one for job in desk.jobs for one in job.intents), *changes.intents)
        intents = {one.id: one for one in known}
        orders = {one.order.id: intents[one.intent] for one in changes.orders}
        for fill in changes.fills:
            intent = orders[fill.order]
            held = held_quantity(fill, desk.instrument.base, enters=intent.enters)
            fee = fee_worth(fill, held, desk.account.currency)
            bought = (intent.side is Direction.LONG) is intent.enters
            signed = held if bought else subtract(ZERO, held)
            cash = subtract(ZERO, multiply(signed, fill.price))
            moved = Turnover(quantity=signed, cash=cash, fees=fee)
            self._moved.append((desk.key.symbol, fill.at, moved))
            self._realized = add(self._realized, fill.realized)
            self._fees = add(self._fees, fee)

    def _entries(self, desk: Desk, now: datetime) -> int:
        by_bar = desk.account.by_bar
        return sum(
            at > now - MINUTE and (at <= now or not by_bar) for at in self._started.values()
        )

    def _reserved(
        self, kept: Iterable[Reservation]
    ) -> Iterable[tuple[BotId, ReservationKind, Decimal]]:
        held = {(one.intent, one.kind): one for one in kept}
        for changed in self._steps:
            for intent in changed.released_entries:
                held.pop((intent, ReservationKind.ENTRY), None)
            for name, one in list(held.items()) if changed.released_rests else ():
                if one.kind is ReservationKind.REST and one.bot in changed.released_rests:
                    del held[name]
            held |= {(one.intent, one.kind): one for one in changed.held}
        return [(one.bot, one.kind, one.notional) for one in held.values()]

    def _day_change(
        self,
        kept: Counted,
        key: Key,
        standing: Decimal,
        mark: DayMark | None,
        day: datetime,
    ) -> Decimal:
        if mark is None:
            return ZERO
        today = kept.turnover.get(key.symbol, Turnover())
        for symbol, at, moved in self._moved:
            if symbol == key.symbol and at >= day:
                today = Turnover(*map(add, today, moved))
        return day_change(standing, mark.price, mark.opening(day), today)


class Asking(NamedTuple):
    """The moment an entry is planned for, its day, and the price its alert has seen."""

    now: datetime
    day: datetime
    mark: DayMark | None


def lost_in_row(trades: Iterable[Trade]) -> tuple[int, bool]:
    """Return how many losses in a row these trades end with, and whether any was none."""
    return losses_at_end(trade.pnl for trade in trades)


def losses_at_end(results: Iterable[Decimal]) -> tuple[int, bool]:
    """Return the same of what trades earned after fees."""
    losses, won = 0, False
    for result in results:
        lost = result < ZERO
        losses = losses + 1 if lost else 0
        won = won or not lost
    return losses, won


def _moved(sums: _Sums, before: _KeyUse | None, now: _KeyUse) -> _Sums:
    """Return the sums once a key has moved on. Exact, so nothing is left behind."""
    positions, cost, unrealized, open_value = sums
    if before is not None:
        positions -= len(before.occupied)
        cost = subtract(cost, before.cost)
        unrealized = subtract(unrealized, before.unrealized)
        open_value = subtract(open_value, before.open_value)
    return _Sums(
        positions + len(now.occupied),
        add(cost, now.cost),
        add(unrealized, now.unrealized),
        add(open_value, now.open_value),
    )


def _was_live(desk: Desk, id: IntentId) -> bool:
    return any(
        one.status in LIVE for job in desk.jobs for one in job.intents if one.id == id
    )


def _key_use(desk: Desk, mark: DayMark | None) -> _KeyUse:
    held = [bot for bot in desk.bots.values() if not bot.state.position.is_flat]
    costs = {bot.id: bot.state.position.cost for bot in held}
    gains = [_gain(bot.state.position, mark) for bot in held]
    unrealized = total(gains)
    spot = desk.instrument.kind is Kind.SPOT
    occupied = {
        bot.id
        for bot in desk.bots.values()
        if bot.state.working or _more_than_dust(bot.state.position, desk.instrument, mark)
    }
    return _KeyUse(
        occupied=frozenset(occupied),
        costs=costs,
        cost=total(costs.values()),
        unrealized=unrealized,
        open_value=total(_worth(bot.state.position, mark) for bot in held)
        if spot
        else unrealized,
        standing=total(_signed(bot.state.position) for bot in held),
    )


def _more_than_dust(position: Position, market: Instrument, mark: DayMark | None) -> bool:
    if position.is_flat:
        return False
    if mark is not None:
        return not market.is_dust(position.quantity, mark.price)
    small = position.quantity < market.quantity_min
    return not (small or position.cost < market.notional_min)


def _gain(position: Position, mark: DayMark | None) -> Decimal:
    if mark is None or position.side is None:
        return ZERO
    return gain(position.side, position.quantity, position.cost, mark.price)


def _worth(position: Position, mark: DayMark | None) -> Decimal:
    return position.cost if mark is None else multiply(position.quantity, mark.price)


def _signed(position: Position) -> Decimal:
    short = position.side is Direction.SHORT
    return subtract(ZERO, position.quantity) if short else position.quantity
