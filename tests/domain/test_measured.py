import statistics
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.measured import (
    Excursions,
    MeasuredTrade,
    average_bars,
    excursions,
    expectancy_in_losses,
    exposure,
    grouped,
    payoff_ratio,
    recovery_factor,
    return_fraction,
    system_quality,
)
from domain.performance import performance
from domain.signal import Direction
from tests.domain.examples import bar
from tests.domain.runs import measured, trade

CENTS = st.integers(-100_000, 100_000).map(lambda cents: Decimal(cents) / 100)


def test_the_payoff_is_the_average_win_for_each_unit_of_the_average_loss() -> None:
    assert payoff_ratio(Decimal(30), Decimal(20)) == Decimal("1.5")
    assert payoff_ratio(None, Decimal(20)) is None
    assert payoff_ratio(Decimal(30), None) is None


def test_expectancy_is_told_in_average_losses() -> None:
    earned = performance([trade("30", 1), trade("-20", 2)])

    assert expectancy_in_losses(earned) == Decimal("0.25")
    assert expectancy_in_losses(performance([trade("30", 1)])) is None
    assert expectancy_in_losses(performance([])) is None


@given(st.lists(CENTS, min_size=2, max_size=40))
def test_system_quality_is_what_the_standard_library_computes(
    results: list[Decimal],
) -> None:
    quality = system_quality(results)
    deviation = statistics.stdev(float(result) for result in results)

    if quality is None:
        assert deviation == pytest.approx(0, abs=1e-9)
    else:
        mean = statistics.fmean(float(result) for result in results)
        assert float(quality) == pytest.approx(
            len(results) ** 0.5 * mean / deviation, rel=1e-9, abs=1e-9
        )


def test_one_result_has_no_system_quality() -> None:
    assert system_quality([Decimal(5)]) is None
    assert system_quality([]) is None
    assert system_quality([Decimal(5), Decimal(5)]) is None


def test_recovery_is_profit_for_each_unit_of_the_deepest_fall() -> None:
    assert recovery_factor(Decimal(300), Decimal(100)) == 3
    assert recovery_factor(Decimal(300), Decimal(0)) is None


def test_exposure_counts_overlapping_time_once() -> None:
    spans = [(bar(0), bar(4)), (bar(2), bar(5)), (bar(9), bar(20))]

    assert exposure(spans, bar(0), bar(10)) == Decimal("0.6")


def test_nothing_held_is_no_exposure_and_no_time_is_none() -> None:
    assert exposure([], bar(0), bar(10)) == 0
    assert exposure([], bar(0), bar(0)) is None


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=20))
def test_exposure_is_the_share_of_hours_in_which_something_was_held(
    pairs: list[tuple[int, int]],
) -> None:
    spans = [(min(pair), max(pair)) for pair in pairs]
    held = {hour for first, last in spans for hour in range(first, last)}

    found = exposure([(bar(first), bar(last)) for first, last in spans], bar(0), bar(50))

    assert found == Decimal(len(held)) / 50


def test_excursions_are_averages_and_the_share_that_winners_kept() -> None:
    trades = [
        measured("30", 1, up="40", down="5"),
        measured("-10", 2, up="2", down="15"),
        MeasuredTrade(trade("7", 3), 1),
    ]

    assert excursions(trades) == Excursions(
        favorable=Decimal(21),
        adverse=Decimal(10),
        adverse_of_winners=Decimal(5),
        capture=Decimal("0.75"),
    )


def test_without_bars_nothing_is_known_of_excursions() -> None:
    assert excursions([]) == Excursions(None, None, None, None)


def test_trades_are_grouped_by_whatever_tells_them_apart() -> None:
    trades = [
        MeasuredTrade(trade("30", 1), 1),
        MeasuredTrade(trade("-5", 2, side=Direction.SHORT), 1),
        MeasuredTrade(trade("10", 3), 1),
    ]

    groups = grouped(trades, lambda one: one.trade.side)

    assert {side: group.net_profit for side, group in groups.items()} == {
        Direction.LONG: Decimal(40),
        Direction.SHORT: Decimal(-5),
    }


@given(st.lists(st.tuples(CENTS, st.integers(0, 3)), max_size=30))
def test_groups_add_up_to_the_whole(results: list[tuple[Decimal, int]]) -> None:
    trades = [
        MeasuredTrade(trade(str(pnl), at), key) for at, (pnl, key) in enumerate(results, 1)
    ]

    groups = grouped(trades, lambda one: one.bars)

    whole = performance([one.trade for one in trades])
    assert sum((one.net_profit for one in groups.values()), Decimal(0)) == whole.net_profit
    assert sum(one.trades for one in groups.values()) == whole.trades


def test_bars_are_averaged_and_a_return_is_a_fraction_of_the_cost() -> None:
    trades = [MeasuredTrade(trade("1", 1), 2), MeasuredTrade(trade("1", 2), 5)]

    assert average_bars(trades) == Decimal("3.5")
    assert average_bars([]) is None
    assert return_fraction(trade("5", 1)) == Decimal("0.05")
