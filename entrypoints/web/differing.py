"""What the API is told of differences, and what it answers."""

from datetime import datetime
from typing import Literal

import msgspec

from application.ports.comparisons import Comparison
from application.settle_difference import can_be_done
from domain.money import subtract
from entrypoints.web.requests import Reason, Sent, Text


class DifferenceRequest(Sent, kw_only=True):
    """What is to be done about a difference, and why."""

    account: Text
    symbol: Text
    remedy: Literal["ignore", "adopt", "close"]
    reason: Reason


class ComparisonOut(msgspec.Struct, kw_only=True):
    """A market as it was compared last. Short is negative; numbers are text, exactly."""

    account: str
    symbol: str
    ours: str
    theirs: str | None
    baseline: str
    difference: str | None
    differs_since: datetime | None
    gates: bool
    policy: str
    can: list[str]
    """What can be done about it."""
    asked: str | None
    asked_by: str | None
    closing: str
    """How the newest order stands that closes it."""
    bots: list[str]
    checked_at: datetime


def comparison_out(one: Comparison) -> ComparisonOut:
    """Return a market as the API writes it."""
    return ComparisonOut(
        account=one.account,
        symbol=one.symbol,
        ours=f"{one.ours:f}",
        theirs=None if one.theirs is None else f"{one.theirs:f}",
        baseline=f"{one.baseline:f}",
        difference=difference(one),
        differs_since=one.differs_since,
        gates=one.gates,
        policy=one.on_difference,
        can=[remedy.value for remedy in can_be_done(one)],
        asked=one.asked.remedy.value if one.asked else None,
        asked_by=one.asked.author.name if one.asked else None,
        closing=one.closing,
        bots=list(one.holders),
        checked_at=one.checked_at,
    )


def difference(one: Comparison) -> str | None:
    """Return what the venue holds beyond our books, with its sign; None for nothing."""
    if one.theirs is None or one.differs_since is None:
        return None
    surplus = subtract(subtract(one.theirs, one.baseline), one.ours)
    return f"{surplus.normalize():+f}"
