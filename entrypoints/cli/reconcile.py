"""`signalman reconcile`: what the venues hold, beside what our books say."""

from collections.abc import Sequence

import rich_click as click
from rich.text import Text

from application.ports.comparisons import Comparison
from application.ports.configuration import Deployed
from domain.instrument import Symbol
from domain.money import subtract
from entrypoints.cli.asking import Parts, ask, author
from entrypoints.cli.failure import Exit, Failure, end, unknown
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
@click.option("--reason", default="", help="Why it is ignored; it is kept in the audit.")
@json_option
def reconcile(ignore: tuple[str, str] | None, reason: str, *, as_json: bool) -> None:
    """Ask every venue what is held, and compare it with the books of the bots.

    A difference that lasts for five seconds stops entries in that market until somebody has
    looked; exits go on. Ends with 1 while there is one.
    """
    if ignore is not None:
        _ignore(*ignore, required_reason(reason, "signalman reconcile --ignore"))

    async def work(parts: Parts) -> Sequence[Comparison]:
        return await parts.reconcile()()

    found = ask(work)
    if as_json:
        print_json([_plain(one) for one in found])
    elif found:
        print_table(_COLUMNS, [_row(one) for one in found])
    else:
        say("No account trades at a real venue, so there is nothing to compare.")
    if any(one.differs_since for one in found):
        if not as_json:
            hint(
                "signalman reconcile --ignore ACCOUNT SYMBOL --reason TEXT   if it is yours"
            )
        end(Exit.CHECK_FAILED)


def _ignore(account: str, symbol: str, why: str) -> None:
    async def work(parts: Parts) -> Deployed | bool:
        deployed = await parts.configuration().deployed()
        known = {one.config.name: one.id for one in deployed.accounts}
        if account not in known:
            return deployed
        return await parts.comparisons().ignore(known[account], Symbol(symbol), author(why))

    done = ask(work)
    if isinstance(done, Deployed):
        raise unknown("account", account, [one.config.name for one in done.accounts])
    if not done:
        raise Failure(Exit.CHECK_FAILED, f"Nothing differs in {symbol} on {account}.")


def _row(one: Comparison) -> tuple[str | Text, ...]:
    entries = Text("wait", style="bold red") if one.gates else Text("go on", style="green")
    return (
        one.account,
        one.symbol,
        f"{one.ours.normalize():f}",
        NOTHING if one.theirs is None else f"{one.theirs.normalize():f}",
        f"{one.baseline.normalize():f}",
        _difference(one) or NOTHING,
        entries,
    )


def _difference(one: Comparison) -> str:
    if one.theirs is None or one.differs_since is None:
        return ""
    surplus = subtract(subtract(one.theirs, one.baseline), one.ours)
    return f"{surplus.normalize():+f}"


def _plain(one: Comparison) -> dict[str, object]:
    return {
        "account": one.account,
        "symbol": one.symbol,
        "ours": f"{one.ours:f}",
        "theirs": None if one.theirs is None else f"{one.theirs:f}",
        "baseline": f"{one.baseline:f}",
        "difference": _difference(one) or None,
        "differs_since": one.differs_since.isoformat() if one.differs_since else None,
        "gates": one.gates,
        "checked_at": one.checked_at.isoformat(),
    }
