from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domain.reasons import Finding, Reason, refusal
from domain.rules import ExitRules, Rules, Scaling, Sizing, SizingMode
from domain.signal import Direction
from domain.sizing import Budget, Sized, size_entry
from tests.domain.examples import PERPETUAL, rules

LONG = Direction.LONG
HUNDRED = Decimal(100)


def sized(given: Rules, number: int = 1, **budget: Any) -> Sized:
    known = Budget(**{"price": HUNDRED, **budget})
    entry = size_entry(LONG, number, given, PERPETUAL, known)
    assert isinstance(entry, Sized)
    return entry


def refused(given: Rules, **budget: Any) -> Finding:
    known = Budget(**{"price": HUNDRED, **budget})
    finding = size_entry(LONG, 1, given, PERPETUAL, known)
    assert isinstance(finding, Finding)
    return finding


def sizing(mode: SizingMode, amount: str, *, reserve: bool = False) -> Sizing:
    return Sizing(mode=mode, amount=Decimal(amount), reserve=reserve)


def test_a_quote_amount_buys_what_it_is_worth_rounded_down() -> None:
    entry = sized(rules(sizing=sizing(SizingMode.QUOTE, "1000")), price=Decimal(3000))

    assert entry.quantity == Decimal("0.333")
    assert entry.raw == Decimal("0.333333333333333333")
    assert entry.notional == Decimal(999)


def test_a_base_quantity_is_taken_as_it_is() -> None:
    entry = sized(rules(sizing=sizing(SizingMode.BASE, "1.0129")))

    assert entry.quantity == Decimal("1.012")


def test_a_percent_of_equity_leaves_room_for_the_fee() -> None:
    given = rules(sizing=sizing(SizingMode.EQUITY_PERCENT, "10"))

    entry = sized(given, equity=Decimal(10_000), fee_rate=Decimal("0.001"))

    assert entry.quantity == Decimal("9.990")  # 1000 / (100 x 1.001) = 9.99000999...
    assert entry.equity == Decimal(10_000)


def test_a_percent_of_risk_is_what_the_stop_may_lose() -> None:
    given = rules(
        sizing=sizing(SizingMode.RISK_PERCENT, "1"),
        exits=ExitRules(stop_loss_percent=Decimal(4)),
    )

    entry = sized(given, equity=Decimal(10_000))

    assert entry.quantity == Decimal(25)  # 25 x 100 x 4 % = 100 = 1 % of 10,000


def test_leverage_changes_no_size() -> None:
    given = rules(sizing=sizing(SizingMode.QUOTE, "1000"), leverage=Decimal(10))

    assert sized(given).quantity == Decimal(10)


@pytest.mark.parametrize(("number", "quantity"), [(1, 10), (2, 20), (3, 40), (5, 40)])
def test_the_size_curve_multiplies_the_first_entry(number: int, quantity: int) -> None:
    curve = (Decimal(1), Decimal(2), Decimal(4))
    given = rules(
        sizing=sizing(SizingMode.QUOTE, "1000"), scaling=Scaling(size_curve=curve)
    )

    assert sized(given, number).quantity == quantity


def test_a_factor_of_many_digits_is_cut_off_like_the_rest_of_the_sum() -> None:
    long = Decimal("1.23456789012345678901234567890123456789012345")
    given = rules(
        sizing=sizing(SizingMode.QUOTE, "1000"), scaling=Scaling(size_curve=(long,))
    )

    entry = sized(given, price=Decimal(3))

    assert entry.raw == Decimal("411.522630041152263003")
    assert entry.quantity == Decimal("411.522")


@pytest.mark.parametrize("price", ["0.0000098", "0.00000001"])
def test_a_coin_of_a_tiny_price_is_bought_by_the_billion(price: str) -> None:
    """A remainder at 28 digits would be an error here."""
    given = rules(sizing=sizing(SizingMode.QUOTE, "1000000"))

    entry = sized(given, price=Decimal(price))

    assert entry.notional <= Decimal(1_000_000)
    assert entry.notional > Decimal("999999.99")


def test_a_reserving_bot_fixes_all_entries_at_the_first() -> None:
    curve = (Decimal(1), Decimal(2))
    given = rules(
        sizing=sizing(SizingMode.QUOTE, "1000", reserve=True),
        scaling=Scaling(max_entries=3, size_curve=curve),
    )

    entry = sized(given)

    assert entry.planned == (Decimal(10), Decimal(20), Decimal(20))
    assert entry.notional == Decimal(1000)
    assert entry.reserved == Decimal(5000)


