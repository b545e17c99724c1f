"""`signalman limits`: the limits of the whole installation, and their revisions."""

import rich_click as click

from adapters.configuration.yaml_file import write_yaml
from application.configuration.writer import installation_tree
from application.ports.configuration import Deployed, Kind
from entrypoints.cli.asking import Parts, ask
from entrypoints.cli.revisions import add_revisions
from entrypoints.cli.terminal import json_option, print_json


@click.group()
def limits() -> None:
    """The limits over all accounts; accounts and bots have limits of their own."""


@limits.command()
@json_option
def show(*, as_json: bool) -> None:
    """Show the limits in force."""

    async def work(parts: Parts) -> Deployed:
        return await parts.configuration().deployed()

    deployed = ask(work)
    tree = installation_tree(deployed.limits)
    if as_json:
        print_json({**tree, "revision": deployed.limits_revision})
        return
    click.echo(write_yaml(tree), nl=False)


add_revisions(limits, Kind.INSTALLATION)
