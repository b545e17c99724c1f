import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from entrypoints.cli.main import cli
from tests.entrypoints.cli.test_backtest import BOT, CSV

GRID = """
bot: bot.yaml
axes:
  rsi.length: [7, 14]
  rsi.oversold: [25, 30]
min_trades: 5
"""


def sweep(folder: Path, grid: str, *arguments: str) -> Result:
    (folder / "bot.yaml").write_text(BOT, encoding="utf-8")
    (folder / "grid.yaml").write_text(grid, encoding="utf-8")
    given = ["backtest", "sweep", CSV, "--grid", str(folder / "grid.yaml"), *arguments]
    runner = CliRunner(env={"SIGNALMAN_DATA_DIR": str(folder)})
    return runner.invoke(cli, given, prog_name="signalman", catch_exceptions=False)


def test_a_sweep_ranks_maps_and_writes_a_report(tmp_path: Path) -> None:
    report = tmp_path / "sweep.html"

    result = sweep(tmp_path, GRID, "--report", str(report), "--processes", "1")

    assert result.exit_code == 0, result.output
    assert "4 of 4 combinations" in result.stdout
    assert "length" in result.stdout
    assert "<h2>Ranks</h2>" in report.read_text("utf-8")


def test_a_sweep_as_json_has_every_rank(tmp_path: Path) -> None:
    told = json.loads(sweep(tmp_path, GRID + "walk_forward: 2\n", "--json").stdout)

    assert [one["rank"] for one in told["ranks"]] == [1, 2, 3, 4]
    assert len(told["walk_forward"]["steps"]) == 2


@pytest.mark.parametrize(
    ("grid", "code", "said"),
    [
        (GRID.replace("[25, 30]", "[]"), 3, "axes.rsi.oversold"),
        (GRID.replace("bot: bot.yaml", ""), 2, "no bot to sweep"),
        (GRID.replace("bot.yaml", "other.yaml"), 2, "There is no file"),
    ],
)
def test_a_sweep_that_cannot_run_says_why(
    tmp_path: Path, grid: str, code: int, said: str
) -> None:
    result = sweep(tmp_path, grid)

    assert result.exit_code == code
    assert said in result.output


def test_combinations_that_make_no_sense_are_told_and_left_out(tmp_path: Path) -> None:
    result = sweep(tmp_path, GRID.replace("[25, 30]", "[25, 75]"), "--processes", "1")

    assert result.exit_code == 0
    assert "2 combinations could not be run" in result.output
