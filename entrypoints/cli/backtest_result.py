"""What `backtest run` does with its result: shows, writes and keeps it."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.text import Text

from application import wording
from application.backtesting.lots import closed_lots, open_lots
from application.backtesting.result import BacktestResult
from application.results.export import exported
from application.results.measuring import measured_run
from application.results.settings import settings_of
from application.results.summary import summarize
from application.runs import Run
from entrypoints.cli.backtest_options import issue_lines
from entrypoints.cli.report_file import write_report
from entrypoints.cli.result_view import show_result
from entrypoints.cli.terminal import hint, out, print_json, say


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How a result is to be shown, and whether it is to be kept."""

    report: Path | None
    save: str | None
    full: bool
    as_json: bool


def present(result: BacktestResult, source: str, shown: Shown) -> None:
    """Show a result; write and keep it where that was asked for."""
    run = measured_run(result, source, settings_of(result.request))
    summary = summarize(run)
    if shown.report is not None:
        write_report(shown.report, run, summary)
    kept = None if shown.save is None else _keep(shown.save, run)
    if shown.as_json:
        print_json(exported(run, summary) | _of_engine(result) | {"id": kept})
        return
    for line in issue_lines(result.bars):
        say(f"! {line}", "yellow")
    show_result(run, summary, full=shown.full)
    for line in notes(result):
        out().print(Text(line, style="dim"))
    if kept is not None:
        hint(f"signalman backtest show {kept}   shows it again")
    if shown.report is not None:
        hint(f"{shown.report} has everything, to open in a browser or to print")
    elif not shown.full:
        hint("--full shows every figure, --report FILE.html draws them")


def notes(result: BacktestResult) -> list[str]:
    """Return how the run was made: its fills, and on how many bars the rules were asked."""
    seen = result.seen
    asked = f"The rules were asked on {seen.asked:,} of {seen.bars:,} bars"
    why = f": {wording.listed(list(result.every_bar))}" if result.every_bar else ""
    return [f"{asked}{why}.", *result.warnings]


def _keep(name: str, run: Run) -> int:
    # Only here: a run that is not kept needs no database, and starts in half the time.
    from application.results.keeping import KeepBacktest  # noqa: PLC0415
    from entrypoints.cli.asking import Parts, ask, author  # noqa: PLC0415

    async def work(parts: Parts) -> int:
        return await KeepBacktest(parts.backtests())(name, run, author())

    return ask(work)


def _of_engine(result: BacktestResult) -> dict[str, Any]:
    """Return what only the engine knows: entries as TradingView counts them, and issues."""
    refused = Counter(one.finding.reason.value for one in result.refused)
    return {
        "equity": result.equity,
        "lots": len(closed_lots(result)),
        "open_lots": len(open_lots(result)),
        "fill": result.request.settings.fill.value,
        "refused": dict(refused),
        "asked": result.seen.asked,
        "every_bar": result.every_bar,
        "warnings": result.warnings,
        "issues": [
            {"kind": issue.kind.value, "line": issue.line, "text": issue.text}
            for issue in result.bars.issues
        ],
    }
