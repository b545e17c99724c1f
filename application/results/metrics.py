"""Every figure of a result, in the order in which it is shown."""

from application.results.figures_of_performance import HEADLINE, PERFORMANCE
from application.results.figures_of_risk import EXCURSIONS, RISK
from application.results.figures_of_trades import TRADES
from application.results.metric import Metric, Section

METRICS: tuple[Metric, ...] = (*HEADLINE, *PERFORMANCE, *TRADES, *RISK, *EXCURSIONS)
BY_KEY = {metric.key: metric for metric in METRICS}


def of_section(section: Section) -> tuple[Metric, ...]:
    """Return the figures that stand in ``section``."""
    return tuple(metric for metric in METRICS if metric.section is section)
