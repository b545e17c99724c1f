from pathlib import Path

import pytest

from application.results.comparing import best_of
from application.results.metrics import BY_KEY
from tests.entrypoints.cli.conftest import Terminal
from tests.entrypoints.cli.test_backtest import BOT, CSV


@pytest.fixture
def kept(signalman: Terminal, tmp_path: Path) -> Terminal:
    """Give a command line that has kept two results of other levels."""
    for name, level in (("thirty", "30"), ("twenty", "20")):
        bot = tmp_path / f"{name}.yaml"
        bot.write_text(BOT.replace("oversold: 30", f"oversold: {level}"), encoding="utf-8")
        signalman.ok("backtest", "run", CSV, "--bot", str(bot), "--save", name)
    return signalman


def test_kept_results_are_listed_the_newest_first(kept: Terminal) -> None:
    assert [one["name"] for one in kept.json("backtest", "list")] == ["twenty", "thirty"]
    assert "drawdown" in kept.ok("backtest", "list")


def test_a_kept_result_is_shown_whole(kept: Terminal, tmp_path: Path) -> None:
    report = tmp_path / "kept.html"
    shown = kept.ok("backtest", "show", "1", "--report", str(report))

    assert "1  thirty" in shown
    assert "Sortino ratio" in shown
    assert "Total P&amp;L" in report.read_text("utf-8")


def test_results_are_compared_figure_by_figure(kept: Terminal) -> None:
    table = kept.ok("backtest", "compare-runs", "1", "2")
    both = kept.json("backtest", "compare-runs", "1", "2")

    assert "1 thirty" in table
    assert "Max equity drawdown" in table
    assert both[0]["figures"]["trades"] > both[1]["figures"]["trades"]


def test_one_or_five_cannot_be_compared_and_unknown_ones_are_named(kept: Terminal) -> None:
    assert kept("backtest", "compare-runs", "1").exit_code == 2
    assert kept("backtest", "compare-runs", "1", "2", "1", "2", "1").exit_code == 2
    assert "no backtest 9" in kept("backtest", "compare-runs", "1", "9").output


def test_a_result_can_be_forgotten(kept: Terminal) -> None:
    kept.ok("backtest", "forget", "1")

    assert [one["id"] for one in kept.json("backtest", "list")] == [2]
    assert kept("backtest", "forget", "1").exit_code == 1


def test_the_best_of_a_row_is_the_highest_or_the_lowest() -> None:
    assert best_of(BY_KEY["sharpe"], [1.0, 3.0, None]) == {1}
    assert best_of(BY_KEY["max_drawdown"], [5, 2, 2]) == {1, 2}
    assert best_of(BY_KEY["exposure"], [1, 2]) == set()
    assert best_of(BY_KEY["sharpe"], [2.0, 2.0]) == set()
