from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from domain.equity import (
    Drawdown,
    EquityPoint,
    drawdowns,
    equity_curve,
    held,
    max_drawdown,
    max_run_up,
    worst_fraction,
)
from tests.domain.examples import bar
from tests.domain.runs import days, trade

EQUITIES = st.lists(st.integers(1, 10_000), max_size=60)


def curve(*equities: int) -> list[EquityPoint]:
    return [EquityPoint(bar(at), Decimal(equity)) for at, equity in enumerate(equities)]


def test_the_equity_curve_begins_with_the_balance_at_the_first_opening() -> None:
    points = equity_curve([trade("30", 1), trade("-10", 2)], Decimal(1000))

    assert points == (
        EquityPoint(bar(0), Decimal(1000)),
        EquityPoint(bar(1), Decimal(1030)),
        EquityPoint(bar(2), Decimal(1020)),
    )


def test_a_drawdown_is_the_deepest_fall_from_the_highest_point_before_it() -> None:
    fall = max_drawdown(curve(100, 140, 120, 150, 90, 130, 100))

    assert fall == Drawdown(Decimal(60), Decimal("0.4"), bar(3), bar(4))


def test_a_curve_that_never_fell_has_no_drawdown() -> None:
    assert max_drawdown(curve(100, 100, 120)) == Drawdown(fraction=Decimal(0))
    assert max_drawdown([]) == Drawdown(fraction=Decimal(0))
    assert drawdowns(curve(100, 100, 120)) == ()


def test_a_fall_begins_at_the_first_of_equal_peaks() -> None:
    assert max_drawdown(curve(100, 100, 90)).start == bar(0)


def test_of_two_equal_falls_the_first_is_told() -> None:
    assert max_drawdown(curve(100, 90, 100, 90)).end == bar(1)


def test_a_fall_from_below_zero_is_a_fraction_of_nothing() -> None:
    assert max_drawdown(curve(-10, -30)).fraction is None
    assert max_drawdown(curve(0, -30)).fraction is None
    assert worst_fraction(drawdowns(curve(-10, -30))) is None


def test_every_fall_is_told_with_its_lowest_point_and_its_recovery() -> None:
    first, second = drawdowns(curve(100, 80, 90, 70, 100, 120, 60))

    assert first == Drawdown(Decimal(30), Decimal("0.3"), bar(0), bar(3), bar(4))
    assert first.duration == timedelta(hours=4)
    assert second == Drawdown(Decimal(60), Decimal("0.5"), bar(5), bar(6))
    assert second.duration is None


def test_the_worst_fraction_may_belong_to_another_fall_than_the_largest_amount() -> None:
    falls = drawdowns(curve(100, 50, 1000, 900))

    assert worst_fraction(falls) == Decimal("0.5")
    assert max_drawdown(curve(100, 50, 1000, 900)).amount == 100
    assert worst_fraction(()) == 0


def test_a_run_up_is_the_largest_rise_from_the_lowest_point_before_it() -> None:
    assert max_run_up(curve(100, 80, 130, 60, 90)) == 50
    assert max_run_up(curve(100, 80)) == 0
    assert max_run_up([]) == 0


def test_holding_moves_all_of_the_balance_with_the_price() -> None:
    assert held(Decimal(1000), Decimal(40), Decimal(50)) == 1250


@given(EQUITIES)
def test_no_fall_is_larger_than_the_deepest_and_each_lies_within_its_dates(
    equities: list[int],
) -> None:
    falls = drawdowns(curve(*equities))
    worst = max_drawdown(curve(*equities))

    assert all(Decimal(0) < fall.amount <= worst.amount for fall in falls)
    assert all(fall.start and fall.end and fall.start < fall.end for fall in falls)
    assert all(fall.recovered is None for fall in falls[:-1]) is (len(falls) < 2)


@given(EQUITIES)
def test_the_deepest_fall_is_what_comparing_every_pair_finds(equities: list[int]) -> None:
    pairs = [
        high - low
        for at, high in enumerate(equities)
        for low in equities[at:]
        if high > low
    ]

    assert max_drawdown(curve(*equities)).amount == max(pairs, default=0)


@given(EQUITIES)
def test_a_run_up_is_the_drawdown_of_the_mirrored_curve(equities: list[int]) -> None:
    mirrored = curve(*(-equity for equity in equities))

    assert max_run_up(curve(*equities)) == max_drawdown(mirrored).amount


def test_thinning_a_curve_to_its_turns_changes_no_fall() -> None:
    whole = days(100, 110, 105, 95, 99, 120, 118)
    turns = [whole[index] for index in (0, 1, 3, 5, 6)]

    assert drawdowns(turns) == drawdowns(whole)
