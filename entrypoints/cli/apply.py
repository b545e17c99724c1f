"""`signalman apply` and `signalman export`: the configuration as a file, in and out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rich_click as click
from rich.table import Table
from rich.text import Text

from adapters.configuration.yaml_file import read_yaml, write_yaml
from application import wording
from application.apply_configuration import (
    Applied,
    ConfigurationInvalid,
    in_force,
    revisions_tree,
)
from application.configuration.tree import Source, Tree
from application.configuration.writer import document_tree
from application.proposal import Difference, Proposal, Verb, Wishes
from application.replaying.replay import ALERTS, Preview, Window
from entrypoints.cli.asking import Parts, ask, author, read_settings
from entrypoints.cli.comparison_view import comparison_json, show_comparison
from entrypoints.cli.failure import Exit, Failure
from entrypoints.cli.terminal import NOTHING, hint, json_option, out, print_json, say
from entrypoints.cli.token_file import keep_token
from entrypoints.cli.webhook import base_url, tell_url

_STYLES = {
    Verb.NEW: "green",
    Verb.CHANGED: "yellow",
    Verb.UNCHANGED: "dim",
    Verb.ARCHIVED: "red",
    Verb.LEFT: "dim",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """How the command line asks for it."""

    dry_run: bool
    preview: int | None
    prune: bool
    open_positions: str
    reason: str


@click.command()
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option(
    "--preview",
    is_flag=False,
    flag_value=str(ALERTS),
    type=click.IntRange(min=1),
    metavar="[N]",
    help=f"Show what it would have done with the last N alerts ({ALERTS}); change nothing.",
)
@click.option(
    "--prune", is_flag=True, help="Archive bots that the file leaves out, if flat."
)
@click.option(
    "--open-positions",
    type=click.Choice(["keep", "adopt"]),
    default="keep",
    help="Whether open positions keep their rules or take the new ones.",
)
@click.option("--reason", default="", help="Why, for the history.")
@json_option
def apply(file: Any, *, as_json: bool, **given: Any) -> None:
    """Deploy what FILE says (- is standard input). What it omits stays as it is.

    Bots run with the new configuration at once: no restart. Applying the same file again
    changes nothing. Trading states and secrets are never touched.
    """
    wanted = _Wanted(**given)
    if wanted.preview is not None:
        _preview(file, wanted, as_json=as_json)
        return
    applied = _applied(file, wanted)
    settings = read_settings()
    for feed, token in applied.tokens.items():
        keep_token(settings, feed, token)
    if as_json:
        print_json(_as_json(applied, base_url(settings)))
        return
    _tell(applied, dry_run=wanted.dry_run)
    for feed, token in applied.tokens.items():
        tell_url(settings, feed, token)


@click.command()
@click.option(
    "--revisions",
    "with_revisions",
    is_flag=True,
    help="Name them, so that `apply` overwrites nothing that was changed since.",
)
def export(*, with_revisions: bool) -> None:
    """Print everything that is deployed as one YAML file, to keep or apply elsewhere."""

    async def work(parts: Parts) -> Tree:
        deployed = await parts.configuration().deployed()
        document = document_tree(in_force(deployed))
        seen: dict[str, Tree] = {"revisions": revisions_tree(deployed)}
        return document | seen if with_revisions else document

    click.echo(write_yaml(ask(work)), nl=False)


def _preview(file: Any, wanted: _Wanted, *, as_json: bool) -> None:
    source = read_source(file)
    wishes = Wishes(prune=wanted.prune, adopt=wanted.open_positions == "adopt")

    async def work(parts: Parts) -> Preview:
        return await parts.replay().preview(source, wishes, Window(last=wanted.preview))

    try:
        seen = ask(work)
    except ConfigurationInvalid as error:
        raise invalid_file(Path(file.name).name, error) from None
    if as_json:
        proposed = Applied(proposal=seen.proposal, changed=False)
        told = {"preview": comparison_json(seen.comparison)}
        print_json(_as_json(proposed, "") | told)
        return
    _tell(Applied(proposal=seen.proposal, changed=False), dry_run=True)
    out().print()
    show_comparison(seen.comparison, "today", "changed")


def _applied(file: Any, wanted: _Wanted) -> Applied:
    source = read_source(file)
    wishes = Wishes(prune=wanted.prune, adopt=wanted.open_positions == "adopt")

    async def work(parts: Parts) -> Applied:
        use_case = parts.apply()
        if wanted.dry_run:
            return Applied(proposal=await use_case.preview(source, wishes), changed=False)
        return await use_case(source, wishes, author(wanted.reason))

    try:
        return ask(work)
    except ConfigurationInvalid as error:
        raise invalid_file(Path(file.name).name, error) from None


def read_source(file: Any) -> Source:
    """Return the tree of a file that was given on the command line.

    Raises:
        Failure: If it is not UTF-8.
    """
    try:
        return read_yaml(file.read())
    except UnicodeDecodeError as error:
        raise Failure(
            Exit.CONFIGURATION,
            f"{file.name} is not UTF-8.",
            str(error),
            "Save it as UTF-8.",
        ) from None


def invalid_file(name: str, error: ConfigurationInvalid) -> Failure:
    """Return what to say about a file with mistakes in it."""
    count = wording.plural(len(error.problems), "problem")
    return Failure(
        Exit.CONFIGURATION,
        f"{name} cannot be applied: {count}. Nothing was changed.",
        "\n".join(str(problem) for problem in error.problems),
    )


def _tell(applied: Applied, *, dry_run: bool) -> None:
    proposal = applied.proposal
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for _ in range(4):
        table.add_column(overflow="fold")
    for one in proposal.differences:
        _add(table, one)
    out().print(table)
    counts = _counts(proposal)
    if dry_run:
        for obstacle in proposal.obstacles:
            say(f"✗ It would be refused: {obstacle}.", "bold red")
        say(f"\nDry run, nothing was changed: {counts}.", "bold")
        return
    done = "Nothing to change" if proposal.changes_nothing else "Applied"
    say(f"\n✓ {done}: {counts}.", "bold green")
    if any(one.verb is Verb.LEFT for one in proposal.differences):
        hint("bots that the file leaves out go on as they are; --prune archives them")


def _add(table: Table, one: Difference) -> None:
    style = _STYLES[one.verb]
    verb = Text(one.verb.value, style=style)
    first, *rest = [_change(path, old, new) for path, old, new in one.changes] or [
        Text(one.note)
    ]
    name = "" if one.name == one.kind.value else one.name
    table.add_row(one.kind.value, Text(name, style="bold"), verb, first)
    for line in rest:
        table.add_row("", "", "", line)
    if one.changes and one.note:
        table.add_row("", "", "", Text(one.note, style="yellow"))


def _change(path: str, old: Tree, new: Tree) -> Text:
    return Text.assemble(f"{path}  ", (shown(old), "red"), " → ", (shown(new), "green"))


def shown(tree: Tree) -> str:
    """Return a setting in one line."""
    if tree is None:
        return NOTHING
    return tree if isinstance(tree, str) else write_yaml(tree).strip().replace("\n", ", ")


def _counts(proposal: Proposal) -> str:
    verbs = [one.verb for one in proposal.differences]
    return ", ".join(f"{verbs.count(verb)} {verb.value}" for verb in Verb if verb in verbs)


def _as_json(applied: Applied, address: str) -> dict[str, Any]:
    return {
        "changed": applied.changed,
        "differences": [
            {
                "kind": one.kind.value,
                "name": one.name,
                "verb": one.verb.value,
                "changes": [change._asdict() for change in one.changes],
                "note": one.note,
            }
            for one in applied.proposal.differences
        ],
        "obstacles": list(applied.proposal.obstacles),
        "webhooks": {
            feed: f"{address}{path}" for feed, path in applied.webhook_paths.items()
        },
    }