def test_later_entries_of_a_reserving_bot_take_what_was_fixed() -> None:
    given = rules(
        sizing=sizing(SizingMode.QUOTE, "1000", reserve=True),
        scaling=Scaling(max_entries=3),
    )
    planned = (Decimal(10), Decimal(10), Decimal(10))

    entry = sized(given, 2, price=Decimal(50), planned=planned)

    assert entry.quantity == Decimal(10)
    assert entry.planned == planned
    assert entry.reserved == Decimal(1000)  # itself and the third, at 50


def test_a_first_entry_takes_nothing_that_was_fixed_for_an_earlier_trade() -> None:
    given = rules(
        sizing=sizing(SizingMode.QUOTE, "1000", reserve=True),
        scaling=Scaling(max_entries=2),
    )

    entry = sized(given, 1, price=Decimal(50), planned=(Decimal(10), Decimal(10)))

    assert entry.planned == (Decimal(20), Decimal(20))


def test_an_entry_beyond_what_was_fixed_is_sized_anew() -> None:
    given = rules(
        sizing=sizing(SizingMode.QUOTE, "1000", reserve=True),
        scaling=Scaling(max_entries=3),
    )

    entry = sized(given, 3, price=Decimal(50), planned=(Decimal(10), Decimal(10)))

    assert entry.quantity == Decimal(20)


def test_a_bot_that_does_not_reserve_holds_back_only_its_own_entry() -> None:
    entry = sized(rules(sizing=sizing(SizingMode.QUOTE, "1000")), planned=(Decimal(7),))

    assert (entry.planned, entry.reserved) == ((), Decimal(1000))


def test_a_size_below_the_venues_smallest_quantity_is_refused_with_the_numbers() -> None:
    finding = refused(rules(sizing=sizing(SizingMode.BASE, "0.0009")))

    expected = refusal(Reason.SIZE_BELOW_MINIMUM, "0 BTC", "0.001 BTC")
    assert finding == expected


def test_a_size_below_the_venues_smallest_notional_is_refused_with_the_numbers() -> None:
    finding = refused(rules(sizing=sizing(SizingMode.QUOTE, "4.99")))

    expected = refusal(Reason.SIZE_BELOW_MINIMUM, "4.9 USDT", "5 USDT")
    assert finding == expected


def test_the_venues_minimum_itself_is_taken() -> None:
    given = rules(sizing=sizing(SizingMode.BASE, "0.05"))
    coarse = replace(PERPETUAL, quantity_min=Decimal("0.05"))

    entry = size_entry(LONG, 1, given, coarse, Budget(HUNDRED))

    assert isinstance(entry, Sized)
    assert (entry.quantity, entry.notional) == (Decimal("0.05"), Decimal(5))


def test_a_size_of_nothing_is_refused_even_where_the_venue_names_no_minimum() -> None:
    anything = replace(PERPETUAL, quantity_min=Decimal(0), notional_min=Decimal(0))
    given = rules(sizing=sizing(SizingMode.BASE, "0.0001"))

    finding = size_entry(LONG, 1, given, anything, Budget(HUNDRED))

    assert isinstance(finding, Finding)
    assert finding.reason is Reason.SIZE_BELOW_MINIMUM


def test_an_account_that_is_worth_nothing_enters_nothing() -> None:
    given = rules(sizing=sizing(SizingMode.EQUITY_PERCENT, "10"))

    finding = refused(given, equity=Decimal(-50))

    assert finding.reason is Reason.SIZE_BELOW_MINIMUM


@pytest.mark.parametrize("price", [None, Decimal(0), Decimal(-1)])
def test_without_a_price_nothing_is_sized(price: Decimal | None) -> None:
    finding = refused(rules(sizing=sizing(SizingMode.QUOTE, "1000")), price=price)

    assert finding == refusal(Reason.PRICE_UNKNOWN)


@pytest.mark.parametrize("mode", [SizingMode.EQUITY_PERCENT, SizingMode.RISK_PERCENT])
def test_a_share_of_an_unknown_equity_is_not_guessed(mode: SizingMode) -> None:
    assert refused(rules(sizing=sizing(mode, "1"))).reason is Reason.EQUITY_UNKNOWN


def test_sizing_by_risk_needs_a_stop() -> None:
    finding = refused(
        rules(sizing=sizing(SizingMode.RISK_PERCENT, "1")), equity=Decimal(1000)
    )

    assert finding.reason is Reason.SIZE_NO_STOP
