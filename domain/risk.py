"""What may still be entered: state, age, limits and brakes. Exits are never denied."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import IntEnum
from typing import assert_never

from domain.money import ZERO, add, fraction, multiply, subtract
from domain.reasons import Finding, Reason, refusal
from domain.sizing import Sized


class TradingState(IntEnum):
    """What may happen; the strictest of global, account and bot applies."""

    ACTIVE = 0
    REDUCING = 1
    HALTED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of a bot, an account or the installation; None where there is none.

    Notionals and losses are in the settlement currency; ``drawdown_percent`` refers to the
    highest equity so far.
    """

    open_positions: int | None = None
    order_notional: Decimal | None = None
    position_notional: Decimal | None = None
    entries_per_minute: int | None = None
    daily_loss: Decimal | None = None
    drawdown_percent: Decimal | None = None
    losses_in_row: int | None = None
    max_age_seconds: int | None = None


NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What is in use when an entry is planned, without this entry.

    ``day_pnl`` is realized net of fees plus unrealized since the day began; ``equity_peak``
    and ``equity`` are marked by our own fills, never by deposits.
    """

    opens_position: bool = True
    """Whether this entry makes a position of what was none."""
    account_positions: int = 0
    total_positions: int = 0
    bot_notional: Decimal = ZERO
    account_notional: Decimal = ZERO
    entries_last_minute: int = 0
    day_pnl: Decimal = ZERO
    equity: Decimal = ZERO
    equity_peak: Decimal = ZERO
    losses_in_row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Everything an entry is checked against, apart from how much is in use."""

    state: TradingState = TradingState.ACTIVE
    bot: Limits = NO_LIMITS
    account: Limits = NO_LIMITS
    total: Limits = NO_LIMITS
    age: timedelta = timedelta()
    held_by: str | None = None
    """Name of another bot that holds the other side of the same symbol on the account."""
    market: Decimal | None = None
    """A market price apart from the alert's, for the collar; None without market data."""
    collar_percent: Decimal | None = None


NO_USAGE = Usage()
NO_BOUNDS = Bounds()


def entry_state(state: TradingState) -> Finding | None:
    """Say whether the trading state lets entries pass; None when it does."""
    match state:
        case TradingState.HALTED:
            return refusal(Reason.STATE_HALTED, "halted", "active")
        case TradingState.REDUCING:
            return refusal(Reason.STATE_REDUCING, "reducing", "active")
        case TradingState.ACTIVE:
            return None
        case _:
            assert_never(state)


def too_old(age: timedelta, limit: int | None) -> Finding | None:
    """Measure an entry's age against its bot's limit; None without one."""
    if limit is None:
        return None
    seconds = max(round(age.total_seconds(), 3), 0.0)
    return Finding(Reason.ALERT_TOO_OLD, seconds <= limit, seconds, limit)


def check(
    entry: Sized, usage: Usage = NO_USAGE, bounds: Bounds = NO_BOUNDS
) -> tuple[Finding, ...]:
    """Measure an entry against every limit, up to the first that denies it, inclusive."""
    if bounds is NO_BOUNDS:
        return ()
    findings: list[Finding] = []
    for finding in _measured(entry, usage, bounds):
        findings.append(finding)
        if not finding.passed:
            break
    return tuple(findings)


def _measured(entry: Sized, usage: Usage, bounds: Bounds) -> Iterator[Finding]:
    state = entry_state(bounds.state)
    if state is not None:
        yield state
    age = too_old(bounds.age, bounds.bot.max_age_seconds)
    if age is not None:
        yield age
    if bounds.held_by is not None:
        yield refusal(Reason.SYMBOL_HELD_BY_OTHER_BOT, bounds.held_by, "one side")
    if bounds.market is not None:
        yield from _collar(entry, bounds.market, bounds.collar_percent)
    if bounds.account is not NO_LIMITS:
        yield from _brakes(usage, bounds.account)
    if usage.opens_position:
        yield from _positions(usage, bounds)
    yield from _notionals(entry, usage, bounds)
    rate = bounds.account.entries_per_minute
    if rate is not None:
        made = usage.entries_last_minute
        yield Finding(Reason.LIMIT_ENTRIES_PER_MINUTE, made < rate, made, rate)


def _collar(entry: Sized, market: Decimal, percent: Decimal | None) -> Iterator[Finding]:
    if percent is None:
        return
    allowed = multiply(entry.price, fraction(percent))
    within = within_collar(entry.price, market, percent)
    yield Finding(Reason.PRICE_OUTSIDE_COLLAR, within, market, allowed)


def within_collar(price: Decimal, market: Decimal, percent: Decimal) -> bool:
    """Say whether the market is no further from ``price`` than so many percent of it."""
    away = max(subtract(market, price), subtract(price, market))
    return away <= multiply(price, fraction(percent))


def _brakes(usage: Usage, account: Limits) -> Iterator[Finding]:
    if account.daily_loss is not None:
        loss = max(subtract(ZERO, usage.day_pnl), ZERO)
        yield Finding(
            Reason.BRAKE_DAILY_LOSS, loss < account.daily_loss, loss, account.daily_loss
        )
    if account.drawdown_percent is not None and usage.equity_peak > ZERO:
        fall = subtract(usage.equity_peak, usage.equity)
        allowed = multiply(usage.equity_peak, fraction(account.drawdown_percent))
        yield Finding(Reason.BRAKE_DRAWDOWN, fall < allowed, fall, allowed)
    if account.losses_in_row is not None:
        row = usage.losses_in_row
        yield Finding(
            Reason.BRAKE_LOSSES_IN_ROW,
            row < account.losses_in_row,
            row,
            account.losses_in_row,
        )


def _positions(usage: Usage, bounds: Bounds) -> Iterator[Finding]:
    limit = bounds.account.open_positions
    if limit is not None:
        held = usage.account_positions
        yield Finding(Reason.LIMIT_OPEN_POSITIONS, held < limit, held, limit)
    limit = bounds.total.open_positions
    if limit is not None:
        held = usage.total_positions
        yield Finding(Reason.LIMIT_OPEN_POSITIONS_TOTAL, held < limit, held, limit)


def _notionals(entry: Sized, usage: Usage, bounds: Bounds) -> Iterator[Finding]:
    for limits in (bounds.bot, bounds.account):
        limit = limits.order_notional
        if limit is not None:
            notional = entry.notional
            yield Finding(Reason.LIMIT_ORDER_NOTIONAL, notional <= limit, notional, limit)
    limit = bounds.bot.position_notional
    if limit is not None:
        after = add(usage.bot_notional, entry.reserved)
        yield Finding(Reason.LIMIT_POSITION_NOTIONAL, after <= limit, after, limit)
    limit = bounds.account.position_notional
    if limit is not None:
        after = add(usage.account_notional, entry.reserved)
        yield Finding(Reason.LIMIT_ACCOUNT_NOTIONAL, after <= limit, after, limit)


BRAKES = (
    Reason.BRAKE_DAILY_LOSS,
    Reason.BRAKE_DRAWDOWN,
    Reason.BRAKE_LOSSES_IN_ROW,
    Reason.BRAKE_ORDERS_EXCEED_INTENTS,
    Reason.BRAKE_INTENTS_WITHOUT_ORDERS,
)
