"""A sweep's figures are those of single runs, in however many processes."""

from decimal import Decimal

import pytest

from adapters.configuration.yaml_file import read_yaml
from adapters.indicators.talib import TaLibIndicators
from adapters.processes.pool import ProcessPool
from application.backtesting.preparing import Wanted, prepare
from application.backtesting.run import run
from application.configuration.charts import Listings
from application.configuration.tree import Source
from application.exploring.explored import explored
from application.exploring.explorer import Explorer
from application.exploring.figures import FIGURES
from application.exploring.grid import Axis, Grid, with_values
from application.exploring.windows import windows_of
from application.results.measuring import measured_run
from application.results.summary import summarize
from tests.application.backtesting.histories import random_walk

BARS = random_walk(6_000)
WANTED = Wanted(capital=Decimal(100_000), fee_rate=Decimal("0.001"))
LISTINGS = Listings(())
SOURCE = read_yaml("""
bots:
  - name: walker
    account: chart
    feed: feed
    chart: {exchange: TEST, ticker: UNIT, interval: 1}
    reverse: yes
    sizing: {mode: quote, amount: 10000}
    scaling: {max_entries: 3}
""")
GRID = Grid(
    axes=(
        Axis("rsi.length", ("7", "14")),
        Axis("rsi.oversold", ("25", "30")),
        Axis("exits.stop_loss_percent", (None, "0.5")),
    )
)


def explorer(grid: Grid = GRID) -> Explorer:
    made = Explorer(
        bars=BARS,
        source=SOURCE,
        bot="walker",
        wanted=WANTED,
        axes=grid.axes,
        windows=windows_of(grid, len(BARS)),
        listings=LISTINGS,
        indicators=TaLibIndicators(),
    )
    made.warm()
    return made


@pytest.mark.parametrize("number", range(GRID.size))
def test_every_combination_comes_to_what_a_run_of_its_own_comes_to(number: int) -> None:
    values = list(GRID.combinations())[number]
    tree = with_values(SOURCE.tree, "walker", GRID.axes, values)
    request = prepare(Source(tree), LISTINGS, BARS, WANTED)
    alone = measured_run(run(request, BARS, TaLibIndicators()), "walk", {})

    (found,) = explorer()((number, values)).figures

    figures = summarize(alone).figures
    for key in FIGURES:
        ours, theirs = found[key], figures[key]
        if ours is None or theirs is None:
            assert ours is theirs, key
        else:
            assert float(ours) == pytest.approx(float(theirs), rel=1e-9), key  # type: ignore[arg-type]


def test_two_processes_find_what_one_finds() -> None:
    things = list(enumerate(GRID.combinations()))

    alone = list(ProcessPool(1)(explorer(), things))
    together = sorted(ProcessPool(2)(explorer(), things), key=lambda one: one.number)

    assert together == alone
    assert [one.number for one in alone] == list(range(8))


def test_what_was_done_before_the_end_is_kept() -> None:
    work = ProcessPool(2)(explorer(), list(enumerate(GRID.combinations())))
    first = next(work)
    work.close()

    found = explored(explorer(), GRID, [first], "USDT")

    assert not found.is_whole
    assert [one.outcome for one in found.ranked] == [first]


def test_a_combination_that_is_no_configuration_says_why() -> None:
    bad = Grid(axes=(Axis("rsi.length", ("0", "14")),))

    failed, sound = map(explorer(bad), enumerate(bad.combinations()))

    assert "rsi.length" in failed.problem
    assert (failed.figures, sound.problem) == ((), "")


def test_a_window_begins_with_an_index_that_has_warmed_up() -> None:
    split = Grid(axes=GRID.axes, train=Decimal("0.5"))

    first, second = explorer(split)((0, ("7", "25", None))).figures

    assert first["trades"] != second["trades"]
    assert all(int(str(one["trades"])) > 5 for one in (first, second))
