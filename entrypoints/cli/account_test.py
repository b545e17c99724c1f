"""`signalman account test`: what the venue says about an account before it trades."""

from collections.abc import Sequence

import rich_click as click

from application.ports.configuration import Deployed
from application.ports.venue_check import Health as Found
from application.ports.venue_check import VenueFinding
from entrypoints.cli.asking import Parts, ask, author
from entrypoints.cli.check_result import Check, Health
from entrypoints.cli.doctor import tell
from entrypoints.cli.failure import Exit, end, unknown
from entrypoints.cli.terminal import json_option, print_json

HEALTH = {Found.GOOD: Health.GOOD, Found.WARN: Health.WARN, Found.BAD: Health.BAD}


@click.command(name="test")
@click.argument("name")
@json_option
def test_account(name: str, *, as_json: bool) -> None:
    """Ask the venue about keys, rights, clock, position mode and what the bots need.

    Ends with 1 if anything is broken (✗); each line says what to do. What is found is kept:
    an account in live mode opens nothing before its keys have passed, and no account does
    after they have failed.
    """

    async def work(parts: Parts) -> Sequence[VenueFinding] | Deployed:
        return await parts.check_account()(name, author())

    found = ask(work)
    if isinstance(found, Deployed):
        raise unknown("account", name, [one.config.name for one in found.accounts])
    if as_json:
        print_json([_plain(one) for one in found])
    else:
        tell([_check(one, name) for one in found])
    if any(one.health is Found.BAD for one in found):
        end(Exit.CHECK_FAILED)


def _check(one: VenueFinding, account: str) -> Check:
    fix = one.fix.replace("NAME", account)
    return Check(name=one.name, health=HEALTH[one.health], detail=one.detail, fix=fix)


def _plain(one: VenueFinding) -> dict[str, str]:
    return {
        "name": one.name,
        "health": one.health.value,
        "detail": one.detail,
        "fix": one.fix,
    }
