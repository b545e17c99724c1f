"""A foreseeable end: what happened, why, and what can be done, with its exit code."""

from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING, NoReturn

import rich_click as click
from click.exceptions import Exit as ClickExit

if TYPE_CHECKING:
    from rich.console import Console


class Exit(IntEnum):
    """What the exit code says."""

    OK = 0
    CHECK_FAILED = 1
    USAGE = 2
    CONFIGURATION = 3
    NETWORK = 4
    REFUSED = 5


class Failure(click.ClickException):
    """Ends a command without a traceback. ``why`` and ``fix`` may have several lines."""

    def __init__(self, code: Exit, what: str, why: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.code = code
        self.why = why
        self.fix = fix

    def tell(self, console: "Console") -> None:
        """Print it to people."""
        from rich.text import Text  # noqa: PLC0415 - the root of the help needs none

        console.print(Text.assemble(("✗ ", "bold red"), (self.message, "bold")))
        for line in self.why.splitlines():
            console.print(Text(f"  {line}"))
        for index, line in enumerate(self.fix.splitlines()):
            arrow = "  → " if index == 0 else "    "
            console.print(Text.assemble((arrow, "cyan"), line))


def end(code: Exit) -> NoReturn:
    """End the command with a code, when everything has been said."""
    raise ClickExit(code)


def unknown(what: str, name: str, known: Iterable[str], fix: str = "") -> Failure:
    """Return what to say about a name that nothing has, with the most similar ones."""
    from difflib import get_close_matches  # noqa: PLC0415 - rarely needed

    names = sorted(known)
    close = get_close_matches(name, names, n=3, cutoff=0.5)
    if close:
        why = f"Did you mean {' or '.join(close)}?"
    else:
        why = f"Known: {', '.join(names)}." if names else f"There is no {what} at all yet."
    return Failure(Exit.CHECK_FAILED, f"There is no {what} {name!r}.", why, fix)
