"""`signalman token`: which programs may use the API, and for what."""

from secrets import token_urlsafe

import rich_click as click

from application import wording
from application.logging_in import digest_of
from application.ports.access import ApiToken, NameTaken, Permission
from application.secret import Secret
from entrypoints.cli.asking import Parts, ask, author
from entrypoints.cli.failure import Exit, Failure, unknown
from entrypoints.cli.terminal import (
    NOTHING,
    Column,
    hint,
    json_option,
    print_json,
    print_table,
    say,
)

PREFIX = "sgm_"
"""So that scanners for leaked secrets know it when they see it."""


@click.group()
def token() -> None:
    """Programs that use the API: each with a token, and scopes it may act in."""


@token.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([one.value for one in Permission]),
    help="What it may do; give it once for each. `read` is part of all the others.",
)
def add(name: str, scopes: tuple[str, ...]) -> None:
    """Make a token and print it. It cannot be shown again."""
    made = Secret(PREFIX + token_urlsafe(32))
    wanted = frozenset(Permission(one) for one in scopes) | {Permission.READ}

    async def work(parts: Parts) -> None:
        await parts.api_tokens().add(name, digest_of(made.reveal()), wanted, author())

    try:
        ask(work)
    except NameTaken:
        raise Failure(
            Exit.CHECK_FAILED,
            f"There is a token {name!r} already.",
            fix=f"signalman token revoke {name}   makes room for another",
        ) from None
    say(f"✓ {name} may {', '.join(sorted(one.value for one in wanted))}.")
    click.echo(made.reveal())
    hint("it goes into a header, and is not shown again: Authorization: Bearer …")


@token.command(name="list")
@json_option
def list_tokens(*, as_json: bool) -> None:
    """List the tokens, never what they are."""

    async def work(parts: Parts) -> list[ApiToken]:
        return list(await parts.api_tokens().all())

    found = ask(work)
    if as_json:
        print_json([_out(one) for one in found])
        return
    if not found:
        say("No tokens yet, so no program may use the API from elsewhere.")
        hint("signalman token add NAME --scope read")
        return
    columns = (Column("token"), Column("scopes"), Column("last used (UTC)"), Column("by"))
    print_table(columns, [_row(one) for one in found])


@token.command()
@click.argument("name")
def revoke(name: str) -> None:
    """Let a token in no more, from the next request on."""

    async def work(parts: Parts) -> list[str] | None:
        tokens = parts.api_tokens()
        if await tokens.revoke(name, author()):
            return None
        return [one.name for one in await tokens.all() if not one.revoked]

    known = ask(work)
    if known is not None:
        raise unknown("token", name, known)
    say(f"✓ {name} is let in no more.")


def _words(one: ApiToken) -> list[str]:
    return sorted(scope.value for scope in one.scopes)


def _out(one: ApiToken) -> dict[str, object]:
    return {
        "name": one.name,
        "scopes": _words(one),
        "revoked": one.revoked,
        "author": one.author,
        "created_at": one.created_at,
        "used_at": one.used_at,
    }


def _row(one: ApiToken) -> tuple[str, str, str, str]:
    scopes = "revoked" if one.revoked else ", ".join(_words(one))
    used = wording.moment(one.used_at)[:19] if one.used_at else NOTHING
    return one.name, scopes, used, one.author
