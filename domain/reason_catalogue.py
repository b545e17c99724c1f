"""Every reason in words: its class, a sentence with numbers, its meaning, what to do."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.reason_words import CatalogueEntry, in_words
from domain.reasons import Finding, Reason, ReasonClass
from domain.reasons_of_arrival import ARRIVAL, REFUSALS
from domain.reasons_of_decisions import DECISIONS
from domain.reasons_of_limits import LIMITS
from domain.reasons_of_rules import RULES

ENTRIES: Mapping[Reason, CatalogueEntry] = MappingProxyType(
    {**DECISIONS, **RULES, **LIMITS, **ARRIVAL}
)


def entry(reason: Reason) -> CatalogueEntry:
    """Return what there is to say about a reason."""
    return ENTRIES[reason]


def sentence(finding: Finding) -> str:
    """Return what happened, with the value against its limit.

    A rule that let pass says so; a reason that is no rule has one sentence for both.
    """
    known = ENTRIES[finding.reason]
    passed = finding.passed and known.passed
    return in_words(known.passed if passed else known.sentence, finding)


def headline(finding: Finding) -> str:
    """Return the sentence with its verdict in front: ``Skipped: price 99 is not far``."""
    text = sentence(finding)
    first = text.split(" ", 1)[0]
    if first[1:] == first[1:].lower():  # so RSI, LONG and TradingView stay as they are
        text = text[0].lower() + text[1:]
    return f"{verdict(finding.reason)}: {text}"


def verdict(reason: Reason) -> str:
    """Return what became of an alert that ended with ``reason``, in one word."""
    if reason in REFUSALS:
        return "Refused"
    match ENTRIES[reason].reason_class:
        case ReasonClass.TRADED:
            return "Traded"
        case ReasonClass.LIMIT:
            return "Denied"
        case ReasonClass.VENUE | ReasonClass.SYSTEM:
            return "Failed"
        case _:
            return "Skipped"
