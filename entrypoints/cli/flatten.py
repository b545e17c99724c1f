"""`signalman flatten`: halt, close what the bots hold, and ask the venue."""

import asyncio
import sys

import rich_click as click

from application.ports.configuration import Deployed
from application.ports.flattening import Flattening, FlatteningId, FlatteningStatus
from entrypoints.cli.asking import Parts, ask, author
from entrypoints.cli.failure import Exit, Failure, end
from entrypoints.cli.state import not_known, required_reason, scope_of
from entrypoints.cli.terminal import hint, json_option, print_json, say
from entrypoints.web.render import flattening_out

LOOKS_MAX = 300
LOOK_SECONDS = 0.2


@click.command()
@click.option("--account", help="Of this account only.")
@click.option("--bot", help="Of this bot only.")
@click.option("--reason", default="", help="Why; it is kept in the audit.")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@json_option
def flatten(
    account: str | None, bot: str | None, reason: str, *, yes: bool, as_json: bool
) -> None:
    """Halt, close everything that the bots hold, and ask the venue whether it is true.

    Trading is halted first and stays so; entries under way are ended, then every position
    is closed at the market. It goes on after a crash, and works with or without workers.
    """
    scope, name = scope_of(account, bot)
    why = required_reason(reason, "signalman flatten")
    of = f"{scope.value} {name}" if name else "the whole installation"
    if not yes and sys.stdin.isatty():
        click.confirm(f"Halt {of} and close everything it holds?", abort=True, err=True)

    async def work(parts: Parts) -> Flattening | Deployed:
        begun = await parts.flattenings().begin(scope, name, author(why))
        if begun is None:
            return await parts.configuration().deployed()
        return await _to_its_end(parts, begun)

    found = ask(work)
    if isinstance(found, Deployed):
        raise not_known(scope, name, found)
    if as_json:
        print_json(flattening_out(found))
    _tell(found, of)


async def _to_its_end(parts: Parts, begun: Flattening) -> Flattening:
    """Work what it waits for, beside whatever workers there are, until it has ended."""
    execute, pursue = parts.execute(), parts.pursue_flattenings()
    for _ in range(LOOKS_MAX):
        progress = await pursue.pursue(FlatteningId(begun.id))
        if progress is None:
            break
        begun = progress.flattening
        if begun.status is not FlatteningStatus.RUNNING:
            break
        worked = [await execute(key) for key in progress.waits_for]
        if not any(worked):
            await asyncio.sleep(LOOK_SECONDS)
    return begun


def _tell(flattening: Flattening, of: str) -> None:
    """Say how it ended, or that it has not."""
    match flattening.status:
        case FlatteningStatus.DONE:
            say(f"✓ {of[0].upper()}{of[1:]} is halted and {flattening.outcome}.")
            hint("signalman state active lets it trade again")
        case FlatteningStatus.RUNNING:
            say(f"… {of[0].upper()}{of[1:]} is halted; flattening goes on by itself.")
            hint("signalman positions   shows what is still open")
            end(Exit.NETWORK)
        case FlatteningStatus.NEEDS_OPERATOR:
            raise Failure(
                Exit.CHECK_FAILED,
                f"{of[0].upper()}{of[1:]} is halted, and not confirmed flat.",
                flattening.outcome[0].upper() + flattening.outcome[1:] + ".",
                "Look at the venue, then flatten again.",
            )
