"""What each rule measured against its limit, a line each."""

from application.records import DecisionRecord
from domain.reason_catalogue import sentence
from domain.reasons import Finding, Reason


def check_lines(decision: DecisionRecord) -> tuple[str, ...]:
    """Return a line for every rule that was asked, with ✓, ✗ or - in front."""
    return tuple(_line(one, decision.reason) for one in decision.findings)


def _line(finding: Finding, reason: Reason) -> str:
    calls_for_nothing = finding.reason is reason and reason is Reason.RSI_NEUTRAL
    mark = "-" if calls_for_nothing else "✓" if finding.passed else "✗"
    return f"{mark} {sentence(finding)}"
