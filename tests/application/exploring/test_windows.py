from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.exploring.explorer import Outcome, Window
from application.exploring.windows import agreement, walked, windows_of
from tests.application.exploring.outcomes import grid, outcome


def test_without_a_split_all_bars_rank() -> None:
    assert windows_of(grid(), 100) == (Window(0, 100),)


def test_a_split_ranks_on_the_first_part_and_tests_on_the_rest() -> None:
    assert windows_of(grid(train=Decimal("0.7")), 100) == (Window(0, 70), Window(70, 100))


def test_a_walk_tests_on_what_follows_and_tests_no_bar_twice() -> None:
    whole, *steps = windows_of(grid(walk_forward=2), 103)

    assert whole == Window(0, 103)
    assert steps == [Window(3, 63), Window(63, 83), Window(23, 83), Window(83, 103)]


@given(st.integers(1, 12), st.integers(50, 5_000))
def test_no_test_overlaps_what_it_was_chosen_on(count: int, bars: int) -> None:
    steps = windows_of(grid(walk_forward=count), bars)[1:]

    for train, test in zip(steps[::2], steps[1::2], strict=True):
        assert 0 <= train.start < train.stop == test.start < test.stop <= bars
    assert steps[-1].stop == bars


def done() -> list[Outcome]:
    """Return two combinations: one good at first and poor after, one the other way."""
    return [
        outcome(0, ("7", "20"), 1, 90, -30, 10, 5),
        outcome(1, ("7", "25"), 2, 10, 20, 40, 15),
    ]


def test_each_step_tests_what_was_best_before() -> None:
    found = walked(grid(walk_forward=2), done(), 100)

    assert found is not None
    assert [step.chosen for step in found.steps] == [("7", "20"), ("7", "25")]
    assert found.earned == Decimal(-15)
    assert found.trades == 100


def test_efficiency_is_what_a_bar_earned_after_over_what_it_earned_before() -> None:
    found = walked(grid(walk_forward=2), done(), 100)

    assert found is not None
    assert found.efficiency == pytest.approx((-15 / 40) / (130 / 120))


def test_nothing_was_asked_for_and_nothing_could_be_chosen() -> None:
    assert walked(grid(), done(), 100) is None
    assert walked(grid(walk_forward=2), [], 100) is None


def test_agreement_is_between_training_and_testing() -> None:
    train = grid(train=Decimal("0.5"))
    same = [outcome(n, ("7", str(n)), n, n * 2) for n in range(4)]

    assert agreement(train, same) == pytest.approx(1)
    assert agreement(grid(), same) is None
