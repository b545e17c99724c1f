"""Revisions of bots, accounts and limits: history, what differs, and the way back."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import rich_click as click
from rich.text import Text

from application import wording
from application.apply_configuration import (
    Applied,
    Back,
    ConfigurationInvalid,
    NoSuchRevision,
)
from application.configuration.writer import Change, diff
from application.ports.configuration import INSTALLATION, Deployed, Kind, RevisionRow
from application.proposal import Wishes
from application.records import RevisionId
from entrypoints.cli.apply import invalid_file, shown
from entrypoints.cli.asking import Parts, ask, author
from entrypoints.cli.failure import Exit, Failure, unknown
from entrypoints.cli.known_bots import DEPLOY
from entrypoints.cli.terminal import json_option, out, print_json, say


class Thing(NamedTuple):
    """Something that has revisions, and the command that shows them."""

    kind: Kind
    name: str

    @property
    def command(self) -> str:
        """Return how its history is asked for."""
        if self.kind is Kind.INSTALLATION:
            return "signalman limits history"
        return f"signalman {self.kind.value} history {self.name}"

    def __str__(self) -> str:
        """Return it in words."""
        is_one = self.kind is not Kind.INSTALLATION
        return f"{self.kind.value} {self.name}" if is_one else "the installation"


def add_revisions(group: click.Group, kind: Kind) -> None:
    """Give a group the commands ``history``, ``diff`` and ``rollback``.

    The installation has no name to give.
    """
    named: Callable[[Any], Any] = (
        click.argument("name") if kind is not Kind.INSTALLATION else lambda command: command
    )

    @group.command()
    @named
    @json_option
    def history(name: str = INSTALLATION, *, as_json: bool) -> None:
        """Show every revision, newest first: who changed what, and why."""
        tell_history(_revisions(Thing(kind, name)), as_json=as_json)

    @group.command(name="diff")
    @named
    @click.argument("old", type=int)
    @click.argument("new", type=int, required=False)
    @json_option
    def difference(
        old: int, new: int | None, name: str = INSTALLATION, *, as_json: bool
    ) -> None:
        """Show what differs between two revisions; without NEW, the newest."""
        tell_difference(Thing(kind, name), old, new, as_json=as_json)

    @group.command()
    @named
    @click.argument("revision", type=int)
    @click.option("--reason", default="", help="Why, for the history.")
    @click.option(
        "--open-positions",
        type=click.Choice(["keep", "adopt"]),
        default="keep",
        help="Whether an open position keeps its rules or takes these.",
    )
    @json_option
    def rollback(
        revision: int,
        reason: str,
        open_positions: str,
        name: str = INSTALLATION,
        *,
        as_json: bool,
    ) -> None:
        """Go back to the settings of an earlier revision; that is a new revision."""
        wishes = Wishes(adopt=open_positions == "adopt")
        thing = Thing(kind, name)
        go_back(thing, RevisionId(revision), wishes, reason, as_json=as_json)


def tell_history(revisions: Sequence[RevisionRow], *, as_json: bool) -> None:
    """Print revisions, newest first, each with what it changed."""
    older = [*revisions[1:], None]
    pairs = zip(revisions, older, strict=True)
    found = [(row, diff(old.tree, row.tree) if old else ()) for row, old in pairs]
    if as_json:
        print_json([_as_json(row, changes) for row, changes in found])
        return
    for row, changes in found:
        why = f", because {row.author.reason}" if row.author.reason else ""
        by = f"{row.author.name} ({row.author.source})"
        at = f"{wording.moment(row.at)[:19]} UTC"
        out().print(Text.assemble((f"revision {row.id}", "bold"), f"  {at}  {by}{why}"))
        for change in changes:
            out().print(_line(change, "  "))


def tell_difference(thing: Thing, old: int, new: int | None, *, as_json: bool) -> None:
    """Print what differs between two revisions."""
    revisions = _revisions(thing)
    before = _revision(thing, revisions, old)
    after = revisions[0] if new is None else _revision(thing, revisions, new)
    changes = diff(before.tree, after.tree)
    if as_json:
        print_json([change._asdict() for change in changes])
        return
    _tell_changes(changes)
    if not changes:
        say(f"Revisions {before.id} and {after.id} say the same.")


def go_back(
    thing: Thing, revision: RevisionId, wishes: Wishes, reason: str, *, as_json: bool
) -> None:
    """Make an earlier revision true again, and print what that changed."""

    async def work(parts: Parts) -> Applied:
        return await parts.apply().roll_back(
            thing.kind, thing.name, Back(revision), wishes, author(reason)
        )

    try:
        applied = ask(work)
    except NoSuchRevision:
        raise _unknown(thing, _revisions(thing), revision) from None
    except ConfigurationInvalid as error:
        raise invalid_file(f"revision {revision}", error) from None
    changes = [change for one in applied.proposal.differences for change in one.changes]
    if as_json:
        rows: list[dict[str, Any]] = [change._asdict() for change in changes]
        print_json({"changed": applied.changed, "changes": rows})
        return
    _tell_changes(changes)
    done = f"is as at revision {revision}" if applied.changed else "was so already"
    say(f"✓ {str(thing).capitalize()} {done}.", "green")


def _tell_changes(changes: Sequence[Change]) -> None:
    for change in changes:
        out().print(_line(change))


def _line(change: Change, indent: str = "") -> Text:
    """Return what differs, old before new."""
    path, old, new = change
    return Text.assemble(
        f"{indent}{path}  ", (shown(old), "red"), " → ", (shown(new), "green")
    )


def _revisions(thing: Thing) -> Sequence[RevisionRow]:
    async def work(parts: Parts) -> tuple[Deployed, Sequence[RevisionRow]]:
        configuration = parts.configuration()
        found = await configuration.history(thing.kind, thing.name)
        return await configuration.deployed(), found

    deployed, revisions = ask(work)
    if revisions:
        return revisions
    if thing.kind is Kind.INSTALLATION:
        raise Failure(
            Exit.CHECK_FAILED,
            "The installation has no limits of its own yet.",
            "It takes them from `limits:` of a file.",
            "signalman apply FILE.yaml",
        )
    things = deployed.bots if thing.kind is Kind.BOT else deployed.accounts
    raise unknown(thing.kind.value, thing.name, [one.config.name for one in things], DEPLOY)


def _revision(thing: Thing, revisions: Sequence[RevisionRow], number: int) -> RevisionRow:
    for row in revisions:
        if row.id == number:
            return row
    raise _unknown(thing, revisions, number)


def _unknown(thing: Thing, revisions: Sequence[RevisionRow], number: int) -> Failure:
    known = ", ".join(str(row.id) for row in revisions[:10])
    return Failure(
        Exit.CHECK_FAILED,
        f"{str(thing).capitalize()} has no revision {number}.",
        f"The newest are {known}.",
        thing.command,
    )


def _as_json(row: RevisionRow, changes: Sequence[Change]) -> dict[str, Any]:
    return {
        "revision": row.id,
        "at": row.at,
        "author": row.author.name,
        "source": row.author.source,
        "reason": row.author.reason,
        "changes": [change._asdict() for change in changes],
    }
