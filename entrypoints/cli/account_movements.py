"""`signalman account movement`: deposits, withdrawals and funding, for the statement."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

import rich_click as click

from application.ports.configuration import Deployed
from application.ports.movements import Movement, MovementDiffers, MovementKind
from application.wording import moment
from entrypoints.cli.asking import Parts, ask, author
from entrypoints.cli.failure import Exit, Failure, unknown
from entrypoints.cli.terminal import (
    Column,
    amount,
    hint,
    json_option,
    print_json,
    print_table,
    say,
)
from entrypoints.web.render import exact

FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
_AT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])
_COLUMNS = (
    Column("at"),
    Column("kind"),
    Column("amount", right=True),
    Column("currency"),
    Column("reference"),
)


@click.group(name="movement")
def movement() -> None:
    """Money that came to an account or left it otherwise than by trading."""


@movement.command()
@click.argument("account")
@click.option(
    "--kind", required=True, type=click.Choice([one.value for one in MovementKind])
)
@click.option("--amount", "text", required=True, help="Funding that was paid is below 0.")
@click.option("--currency", required=True)
@click.option("--at", required=True, type=_AT, help="When, UTC.")
@click.option("--reference", required=True, help="The exchange's own number of it.")
@click.option("--reason", default="", help="For whoever asks later.")
def add(  # noqa: PLR0913, PLR0917 - each is an option
    account: str,
    kind: str,
    text: str,
    currency: str,
    at: datetime,
    reference: str,
    reason: str,
) -> None:
    """Record a movement; with the same reference again nothing is recorded twice."""
    made = _movement(kind, text, currency, at, reference)

    async def work(parts: Parts) -> Deployed | bool | str:
        deployed = await parts.configuration().deployed()
        ids = {one.config.name: one.id for one in deployed.accounts}
        if account not in ids:
            return deployed
        try:
            return await parts.movements().add(ids[account], made, author(reason))
        except MovementDiffers as error:
            return str(error)

    found = ask(work)
    if isinstance(found, Deployed):
        raise unknown("account", account, [one.config.name for one in found.accounts])
    if isinstance(found, str):
        raise Failure(
            Exit.CONFIGURATION,
            f"{found}: nothing was recorded.",
            "A reference names one movement of an account.",
            f"See what is kept: signalman account movement list {account}",
        )
    said = f"{kind} of {amount(made.amount)} {made.currency}, {moment(made.at)}"
    say(f"✓ Recorded for {account}: {said}." if found else f"✓ Known already: {said}.")
    hint(f"signalman audit statement {account} {at:%Y-%m}   has it")


@movement.command(name="list")
@click.argument("account")
@json_option
def list_movements(account: str, *, as_json: bool) -> None:
    """List an account's movements, oldest first."""

    async def work(parts: Parts) -> Deployed | Sequence[Movement]:
        deployed = await parts.configuration().deployed()
        ids = {one.config.name: one.id for one in deployed.accounts}
        if account not in ids:
            return deployed
        return await parts.movements().of(ids[account], FIRST, LAST)

    found = ask(work)
    if isinstance(found, Deployed):
        raise unknown("account", account, [one.config.name for one in found.accounts])
    if as_json:
        print_json([_out(one) for one in found])
        return
    if not found:
        say(f"Nothing but trading has moved {account}'s money, as far as it is recorded.")
        return
    rows = [
        (
            moment(one.at),
            one.kind.value,
            amount(one.amount),
            one.currency,
            one.reference,
        )
        for one in found
    ]
    print_table(_COLUMNS, rows)


def _movement(
    kind: str, text: str, currency: str, at: datetime, reference: str
) -> Movement:
    try:
        return Movement(
            kind=MovementKind(kind),
            amount=Decimal(text),
            currency=currency.strip().upper(),
            at=at.replace(tzinfo=UTC),
            reference=reference.strip(),
        )
    except InvalidOperation:
        message = f"--amount must be a number such as 250.50, was {text!r}"
        raise click.UsageError(message) from None
    except ValueError as error:
        raise click.UsageError(f"{error}") from None


def _out(one: Movement) -> dict[str, str]:
    return {
        "kind": one.kind.value,
        "amount": exact(one.amount),
        "currency": one.currency,
        "at": one.at.isoformat(),
        "reference": one.reference,
    }
