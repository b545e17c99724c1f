"""What is in use when an entry is planned: the arithmetic of limits and brakes. Pure.

A day's P&L is what the account's worth changed by since the day began, marked by our own
fills and the alerts' prices and by nothing else: what was held when it began counts from
the price it began with, all else from the price it was filled at; fees are taken off.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from application.records import FillRecord, JobId, LoadedUsage, Mark
from domain.money import ZERO, add, multiply, subtract
from domain.risk import Usage
from domain.signal import Direction

MINUTE = timedelta(minutes=1)


class DayMark(NamedTuple):
    """The latest price of a symbol, and the price with which its day began."""

    price: Decimal
    at: datetime
    day: datetime
    """When the day of ``at`` began."""
    day_open: Decimal

    def opening(self, day: datetime) -> Decimal:
        """Return the price a day began with: without one since, the latest before it."""
        return self.price if self.day < day else self.day_open


def day_began(at: datetime, day_start: time) -> datetime:
    """Return when the day that ``at`` falls into began; ``day_start`` is in UTC."""
    began = datetime.combine(at.astimezone(day_start.tzinfo).date(), day_start)
    return began if began <= at else began - timedelta(days=1)


def marked(known: DayMark | None, mark: Mark, day_start: time) -> DayMark:
    """Return the mark once the price has moved on to ``mark``.

    A day begins with the last price before it; the very first price began its own day.
    """
    day = day_began(mark.at, day_start)
    if known is None:
        return DayMark(mark.price, mark.at, day, mark.price)
    if day > known.day:
        return DayMark(mark.price, mark.at, day, known.price)
    return DayMark(mark.price, mark.at, known.day, known.day_open)


class Turnover(NamedTuple):
    """What fills of one symbol came to: signed base quantity, cash without fees, fees."""

    quantity: Decimal = ZERO
    cash: Decimal = ZERO
    fees: Decimal = ZERO


def held_quantity(fill: FillRecord, base: str, *, enters: bool) -> Decimal:
    """Return by how much a fill changed what is held: a fee in base reduces the lot."""
    taken = enters and fill.fee_currency == base
    return subtract(fill.quantity, fill.fee) if taken else fill.quantity


def fee_worth(fill: FillRecord, held: Decimal, currency: str) -> Decimal:
    """Return a fill's fee in the settlement currency.

    ``held`` is what the fill added to or took from the position: a fee taken in base is
    worth what was paid for it. One in a third currency is what the position was charged.
    """
    if fill.fee_currency == currency:
        return fill.fee
    taken = multiply(subtract(fill.quantity, held), fill.price)
    return taken or fill.charged


def day_change(held: Decimal, price: Decimal, opening: Decimal, today: Turnover) -> Decimal:
    """Return what a day brought in one symbol; ``held`` is signed, as it is now."""
    at_start = multiply(subtract(held, today.quantity), opening)
    worth = subtract(multiply(held, price), at_start)
    return subtract(add(worth, today.cash), today.fees)


def gain(side: Direction, quantity: Decimal, cost: Decimal, price: Decimal) -> Decimal:
    """Return the unrealized P&L of open lots."""
    worth = multiply(quantity, price)
    return subtract(cost, worth) if side is Direction.SHORT else subtract(worth, cost)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What a store has counted and summed; the deciding bot's own rest is left out."""

    account_positions: int
    total_positions: int
    bot_notional: Decimal
    account_notional: Decimal
    entries_last_minute: int
    realized: Decimal
    fees: Decimal
    unrealized: Decimal
    open_value: Decimal
    day_pnl: Decimal
    equity_peak: Decimal | None
    """None when it begins anew with the equity of now."""
    losses_in_row: int


def loaded_usage(job: JobId, start_balance: Decimal, tally: Tally) -> LoadedUsage:
    """Return the usage that a tally comes to; its peak counts the equity of now."""
    earned = add(subtract(tally.realized, tally.fees), tally.unrealized)
    equity = add(start_balance, earned)
    peak = equity if tally.equity_peak is None else max(tally.equity_peak, equity)
    usage = Usage(
        account_positions=tally.account_positions,
        total_positions=tally.total_positions,
        bot_notional=tally.bot_notional,
        account_notional=tally.account_notional,
        entries_last_minute=tally.entries_last_minute,
        day_pnl=tally.day_pnl,
        equity=equity,
        equity_peak=peak,
        losses_in_row=tally.losses_in_row,
    )
    return LoadedUsage(job=job, usage=usage, open_value=tally.open_value)
