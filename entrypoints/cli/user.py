"""`signalman user`: who may log in, as what, and from where they have."""

import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

import rich_click as click

from application import wording
from application.logging_in import password_problem
from application.ports.access import NameTaken, Role, Session, User
from application.ports.vault import CannotSeal, SecretKind, SecretPlace
from application.secret import Secret
from entrypoints.cli.asking import Parts, ask, author, read_settings
from entrypoints.cli.failure import Exit, Failure, unknown
from entrypoints.cli.terminal import Column, hint, json_option, print_json, print_table, say
from entrypoints.web.links import login_link

T = TypeVar("T")
_ROLES = click.Choice([role.value for role in Role])


@click.group()
def user() -> None:
    """People: viewers see, operators trade and configure, admins do everything."""


@user.command()
@click.argument("name")
@click.option("--role", type=_ROLES, default="viewer", show_default=True)
@click.option("--link", is_flag=True, help="Print a one-time link to choose a password.")
def add(name: str, role: str, *, link: bool) -> None:
    """Add a user. The password is typed or piped in; with --link the user chooses it."""
    password = None if link else _new_password(name)

    async def work(parts: Parts) -> Secret | None:
        hashed = None if password is None else await parts.passwords().hash(password)
        id = await parts.users().add(name, Role(role), hashed, author())
        return await parts.enroll().link(id) if password is None else None

    try:
        code = ask(work)
    except NameTaken:
        raise Failure(
            Exit.CHECK_FAILED,
            f"There is a user {name!r} already.",
            fix=f"signalman user password {name}   gives another password",
        ) from None
    say(f"✓ {name} may come in as {role}.")
    _show(code)


@user.command(name="list")
@json_option
def list_users(*, as_json: bool) -> None:
    """List the users."""

    async def work(parts: Parts) -> list[User]:
        return list(await parts.users().all())

    found = ask(work)
    if as_json:
        print_json([_out(one) for one in found])
        return
    if not found:
        say("No users yet: pages and API answer on this machine only.")
        hint("signalman user add NAME --role admin")
        return
    columns = (Column("user"), Column("role"), Column("codes"), Column("since (UTC)"))
    print_table(columns, [_row(one) for one in found])


@user.command()
@click.argument("name")
@click.option("--link", is_flag=True, help="Print a one-time link to choose it.")
def password(name: str, *, link: bool) -> None:
    """Give a user another password; every session ends."""
    chosen = None if link else _new_password(name)

    async def work(parts: Parts, one: User) -> Secret | None:
        if chosen is None:
            return await parts.enroll().link(one.id)
        hashed = await parts.passwords().hash(chosen)
        await parts.users().set_password(one.id, hashed, author())
        return None

    code = _with_user(name, work)
    if code is None:
        say(f"✓ {name} has another password, and must log in anew everywhere.")
    _show(code)


@user.command()
@click.argument("name")
@click.argument("wanted", metavar="ROLE", type=_ROLES)
def role(name: str, wanted: str) -> None:
    """Change what a user may do; every session ends."""

    async def work(parts: Parts, one: User) -> None:
        await parts.users().set_role(one.id, Role(wanted), author())

    _with_user(name, work)
    say(f"✓ {name} is {wanted} from the next login on.")


@user.command()
@click.argument("name")
def disable(name: str) -> None:
    """Shut a user out; every session ends. What the user did stays in the audit."""

    async def work(parts: Parts, one: User) -> None:
        await parts.users().disable(one.id, author())

    _with_user(name, work)
    say(f"✓ {name} is shut out.")


@user.command()
@click.argument("name")
@click.option("--end", is_flag=True, help="End all of them.")
@json_option
def sessions(name: str, *, end: bool, as_json: bool) -> None:
    """List where a user is logged in, or end it all."""

    async def work(parts: Parts, one: User) -> list[Session] | int:
        if end:
            return await parts.sessions().end_all(one.id)
        return list(await parts.sessions().of(one.id))

    found = _with_user(name, work)
    if isinstance(found, int):
        say(f"✓ {wording.plural(found, 'session')} ended.")
        return
    rows = [
        (wording.moment(one.seen_at)[:19], one.address, one.agent[:60]) for one in found
    ]
    if as_json:
        titles = ("seen_at", "address", "agent")
        print_json([dict(zip(titles, row, strict=True)) for row in rows])
        return
    print_table((Column("seen (UTC)"), Column("from"), Column("by", fold=True)), rows)


@user.command()
@click.argument("name")
@click.option("--off", is_flag=True, help="Ask for no codes any more.")
def totp(name: str, *, off: bool) -> None:
    """Ask a user for an authenticator's one-time code at every login."""

    async def stop(parts: Parts, one: User) -> None:
        await parts.users().set_totp(one.id, author(), on=False)
        await parts.sealed_secrets().forget(SecretPlace(SecretKind.TOTP, one.id), author())

    if off:
        _with_user(name, stop)
        say(f"✓ {name} logs in without codes.")
        return

    async def start(parts: Parts, one: User) -> bool:
        codes = parts.codes()
        secret = codes.new_secret()
        click.echo(codes.uri(secret, one.name).reveal())
        say("Let the authenticator scan or take this address. It is shown once.")
        code = click.prompt("The code it shows now", err=True).strip()
        step = codes.step(secret, code, parts.clock().now())
        if step is None:
            return False
        place = SecretPlace(SecretKind.TOTP, one.id)
        await parts.seal_secret()(place, {"totp": secret}, author())
        await parts.users().set_totp(one.id, author(), on=True)
        await parts.users().use_code(one.id, step)
        return True

    try:
        worked = _with_user(name, start)
    except CannotSeal as error:
        raise Failure(
            Exit.CONFIGURATION, "The codes were not set up.", str(error)
        ) from None
    if not worked:
        raise Failure(
            Exit.CHECK_FAILED,
            "That is not the code, and nothing was changed.",
            "The clocks of this machine and of the authenticator must agree.",
        )
    say(f"✓ {name} is asked for a code at every login.")


def _with_user(name: str, work: Callable[[Parts, User], Awaitable[T]]) -> T:
    async def found(parts: Parts) -> T:
        one = await parts.users().find(name)
        if one is None:
            names = [known.name for known in await parts.users().all()]
            raise unknown("user", name, names)
        return await work(parts, one)

    return ask(found)


def _new_password(name: str) -> Secret | None:
    """Return what is typed twice, or piped in; None where nothing comes."""
    if sys.stdin.isatty():
        typed = click.prompt(
            "Password", hide_input=True, confirmation_prompt=True, err=True
        )
    else:
        typed = sys.stdin.readline().rstrip("\r\n")
        if not typed:
            return None
    password = Secret(typed)
    problem = password_problem(password, name)
    if problem:
        raise Failure(Exit.USAGE, problem, fix="A sentence is easy to keep in mind.")
    return password


def _show(code: Secret | None) -> None:
    if code is not None:
        say("Open this once, within a day, to choose the password:")
        click.echo(login_link(read_settings(), code))


def _out(one: User) -> dict[str, object]:
    return {
        "name": one.name,
        "role": one.role.value,
        "codes": one.has_totp,
        "disabled": one.disabled,
        "has_password": one.password_hash is not None,
        "created_at": one.created_at,
    }


def _row(one: User) -> tuple[str, str, str, str]:
    role = "shut out" if one.disabled else one.role.value
    if one.password_hash is None:
        role += ", has no password yet"
    codes = "asked for" if one.has_totp else "no"
    return one.name, role, codes, wording.moment(one.created_at)[:19]
