from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.reasons import Finding, Reason, refusal
from domain.risk import Bounds, Limits, TradingState, Usage, check, entry_state, too_old
from domain.signal import Direction
from domain.sizing import Sized

ENTRY = Sized(
    side=Direction.LONG,
    number=1,
    quantity=Decimal(10),
    price=Decimal(100),
    raw=Decimal(10),
    factor=Decimal(1),
    equity=None,
)


def bot(**limits: Any) -> Bounds:
    return Bounds(bot=Limits(**limits))


def account(**limits: Any) -> Bounds:
    return Bounds(account=Limits(**limits))


def test_an_entry_without_any_limit_passes_without_a_finding() -> None:
    assert check(ENTRY) == ()
    assert check(ENTRY, Usage(), Bounds()) == ()


def test_the_strictest_state_is_the_largest() -> None:
    states = (TradingState.ACTIVE, TradingState.HALTED, TradingState.REDUCING)

    assert max(states) is TradingState.HALTED
    assert max(states[0], states[2]) is TradingState.REDUCING


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (TradingState.REDUCING, Reason.STATE_REDUCING),
        (TradingState.HALTED, Reason.STATE_HALTED),
    ],
)
def test_a_state_that_is_not_active_denies_entries(
    state: TradingState, reason: Reason
) -> None:
    findings = check(ENTRY, Usage(), Bounds(state=state))

    assert [(one.reason, one.passed) for one in findings] == [(reason, False)]


def test_an_active_state_denies_nothing() -> None:
    assert entry_state(TradingState.ACTIVE) is None


@pytest.mark.parametrize(
    ("seconds", "passed"), [(-5.0, True), (0.0, True), (120.0, True), (120.001, False)]
)
def test_an_entry_may_be_as_old_as_its_bot_allows(seconds: float, *, passed: bool) -> None:
    age = timedelta(seconds=seconds)
    bounds = replace(bot(max_age_seconds=120), age=age)

    findings = check(ENTRY, Usage(), bounds)

    assert findings == (Finding(Reason.ALERT_TOO_OLD, passed, max(seconds, 0.0), 120),)


def test_an_age_without_a_limit_is_not_measured() -> None:
    assert too_old(timedelta(days=1), None) is None


def test_an_entry_against_another_bot_is_denied_and_names_it() -> None:
    findings = check(ENTRY, Usage(), Bounds(held_by="btc-1h"))

    expected = refusal(Reason.SYMBOL_HELD_BY_OTHER_BOT, "btc-1h", "one side")
    assert findings == (expected,)


@pytest.mark.parametrize(
    ("market", "passed"),
    [("101", True), ("101.01", False), ("99", True), ("98.99", False)],
)
def test_a_market_that_ran_away_denies_an_entry(market: str, *, passed: bool) -> None:
    bounds = Bounds(market=Decimal(market), collar_percent=Decimal(1))

    findings = check(ENTRY, Usage(), bounds)

    expected = Finding(Reason.PRICE_OUTSIDE_COLLAR, passed, Decimal(market), Decimal(1))
    assert findings == (expected,)


def test_a_market_without_a_collar_is_not_measured() -> None:
    assert check(ENTRY, Usage(), Bounds(market=Decimal(200))) == ()


@pytest.mark.parametrize(
    ("pnl", "loss", "passed"),
    [("300", "0", True), ("-499.99", "499.99", True), ("-500", "500", False)],
)
def test_a_days_loss_that_reaches_the_limit_denies(
    pnl: str, loss: str, *, passed: bool
) -> None:
    usage = Usage(day_pnl=Decimal(pnl))

    findings = check(ENTRY, usage, account(daily_loss=Decimal(500)))

    expected = Finding(Reason.BRAKE_DAILY_LOSS, passed, Decimal(loss), Decimal(500))
    assert findings == (expected,)


@pytest.mark.parametrize(("equity", "passed"), [("800.01", True), ("800", False)])
def test_a_drawdown_that_reaches_the_limit_denies(equity: str, *, passed: bool) -> None:
    usage = Usage(equity=Decimal(equity), equity_peak=Decimal(1000))

    (finding,) = check(ENTRY, usage, account(drawdown_percent=Decimal(20)))

    assert (finding.passed, finding.limit) == (passed, Decimal(200))


def test_a_drawdown_of_no_equity_is_not_measured() -> None:
    assert check(ENTRY, Usage(), account(drawdown_percent=Decimal(20))) == ()


@pytest.mark.parametrize(("row", "passed"), [(2, True), (3, False)])
def test_so_many_losses_in_a_row_deny(row: int, *, passed: bool) -> None:
    findings = check(ENTRY, Usage(losses_in_row=row), account(losses_in_row=3))

    assert findings == (Finding(Reason.BRAKE_LOSSES_IN_ROW, passed, row, 3),)


