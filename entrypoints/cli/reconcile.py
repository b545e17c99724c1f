"""`signalman reconcile`: what the venues hold, beside what our books say."""

from collections.abc import Iterator, Sequence

import rich_click as click
from rich.text import Text

from application.differences import Remedy
from application.ports.comparisons import Comparison
from application.settle_difference import NotPossible, can_be_done
from entrypoints.cli.asking import Parts, ask, author
from entrypoints.cli.failure import Exit, Failure, end
from entrypoints.cli.state import required_reason
from entrypoints.cli.terminal import (
    NOTHING,
    Column,
    hint,
    json_option,
    print_json,
    print_table,
    say,
)
from entrypoints.web.differing import comparison_out, difference

MEANINGS = {
    Remedy.IGNORE: "it is yours, and stays",
    Remedy.ADOPT: "our books follow the venue",
    Remedy.CLOSE: "the venue follows our books",
}
_COLUMNS = (
    Column("account"),
    Column("symbol"),
    Column("our books", right=True),
    Column("venue", right=True),
    Column("not ours", right=True, extra=True),
    Column("difference", right=True),
    Column("entries"),
)


@click.command()
@click.option(
    "--ignore",
    nargs=2,
    metavar="ACCOUNT SYMBOL",
    help="Take what the venue holds beyond our books for not ours.",
)
@click.option(
    "--adopt",
    nargs=2,
    metavar="ACCOUNT SYMBOL",
    help="Book what the venue holds no more as closed there.",
)
@click.option(
    "--close",
    nargs=2,
    metavar="ACCOUNT SYMBOL",
    help="Close what the venue holds beyond our books, by a reduce-only order.",
)
@click.option("--reason", default="", help="Why; it is kept in the audit.")
@json_option
def reconcile(reason: str, *, as_json: bool, **wanted: tuple[str, str] | None) -> None:
    """Ask every venue what is held, and compare it with the books of the bots.

    A difference that lasts for five seconds stops entries in that market until somebody has
    looked; exits go on. Ends with 1 while there is one. What is to be adopted or closed is
    looked at once more before anything is booked or sent.
    """
    for name, place in wanted.items():
        if place is not None:
            _settle(place, Remedy(name), required_reason(reason, f"--{name}"))

    async def work(parts: Parts) -> Sequence[Comparison]:
        return await parts.reconcile()()

    found = ask(work)
    if as_json:
        print_json([comparison_out(one) for one in found])
    else:
        _show(found)
    if any(one.differs_since for one in found):
        end(Exit.CHECK_FAILED)


def _show(found: Sequence[Comparison]) -> None:
    if not found:
        say("No account trades at a real venue, so there is nothing to compare.")
        return
    print_table(_COLUMNS, [_row(one) for one in found])
    for line in _hints(found):
        hint(line)


def _settle(place: tuple[str, str], remedy: Remedy, why: str) -> None:
    account, symbol = place

    async def work(parts: Parts) -> Comparison:
        return await parts.settle_difference()(account, symbol, remedy, author(why))

    try:
        ask(work)
    except NotPossible as error:
        code = Exit.CHECK_FAILED
        raise Failure(code, str(error), "Nothing was changed.", error.fix) from None


def _hints(found: Sequence[Comparison]) -> Iterator[str]:
    """Yield what can be done about each difference."""
    for one in found:
        for remedy in can_be_done(one):
            place = f"{one.account} {one.symbol}"
            told = MEANINGS[remedy]
            yield f"signalman reconcile --{remedy.value} {place} --reason TEXT   {told}"


def _row(one: Comparison) -> tuple[str | Text, ...]:
    entries = Text("wait", style="bold red") if one.gates else Text("go on", style="green")
    return (
        one.account,
        one.symbol,
        f"{one.ours.normalize():f}",
        NOTHING if one.theirs is None else f"{one.theirs.normalize():f}",
        f"{one.baseline.normalize():f}",
        difference(one) or NOTHING,
        entries,
    )
