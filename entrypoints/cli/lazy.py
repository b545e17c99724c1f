"""A group of commands whose code is loaded only when one of them is called."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import rich_click as click
from rich_click.rich_panel import RichCommandPanel

from application.collector import collector_paused


class Place(NamedTuple):
    """Where a command is, and what the help says of it until it is loaded."""

    module: str
    attribute: str
    help: str
    panel: str


class LazyGroup(click.RichGroup):
    """Shows every command in the help, and imports just the one that is called."""

    def __init__(
        self, *arguments: Any, places: Mapping[str, Place], **options: Any
    ) -> None:
        super().__init__(*arguments, **options)
        self._places = places
        panels: dict[str, list[str]] = {}
        for name, place in places.items():
            self.add_command(click.RichCommand(name=name, help=place.help))
            panels.setdefault(place.panel, []).append(name)
        self.panels = [
            RichCommandPanel(panel, commands=names) for panel, names in panels.items()
        ]

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own
        """Return the commands in the order in which they are used."""
        return list(self._places)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command itself in place of its stand-in."""
        name, found, rest = super().resolve_command(ctx, args)
        if name is None or name not in self._places:
            return name, found, rest
        place = self._places[name]
        with collector_paused():
            command: click.Command = getattr(import_module(place.module), place.attribute)
        return name, command, rest
