"""A report written where the command line was told to."""

from pathlib import Path

from application.results.summary import Summary
from application.runs import Run


def write_report(path: Path, run: Run, summary: Summary) -> None:
    """Write a run as one HTML file."""
    from importlib.metadata import version  # noqa: PLC0415 - only where one is asked for

    from adapters.report.html import HtmlReport  # noqa: PLC0415 - the same

    path.write_text(HtmlReport(version("signalman"))(run, summary), encoding="utf-8")
