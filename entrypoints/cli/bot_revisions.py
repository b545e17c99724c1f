"""`signalman bot diff` and `rollback`: between the revisions of a bot."""

from collections.abc import Sequence
from typing import Any

import rich_click as click
from rich.text import Text

from application.apply_configuration import Applied, ConfigurationInvalid, NoSuchRevision
from application.configuration.writer import Change, diff
from application.ports.configuration import Deployed, Kind, RevisionRow
from application.proposal import Wishes
from application.records import RevisionId
from entrypoints.cli.apply import invalid_file, shown
from entrypoints.cli.asking import Parts, ask, author
from entrypoints.cli.failure import Exit, Failure
from entrypoints.cli.known_bots import no_such_bot
from entrypoints.cli.terminal import json_option, out, print_json, say

Known = tuple[Deployed, Sequence[RevisionRow]]


@click.command(name="diff")
@click.argument("name")
@click.argument("old", type=int)
@click.argument("new", type=int, required=False)
@json_option
def difference(name: str, old: int, new: int | None, *, as_json: bool) -> None:
    """Show what differs between two revisions of a bot; without NEW, the newest."""
    revisions = _revisions(name)
    before = _revision(name, revisions, old)
    after = revisions[0] if new is None else _revision(name, revisions, new)
    changes = diff(before.tree, after.tree)
    if as_json:
        print_json([change._asdict() for change in changes])
        return
    tell_changes(changes)
    if not changes:
        say(f"Revisions {before.id} and {after.id} say the same.")


@click.command()
@click.argument("name")
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
    name: str, revision: int, reason: str, open_positions: str, *, as_json: bool
) -> None:
    """Give a bot the settings of an earlier revision; that is a new revision."""
    wishes = Wishes(adopt=open_positions == "adopt")

    async def work(parts: Parts) -> Applied:
        return await parts.apply().roll_back(
            name, RevisionId(revision), wishes, author(reason)
        )

    try:
        applied = ask(work)
    except NoSuchRevision:
        raise _unknown(name, _revisions(name), revision) from None
    except ConfigurationInvalid as error:
        raise invalid_file(f"revision {revision}", error) from None
    changes = [change for one in applied.proposal.differences for change in one.changes]
    if as_json:
        rows: list[dict[str, Any]] = [change._asdict() for change in changes]
        print_json({"changed": applied.changed, "changes": rows})
        return
    tell_changes(changes)
    done = f"is as at revision {revision}" if applied.changed else "was so already"
    say(f"✓ Bot {name} {done}.", "green")


def tell_changes(changes: Sequence[Change]) -> None:
    """Print what differs, old before new."""
    for path, old, new in changes:
        line = Text.assemble(f"{path}  ", (shown(old), "red"), " → ", (shown(new), "green"))
        out().print(line)


def _revisions(name: str) -> Sequence[RevisionRow]:
    async def work(parts: Parts) -> Known:
        configuration = parts.configuration()
        return await configuration.deployed(), await configuration.history(Kind.BOT, name)

    deployed, revisions = ask(work)
    if not revisions:
        raise no_such_bot(deployed, name)
    return revisions


def _revision(name: str, revisions: Sequence[RevisionRow], number: int) -> RevisionRow:
    for row in revisions:
        if row.id == number:
            return row
    raise _unknown(name, revisions, number)


def _unknown(name: str, revisions: Sequence[RevisionRow], number: int) -> Failure:
    known = ", ".join(str(row.id) for row in revisions[:10])
    return Failure(
        Exit.CHECK_FAILED,
        f"Bot {name} has no revision {number}.",
        f"The newest are {known}.",
        f"signalman bot history {name}",
    )
