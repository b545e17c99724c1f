"""What goes to the terminal: data to standard output, everything else to standard error."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

import rich_click as click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from application import wording

PIPE_WIDTH = 200
"""Columns where nobody looks: wide enough that no table folds."""

FOLDED_WIDTH = 32
"""Columns that a folding column needs at least."""

NOTHING = "\u2013"
"""An en dash, where there is no value."""

STATE_STYLES = {"active": "green", "reducing": "yellow", "halted": "bold red"}

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON with stable names."
)


class Column(NamedTuple):
    """A column: numbers stand to the right; what is ``extra`` needs a wide terminal."""

    title: str
    right: bool = False
    fold: bool = False
    extra: bool = False


Cell = str | Text


def out() -> Console:
    """Return the console for what was asked for."""
    return _console(stderr=False)


def err() -> Console:
    """Return the console for everything that is said besides."""
    return _console(stderr=True)


def say(text: str, style: str = "") -> None:
    """Print a line to people, apart from the data."""
    err().print(Text(text, style=style))


def hint(text: str) -> None:
    """Say what can be done next."""
    err().print(Text.assemble(("→ ", "cyan"), (text, "dim")))


def print_json(value: object) -> None:
    """Print a value as JSON. Decimals are strings, times are ISO 8601."""
    import msgspec  # noqa: PLC0415 - a twentieth of a second, for those who want JSON

    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    click.echo(text)


def print_table(columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> None:
    """Print rows under a header, numbers to the right.

    Where the terminal is too narrow, columns that are ``extra`` are left out, the last one
    first; ``--json`` has them all.
    """
    console, cells = out(), [list(row) for row in rows]
    shown = list(range(len(columns)))
    table = _table(columns, cells, shown)
    left_out: list[str] = []
    while _needed(console, table) > console.width:
        extra = [index for index in shown if columns[index].extra]
        if not extra:
            break
        shown.remove(extra[-1])
        left_out.insert(0, columns[extra[-1]].title)
        table = _table(columns, cells, shown)
    console.print(table)
    if left_out:
        say(f"Left out, the terminal is narrow: {', '.join(left_out)}.", "dim")


def _needed(console: Console, table: Table) -> int:
    """Return how wide a table is when only its folding columns are folded."""
    for column in table.columns:
        column.max_width = None if column.no_wrap else FOLDED_WIDTH
    needed = table.__rich_measure__(console, console.options.update(max_width=10_000))
    for column in table.columns:
        column.max_width = None
    return needed.maximum


def _table(
    columns: Sequence[Column], rows: Sequence[Sequence[Cell]], shown: Sequence[int]
) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    for column in (columns[index] for index in shown):
        table.add_column(
            column.title,
            justify="right" if column.right else "left",
            no_wrap=not column.fold,
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(row[index] for index in shown))
    return table


def signed(value: Decimal | None) -> Text:
    """Return what was earned with its sign; the color only says it again."""
    if value is None:
        return Text(NOTHING, style="dim")
    style = "green" if value > 0 else "red" if value < 0 else ""
    return Text(_fixed(value, sign=True), style=style)


def amount(value: Decimal | None) -> str:
    """Return an amount of money to the cent, so that points stand under points."""
    return NOTHING if value is None else _fixed(value, sign=False)


def state_text(name: str) -> Text:
    """Return a trading state."""
    return Text(name, style=STATE_STYLES.get(name, ""))


def _fixed(value: Decimal, *, sign: bool) -> str:
    text = f"{value:+,.2f}" if sign and value else f"{value:,.2f}"
    return text.replace("-", wording.MINUS)


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False, emoji=False, soft_wrap=False)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    return console
