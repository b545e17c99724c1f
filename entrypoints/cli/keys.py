"""`signalman keys`: the keys that seal exchange keys, and moving on to a new one."""

from collections import Counter

import rich_click as click

from adapters.vault.keys import new_key
from application.ports.vault import CannotOpen, SealedRow
from application.vault import Rotated
from entrypoints.cli.asking import Parts, ask
from entrypoints.cli.failure import Exit, Failure
from entrypoints.cli.terminal import Column, hint, json_option, print_json, print_table, say


@click.group()
def keys() -> None:
    """What seals the exchange keys: made, listed and rotated."""


@keys.command()
def new() -> None:
    """Print a new key for SIGNALMAN_ENCRYPTION_KEYS. It is kept nowhere."""
    click.echo(new_key())
    hint("put it first in SIGNALMAN_ENCRYPTION_KEYS, then: signalman keys rotate")


@keys.command(name="list")
@json_option
def list_keys(*, as_json: bool) -> None:
    """List the keys by their names, with how many secrets each of them seals."""

    async def work(parts: Parts) -> tuple[tuple[str, ...], list[SealedRow]]:
        return parts.opener().keys(), list(await parts.sealed_secrets().all())

    known, rows = ask(work)
    seals = Counter(row.sealed.key for row in rows)
    named = [*known, *sorted(set(seals) - set(known))]
    if as_json:
        told = [(key, key in known, key in known[:1], seals[key]) for key in named]
        titles = ("key", "known", "seals", "secrets")
        print_json([dict(zip(titles, one, strict=True)) for one in told])
        return
    if not named:
        say("There is no key yet, so no exchange key can be kept.")
        hint("signalman keys new   prints one for SIGNALMAN_ENCRYPTION_KEYS")
        return
    columns = (Column("key"), Column("use"), Column("secrets", right=True))
    print_table(columns, [(key, _use(key, known), str(seals[key])) for key in named])


@keys.command()
def rotate() -> None:
    """Put every secret under the first key; after that the others can be taken out.

    The secrets themselves stay as they are: only the keys of their seals change.
    """

    async def work(parts: Parts) -> Rotated | str:
        try:
            return await parts.rotate_keys()()
        except CannotOpen as error:
            return str(error)

    rotated = ask(work)
    if isinstance(rotated, str):
        raise Failure(
            Exit.CONFIGURATION,
            "Not every secret could be put under the first key.",
            rotated[0].upper() + rotated[1:] + ".",
            "Give the missing key in SIGNALMAN_ENCRYPTION_KEYS, or set that account's keys "
            "anew: signalman account set-keys NAME",
        )
    say(f"✓ {rotated.moved} put under the first key, {rotated.kept} were there already.")


def _use(key: str, known: tuple[str, ...]) -> str:
    if key not in known:
        return "missing: what it seals does not open"
    return "seals and opens" if key == known[0] else "opens"
