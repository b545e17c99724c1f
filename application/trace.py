"""Why an alert did or did not trade: one sentence, then every step on the way.

The same text is what the command line, the dashboard and Telegram show.
"""

from collections.abc import Mapping
from types import MappingProxyType

from application.ports.views import AlertTrace
from application.records import RevisionId
from application.tracing.arithmetic import Terms
from application.tracing.arrival import arrival_steps
from application.tracing.outcome import headline
from application.tracing.step import Step, StepState, Trace, with_intervals
from application.tracing.telling import telling_steps
from application.tracing.work import job_steps

__all__ = ["Step", "StepState", "Terms", "Trace", "trace_of"]

NOTHING_KNOWN: Mapping[RevisionId, Terms] = MappingProxyType({})


def trace_of(alert: AlertTrace, terms: Mapping[RevisionId, Terms] = NOTHING_KNOWN) -> Trace:
    """Return what is known of an alert in words.

    ``terms`` are the sizing rules of the revisions it was decided by; without them the sums
    are shown without their formula.
    """
    steps = list(arrival_steps(alert))
    for job in alert.jobs:
        steps.extend(job_steps(alert.alert, job, terms))
    steps.extend(telling_steps(alert))
    return Trace(sentence=headline(alert), steps=with_intervals(steps))
