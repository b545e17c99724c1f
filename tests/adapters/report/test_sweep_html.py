from decimal import Decimal

from adapters.report.sweep_html import SweepReport
from application.exploring.explored import Explored, explored
from application.exploring.grid import Grid
from tests.adapters.report.test_html import outline
from tests.application.exploring.test_explorer import GRID, explorer


def sweep(**changes: object) -> Explored:
    grid = Grid(**{"axes": GRID.axes, "min_trades": 1, **changes})  # type: ignore[arg-type]
    made = explorer(grid)
    return explored(made, grid, list(map(made, enumerate(grid.combinations()))), "USDT")


def test_a_sweep_is_a_page_that_stands_alone() -> None:
    text = SweepReport("0.1.0")(sweep())
    found = outline(text)

    assert (found.open, found.addresses) == ([], [])
    assert "script" not in found.tags
    assert "8 of 8 combinations" in text
    assert "tests on bars that the choice has not seen" in text


def test_tests_on_other_bars_are_shown() -> None:
    text = SweepReport("0.1.0")(sweep(train=Decimal("0.7"), walk_forward=2))

    assert "Walk forward" in text
    assert "the order agrees" in text
    assert "tested</th>" in text
