"""The report of a run as one HTML file: no script, nothing fetched; it prints well."""

from dataclasses import dataclass
from typing import Any

from adapters.report import drawings, heatmap, tables
from adapters.report.axis import MONTHS
from adapters.report.environment import environment
from application.results.metric import Section
from application.results.metrics import of_section
from application.results.summary import Summary
from application.runs import Run


@dataclass(frozen=True, slots=True)
class HtmlReport:
    """Writes reports. ``version`` is the program's, and stands at the foot."""

    version: str

    def __call__(self, run: Run, summary: Summary) -> str:
        """Return the whole page."""
        context = {**parts_of(run, summary), "version": self.version}
        return environment().get_template("report.html.j2").render(context)


def parts_of(run: Run, summary: Summary) -> dict[str, Any]:
    """Return what a report shows, by the names that templates know."""
    return {
        "run": run,
        "title": f"{run.bot} on {run.data.chart}, {run.data.timeframe}",
        "headline": tables.headline(run, summary),
        "sections": [
            (section.value, tables.rows(run, summary, section))
            for section in (Section.PERFORMANCE, Section.RISK, Section.EXCURSIONS)
            if of_section(section)
        ],
        "sides": tables.side_rows(run, summary),
        "cautions": summary.cautions,
        "equity": drawings.equity_drawing(run, summary, logarithmic=False),
        "equity_log": drawings.equity_drawing(run, summary, logarithmic=True),
        "underwater": drawings.underwater_drawing(run),
        "distribution": drawings.distribution_drawing(run),
        "excursion": drawings.excursion_drawing(run),
        "weekday": drawings.weekday_drawing(summary),
        "hour": drawings.hour_drawing(summary),
        "months": MONTHS,
        "years": heatmap.years(summary.months),
        "worst": tables.worst_rows(run, summary),
        "reasons": tables.reason_rows(run, summary),
        "decisions": tables.decision_rows(run),
        "trades": tables.trade_rows(run),
        "facts": tables.facts(run),
    }