@pytest.mark.parametrize(("held", "passed"), [(2, True), (3, False)])
def test_a_new_position_needs_a_free_place_on_the_account_and_in_total(
    held: int, *, passed: bool
) -> None:
    usage = Usage(account_positions=held, total_positions=held)
    three = Limits(open_positions=3)

    (on_account,) = check(ENTRY, usage, Bounds(account=three))
    (in_total,) = check(ENTRY, usage, Bounds(total=three))

    assert on_account == Finding(Reason.LIMIT_OPEN_POSITIONS, passed, held, 3)
    assert in_total == Finding(Reason.LIMIT_OPEN_POSITIONS_TOTAL, passed, held, 3)


def test_nothing_is_in_use_unless_it_is_said() -> None:
    one = Limits(open_positions=1, entries_per_minute=1, losses_in_row=1)

    findings = check(ENTRY, Usage(), Bounds(account=one, total=one))

    assert [(finding.value, finding.passed) for finding in findings] == 4 * [(0, True)]


def test_adding_to_a_position_takes_no_place() -> None:
    usage = Usage(opens_position=False, account_positions=3, total_positions=3)

    assert check(ENTRY, usage, account(open_positions=3)) == ()


@pytest.mark.parametrize("bounds", [bot, account])
@pytest.mark.parametrize(("limit", "passed"), [(1000, True), (999, False)])
def test_one_order_may_be_worth_so_much(
    bounds: Callable[..., Bounds], limit: int, *, passed: bool
) -> None:
    findings = check(ENTRY, Usage(), bounds(order_notional=Decimal(limit)))

    expected = Finding(Reason.LIMIT_ORDER_NOTIONAL, passed, Decimal(1000), Decimal(limit))
    assert findings == (expected,)


@pytest.mark.parametrize(("held", "passed"), [("4000", True), ("4000.01", False)])
def test_a_bot_may_hold_so_much_with_the_entry(held: str, *, passed: bool) -> None:
    usage = Usage(bot_notional=Decimal(held))

    (finding,) = check(ENTRY, usage, bot(position_notional=Decimal(5000)))

    assert finding.reason is Reason.LIMIT_POSITION_NOTIONAL
    assert finding.passed is passed


@pytest.mark.parametrize(("held", "passed"), [("4000", True), ("4000.01", False)])
def test_an_account_may_hold_so_much_with_the_entry(held: str, *, passed: bool) -> None:
    usage = Usage(account_notional=Decimal(held))

    (finding,) = check(ENTRY, usage, account(position_notional=Decimal(5000)))

    assert finding.reason is Reason.LIMIT_ACCOUNT_NOTIONAL
    assert finding.passed is passed


def test_what_a_first_entry_reserves_for_the_later_ones_counts() -> None:
    reserving = ENTRY._replace(planned=(Decimal(10), Decimal(20)))

    (finding,) = check(reserving, Usage(), bot(position_notional=Decimal(2999)))

    assert (finding.passed, finding.value) == (False, Decimal(3000))


@pytest.mark.parametrize(("made", "passed"), [(29, True), (30, False)])
def test_so_many_entries_a_minute_are_allowed(made: int, *, passed: bool) -> None:
    usage = Usage(entries_last_minute=made)

    findings = check(ENTRY, usage, account(entries_per_minute=30))

    assert findings == (Finding(Reason.LIMIT_ENTRIES_PER_MINUTE, passed, made, 30),)


def test_measuring_ends_at_the_first_limit_that_denies() -> None:
    usage = Usage(account_positions=9, losses_in_row=9)
    bounds = Bounds(
        bot=Limits(max_age_seconds=120, order_notional=Decimal(1)),
        account=Limits(losses_in_row=3, open_positions=3),
    )

    findings = check(ENTRY, usage, bounds)

    assert [one.reason for one in findings] == [
        Reason.ALERT_TOO_OLD,
        Reason.BRAKE_LOSSES_IN_ROW,
    ]


def test_everything_that_passes_is_measured_in_order() -> None:
    full = Limits(
        open_positions=5,
        order_notional=Decimal(5000),
        position_notional=Decimal(5000),
        entries_per_minute=30,
        daily_loss=Decimal(500),
        drawdown_percent=Decimal(20),
        losses_in_row=8,
        max_age_seconds=120,
    )
    usage = Usage(equity=Decimal(1000), equity_peak=Decimal(1000))
    bounds = Bounds(
        bot=full,
        account=full,
        total=full,
        market=Decimal(100),
        collar_percent=Decimal(1),
    )

    findings = check(ENTRY, usage, bounds)

    assert all(one.passed for one in findings)
    assert [one.reason for one in findings] == [
        Reason.ALERT_TOO_OLD,
        Reason.PRICE_OUTSIDE_COLLAR,
        Reason.BRAKE_DAILY_LOSS,
        Reason.BRAKE_DRAWDOWN,
        Reason.BRAKE_LOSSES_IN_ROW,
        Reason.LIMIT_OPEN_POSITIONS,
        Reason.LIMIT_OPEN_POSITIONS_TOTAL,
        Reason.LIMIT_ORDER_NOTIONAL,
        Reason.LIMIT_ORDER_NOTIONAL,
        Reason.LIMIT_POSITION_NOTIONAL,
        Reason.LIMIT_ACCOUNT_NOTIONAL,
        Reason.LIMIT_ENTRIES_PER_MINUTE,
    ]
