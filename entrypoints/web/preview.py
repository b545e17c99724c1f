"""`POST /api/v1/preview`: what a change would have done with the newest alerts."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from adapters.configuration.yaml_file import read_yaml, write_yaml
from application.apply_configuration import ConfigurationInvalid
from application.configuration.tree import Tree
from application.proposal import Proposal, Verb, Wishes
from application.replaying.comparison import Comparison, Standing, sentence
from application.replaying.replay import ALERTS, Preview, Replay, Window
from entrypoints.web.answers import Unusable
from entrypoints.web.render import exact
from entrypoints.web.requests import Sent

ALERTS_MAX = 2_000
"""How many alerts one request may run: they take this process a few milliseconds each."""


class PreviewRequest(Sent, kw_only=True):
    """A configuration to be tried on the newest alerts: YAML, as ``apply`` takes it."""

    document: str
    last: Annotated[int, msgspec.Meta(ge=1, le=ALERTS_MAX)] = ALERTS
    prune: bool = False


class ChangeOut(msgspec.Struct, kw_only=True):
    """A thing that would be new, changed or archived, and one setting of it."""

    kind: str
    name: str
    verb: str
    path: str = ""
    old: str | None = None
    new: str | None = None


class StandingOut(msgspec.Struct, kw_only=True):
    """What a bot came to, closed and open, after fees."""

    trades: int
    wins: int
    closed: str
    open: str
    pnl: str


class BothWaysOut(msgspec.Struct, kw_only=True):
    """One bot both ways; None where it is not there."""

    bot: str
    currency: str
    old: StandingOut | None
    new: StandingOut | None


class TurnOut(msgspec.Struct, kw_only=True):
    """An alert on which a bot would decide otherwise, by reason codes."""

    alert: int
    received_at: datetime
    bot: str
    old: str | None
    new: str | None


class PreviewOut(msgspec.Struct, kw_only=True):
    """What a configuration would change, and what that would have meant."""

    sentence: str
    alerts: int
    decisions: int
    changes: list[ChangeOut]
    bots: list[BothWaysOut]
    differences: list[TurnOut]


@post("/preview", status_code=200)
async def preview(
    data: JSONBody[PreviewRequest], replay: NamedDependency[Replay]
) -> PreviewOut:
    """Run the newest alerts through today's configuration and the changed one.

    On paper and in memory, flat at first; nothing is changed or kept.
    """
    source = read_yaml(data.document)
    try:
        seen = await replay.preview(
            source, Wishes(prune=data.prune), Window(last=data.last)
        )
    except ConfigurationInvalid as error:
        text = "\n".join(str(problem) for problem in error.problems)
        raise Unusable(text) from None
    return preview_out(seen)


def preview_out(seen: Preview) -> PreviewOut:
    """Return a preview for the wire."""
    found = seen.comparison
    return PreviewOut(
        sentence=sentence(found),
        alerts=found.alerts,
        decisions=found.decisions,
        changes=_changes(seen.proposal),
        bots=[
            BothWaysOut(
                bot=one.bot,
                currency=one.currency,
                old=_standing(one.old),
                new=_standing(one.new),
            )
            for one in found.bots
        ],
        differences=_turns(found),
    )


def _changes(proposal: Proposal) -> list[ChangeOut]:
    found: list[ChangeOut] = []
    for one in proposal.differences:
        if one.verb in (Verb.UNCHANGED, Verb.LEFT):
            continue
        kind, name, verb = one.kind.value, one.name, one.verb.value
        found += [
            ChangeOut(
                kind=kind,
                name=name,
                verb=verb,
                path=change.path,
                old=_text(change.old),
                new=_text(change.new),
            )
            for change in one.changes
        ] or [ChangeOut(kind=kind, name=name, verb=verb)]
    return found


def _turns(found: Comparison) -> list[TurnOut]:
    return [
        TurnOut(
            alert=turn.alert,
            received_at=turn.received_at,
            bot=turn.bot,
            old=turn.old.value if turn.old else None,
            new=turn.new.value if turn.new else None,
        )
        for turn in found.turns
    ]


def _standing(one: Standing | None) -> StandingOut | None:
    if one is None:
        return None
    return StandingOut(
        trades=one.trades,
        wins=one.wins,
        closed=exact(one.closed),
        open=exact(one.open),
        pnl=exact(one.pnl),
    )


def _text(tree: Tree) -> str | None:
    return tree if tree is None or isinstance(tree, str) else write_yaml(tree).strip()
