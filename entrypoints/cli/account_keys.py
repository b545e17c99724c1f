"""`signalman account set-keys`: keys go in, and are never handed out again."""

import json
import sys
from collections.abc import Mapping

import rich_click as click

from application.configuration.account import ACCOUNT_FIELDS
from application.ports.configuration import Deployed
from application.ports.vault import CannotSeal, SecretKind, SecretPlace
from application.secret import Secret
from entrypoints.cli.asking import Parts, ask, author
from entrypoints.cli.failure import Exit, Failure, unknown
from entrypoints.cli.terminal import hint, say

_ASKED = ("apiKey", "secret", "password")
_LABELS = {
    "apiKey": "API key",
    "secret": "Secret",
    "password": "Passphrase (most exchanges have none)",
}
_FORMS = 'Give JSON like {"apiKey": "...", "secret": "..."} or a line NAME=VALUE for each.'


@click.command(name="set-keys")
@click.argument("name")
@click.option(
    "--field",
    "fields",
    multiple=True,
    type=click.Choice(ACCOUNT_FIELDS),
    help="What to ask for, where it is not key, secret and passphrase.",
)
def set_keys(name: str, fields: tuple[str, ...]) -> None:
    """Seal the exchange keys of an account. They are typed or piped in, never shown.

    From a pipe: JSON like {"apiKey": "...", "secret": "..."}, or a line NAME=VALUE each.
    """
    given = _typed(fields or _ASKED) if sys.stdin.isatty() else _piped(sys.stdin.read())

    async def work(parts: Parts) -> Deployed | str | None:
        deployed = await parts.configuration().deployed()
        known = {one.config.name: one.id for one in deployed.accounts}
        if name not in known:
            return deployed
        place = SecretPlace(SecretKind.ACCOUNT, known[name])
        try:
            await parts.seal_secret()(place, given, author())
        except CannotSeal as error:
            return str(error)
        return None

    refused = ask(work)
    if isinstance(refused, Deployed):
        raise unknown("account", name, [one.config.name for one in refused.accounts])
    if isinstance(refused, str):
        raise Failure(
            Exit.CONFIGURATION,
            "The keys were not kept.",
            refused[0].upper() + refused[1:] + ".",
        )
    parts = ", ".join(sorted(given))
    say(f"✓ Sealed for {name}: {parts}. They cannot be shown again.")
    hint("Let the exchange bind them to this machine's address, and never withdraw.")


def _typed(fields: tuple[str, ...]) -> Mapping[str, Secret]:
    typed = {
        field: Secret(
            click.prompt(
                _LABELS.get(field, field),
                hide_input=True,
                default="" if field == "password" else None,
                show_default=False,
                err=True,
            ).strip()
        )
        for field in fields
    }
    return {field: value for field, value in typed.items() if value}


def _piped(text: str) -> Mapping[str, Secret]:
    stripped = text.strip()
    if stripped.startswith("{"):
        try:
            read = json.loads(stripped)
        except ValueError:
            raise _unreadable("It is no JSON.") from None
        pairs = [(str(name), value) for name, value in read.items()]
    else:
        lines = [line.partition("=") for line in stripped.splitlines() if line.strip()]
        pairs = [(field.strip(), value.strip()) for field, _, value in lines]
    for field, value in pairs:
        # A name that is not known may be a key itself, so it is not repeated.
        if field not in ACCOUNT_FIELDS:
            raise _unreadable("A name is none that an exchange knows.")
        if not isinstance(value, str) or not value:
            raise _unreadable(f"{field} has no text.")
    if not pairs:
        raise _unreadable("Nothing came.")
    return {field: Secret(value) for field, value in pairs}


def _unreadable(why: str) -> Failure:
    names = f"Names: {', '.join(ACCOUNT_FIELDS)}."
    return Failure(Exit.USAGE, "The keys cannot be read.", f"{why}\n{names}", _FORMS)
