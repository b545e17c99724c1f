import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.exploring.figures import score
from application.exploring.heat import heat
from application.exploring.ranking import neighbors, rank_correlation, ranked
from tests.application.exploring.outcomes import AXES, figures, grid, outcome, outcomes

PAIRS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=20)


def test_the_best_comes_first_and_less_is_better_of_a_drawdown() -> None:
    ranks = ranked(grid(), outcomes(1, 2, 3, 4, 9, 6, 7, 8, 5))

    assert [one.score for one in ranks] == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert score({"max_drawdown_percent": 0.4}, "max_drawdown_percent") == -0.4


def test_few_trades_come_after_all_others_and_no_score_last() -> None:
    lucky = outcome(0, ("7", "20"), 99, trades=3)
    poor = outcome(1, ("7", "25"), -5)
    none = outcome(2, ("7", "30"), 1)
    silent = none.__class__(number=2, values=none.values, figures=({"trades": 50},))

    ranks = ranked(grid(), [silent, lucky, poor])

    assert [one.outcome.number for one in ranks] == [1, 0, 2]
    assert [one.few_trades for one in ranks] == [False, True, False]


def test_neighbors_differ_by_one_step_on_one_axis() -> None:
    assert set(neighbors(AXES, ("7", "20"))) == {("14", "20"), ("7", "25")}
    assert len(neighbors(AXES, ("14", "25"))) == 4


def test_a_peak_among_good_neighbors_is_not_lonely() -> None:
    hill = ranked(grid(), outcomes(1, 5, 1, 5, 9, 5, 1, 5, 1))
    spike = ranked(grid(), outcomes(5, 1, 5, 1, 9, 1, 5, 1, 5))

    assert (hill[0].score, hill[0].neighbors, hill[0].lonely) == (9, 5, False)
    assert (spike[0].score, spike[0].neighbors, spike[0].lonely) == (9, 1, True)


def test_what_could_not_be_run_has_no_rank() -> None:
    failed = outcome(0, ("7", "20"))

    assert ranked(grid(), [failed, outcome(1, ("7", "25"), 3)])[0].outcome.number == 1


@pytest.mark.parametrize(
    ("pairs", "agreement"),
    [
        ([(1, 10), (2, 20), (3, 30)], 1),
        ([(1, 30), (2, 20), (3, 10)], -1),
        ([(1, 1), (1, 2), (1, 3)], None),
        ([(1, 1), (2, 2)], None),
    ],
)
def test_orders_agree_or_not(
    pairs: list[tuple[float, float]], agreement: float | None
) -> None:
    assert rank_correlation(pairs) == (
        None if agreement is None else pytest.approx(agreement)
    )


@given(PAIRS)
def test_agreement_is_the_same_both_ways_and_between_its_bounds(
    pairs: list[tuple[int, int]],
) -> None:
    there = rank_correlation(pairs)
    back = rank_correlation([(two, one) for one, two in pairs])

    assert (there is None) is (back is None)
    if there is not None:
        assert there == pytest.approx(back)
        assert -1 - 1e-9 <= there <= 1 + 1e-9


def test_a_map_shows_the_middle_of_what_shares_a_cell() -> None:
    found = heat(grid(), ranked(grid(), outcomes(1, 2, 3, 4, 5, 6, 7, 8, 9)))

    assert found.cells == ((1, 2, 3), (4, 5, 6), (7, 8, 9))
    assert (found.down.path, found.across.path) == ("rsi.length", "rsi.oversold")


def test_one_axis_is_one_row() -> None:
    single = grid(axes=AXES[:1])
    done = [outcome(at, (value,), at) for at, value in enumerate(("7", "14", "21"))]

    assert heat(single, ranked(single, done)).cells == ((0, 1, 2),)


def test_a_figure_that_is_none_has_no_score() -> None:
    assert score({**figures(1), "sharpe": None}, "sharpe") is None
