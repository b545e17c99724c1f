"""`signalman state`: who may trade, now and from the last check before an order leaves."""

from collections.abc import Sequence

import rich_click as click

from application import wording
from application.ports.configuration import Deployed, Scope, StateChange
from domain.risk import TradingState
from entrypoints.cli.asking import Parts, ask, author
from entrypoints.cli.failure import Exit, Failure, unknown
from entrypoints.cli.terminal import (
    Column,
    json_option,
    print_json,
    print_table,
    say,
    state_text,
)
from entrypoints.web.render import state_out

_MEANING = {
    TradingState.ACTIVE: "Signals open and close. What came meanwhile is not replayed.",
    TradingState.REDUCING: "Nothing more is opened; exits and stops go on.",
    TradingState.HALTED: "Signals cause nothing; stops go on.",
}


@click.command()
@click.argument(
    "wanted",
    metavar="[active|reducing|halted]",
    type=click.Choice([state.name.lower() for state in TradingState]),
    required=False,
)
@click.option("--account", help="Of this account only.")
@click.option("--bot", help="Of this bot only.")
@click.option("--reason", default="", help="Why; it is kept in the audit.")
@json_option
def state(
    wanted: str | None, account: str | None, bot: str | None, reason: str, *, as_json: bool
) -> None:
    """Show the trading states, or set one.

    `active` trades, `reducing` only closes, `halted` does nothing on signals. The strictest
    of installation, account and bot counts, also after a restart, and it takes effect at
    the last check before an order leaves.
    """
    scope, name = scope_of(account, bot)
    if wanted is not None:
        _set(scope, name, TradingState[wanted.upper()], reason)
    elif reason or scope is not Scope.GLOBAL:
        raise click.UsageError("Say which state to set: active, reducing or halted.")
    states = ask(_states)
    if as_json:
        print_json([state_out(change) for change in states])
        return
    if wanted is None:
        _show(states)
        return
    of = f"{scope.value} {name}" if name else "the whole installation"
    say(f"✓ {of[0].upper()}{of[1:]} is {wanted}. {_MEANING[TradingState[wanted.upper()]]}")


async def _states(parts: Parts) -> Sequence[StateChange]:
    return await parts.configuration().states()


def scope_of(account: str | None, bot: str | None) -> tuple[Scope, str]:
    """Return what the options name: an account, a bot, or the installation."""
    if account is not None and bot is not None:
        raise click.UsageError("Name an account or a bot, not both.")
    if account is not None:
        return Scope.ACCOUNT, account
    return (Scope.BOT, bot) if bot is not None else (Scope.GLOBAL, "")


def required_reason(reason: str, command: str) -> str:
    """Return the reason, which nobody may leave out."""
    if reason.strip():
        return reason.strip()
    raise Failure(
        Exit.USAGE,
        "A reason is needed.",
        "It is kept in the audit, for whoever asks later why trading changed.",
        f'{command} … --reason "exchange maintenance"',
    )


def not_known(scope: Scope, name: str, deployed: Deployed) -> Failure:
    """Return what to say about an account or bot that there is not."""
    bots = [one.config.name for one in deployed.bots]
    accounts = [one.config.name for one in deployed.accounts]
    return unknown(scope.value, name, bots if scope is Scope.BOT else accounts)


def _set(scope: Scope, name: str, state: TradingState, reason: str) -> None:
    why = required_reason(reason, "signalman state")

    async def work(parts: Parts) -> Deployed | None:
        configuration = parts.configuration()
        if await configuration.change_state(scope, name, state, author(why)):
            return None
        return await configuration.deployed()

    deployed = ask(work)
    if deployed is not None:
        raise not_known(scope, name, deployed)


def _show(states: Sequence[StateChange]) -> None:
    print_table(
        (
            Column("scope"),
            Column("name"),
            Column("state"),
            Column("since (UTC)"),
            Column("by", extra=True),
            Column("reason", fold=True),
        ),
        [
            (
                "everything" if change.scope is Scope.GLOBAL else change.scope.value,
                change.name,
                state_text(change.state.name.lower()),
                wording.moment(change.at)[:19],
                f"{change.author.name} ({change.author.source})"
                if change.author.name
                else "",
                change.author.reason,
            )
            for change in states
        ],
    )
    if all(change.state is TradingState.ACTIVE for change in states):
        say("Nothing is reduced or halted.", "dim")
