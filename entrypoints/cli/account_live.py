"""`signalman account confirm-live`: an administrator lets an account trade real money."""

import sys
from collections.abc import Sequence

import rich_click as click

from application.clearing import obstacle
from application.ports.clearances import Clearance
from application.ports.configuration import Deployed
from entrypoints.cli.asking import Parts, ask, author
from entrypoints.cli.failure import Exit, Failure, unknown
from entrypoints.cli.state import required_reason
from entrypoints.cli.terminal import hint, say

Found = tuple[Clearance | None, bool]


@click.command(name="confirm-live")
@click.argument("name")
@click.option("--reason", default="", help="Why; it is kept in the audit.")
@click.option("--confirm", default="", metavar="NAME", help="The account's name once more.")
@click.option("--revoke", is_flag=True, help="Take the confirmation back.")
def confirm_live(name: str, reason: str, confirm: str, *, revoke: bool) -> None:
    """Let an account in live mode open positions with real money.

    That is asked for once. It also needs `SIGNALMAN_LIVE_TRADING=on`, and keys that passed
    `signalman account test`.
    """
    why = required_reason(reason, f"signalman account confirm-live {name}")
    if not revoke:
        _must_be_meant(name, confirm)

    async def work(parts: Parts) -> Deployed | Sequence[Clearance]:
        deployed = await parts.configuration().deployed()
        known = {one.config.name: one.id for one in deployed.accounts}
        if name not in known:
            return deployed
        kept = parts.clearances()
        change = kept.revoke if revoke else kept.confirm
        done = await change(known[name], author(why))
        return [one for one in await kept.all() if done and one.name == name]

    found = ask(work)
    if isinstance(found, Deployed):
        raise unknown("account", name, [one.config.name for one in found.accounts])
    if not found:
        said = (
            "is not confirmed" if revoke else "is not in live mode, or was confirmed before"
        )
        raise Failure(Exit.REFUSED, f"Nothing was changed: {name} {said}.")
    if revoke:
        say(f"✓ {name} opens nothing any more; exits and stops go on.")
        return
    say(f"✓ {name} may trade real money.")
    left = obstacle(found[0])
    if left:
        hint(f"Not yet: {left}")


def _must_be_meant(name: str, typed: str) -> None:
    """Ask for the account's name once more, from whoever is at the keyboard."""
    if not typed and sys.stdin.isatty():
        typed = click.prompt(f"Real money will be traded. Type {name} to confirm", err=True)
    if typed.strip() != name:
        raise Failure(
            Exit.USAGE,
            "Nothing was changed: the account's name was not given once more.",
            "Real money would be traded.",
            f"signalman account confirm-live {name} --confirm {name} --reason TEXT",
        )
