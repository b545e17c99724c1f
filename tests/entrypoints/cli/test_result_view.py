import pytest

from application.results.metrics import METRICS
from application.results.summary import summarize
from entrypoints.cli.result_view import SPARKS, show_result, sparkline
from tests.application.results.sample_runs import run


def test_a_result_begins_with_the_five_figures(capsys: pytest.CaptureFixture[str]) -> None:
    sample = run()
    show_result(sample, summarize(sample))

    lines = capsys.readouterr().out.splitlines()

    heads = ("Total P&L", "Max equity", "Total trades", "Profitable", "Profit factor")
    assert [
        line.startswith(head) for line, head in zip(lines[1:], heads, strict=False)
    ] == [True] * 5


def test_the_full_result_has_every_figure(capsys: pytest.CaptureFixture[str]) -> None:
    sample = run()
    show_result(sample, summarize(sample), full=True)

    text = capsys.readouterr().out

    assert [metric.title for metric in METRICS if metric.title not in text] == []


def test_a_sparkline_goes_from_the_lowest_to_the_highest_block() -> None:
    line = sparkline(run().curve, 40)

    assert len(line) == 40
    assert SPARKS[0] in line
    assert SPARKS[-1] in line


def test_a_flat_curve_is_a_flat_line() -> None:
    assert sparkline(run(1).curve[:1] * 2, 8) == SPARKS[0] * 8
