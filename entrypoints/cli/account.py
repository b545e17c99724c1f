"""`signalman account`: where orders go."""

from collections.abc import Container, Sequence

import rich_click as click
from rich.text import Text

from application.ports.configuration import Deployed, DeployedAccount, Kind
from application.ports.vault import SealedRow
from application.records import AccountId
from entrypoints.cli.account_keys import set_keys
from entrypoints.cli.account_live import confirm_live
from entrypoints.cli.account_movements import movement
from entrypoints.cli.account_test import test_account
from entrypoints.cli.asking import Parts, ask
from entrypoints.cli.revisions import add_revisions
from entrypoints.cli.terminal import (
    NOTHING,
    Column,
    amount,
    hint,
    json_option,
    print_json,
    print_table,
    say,
)
from entrypoints.web.render import account_out, sealed_of

_COLUMNS = (
    Column("account"),
    Column("mode"),
    Column("exchange"),
    Column("keys"),
    Column("start balance", right=True),
    Column("currency", extra=True),
    Column("bots", right=True, extra=True),
    Column("open positions", right=True, extra=True),
    Column("daily loss", right=True, extra=True),
)


@click.group()
def account() -> None:
    """Balances at a venue, paper or live."""


account.add_command(set_keys)
account.add_command(test_account)
account.add_command(confirm_live)
account.add_command(movement)
add_revisions(account, Kind.ACCOUNT)


@account.command(name="list")
@json_option
def list_accounts(*, as_json: bool) -> None:
    """List the accounts with their limits."""

    async def work(parts: Parts) -> tuple[Deployed, Sequence[SealedRow]]:
        deployed = await parts.configuration().deployed()
        return deployed, await parts.sealed_secrets().all()

    deployed, rows = ask(work)
    keys = sealed_of(rows)
    if as_json:
        print_json([account_out(one, keys.get(one.id)) for one in deployed.accounts])
        return
    if not deployed.accounts:
        say("No accounts yet, so no bot can trade.")
        hint("signalman apply FILE.yaml   deploys accounts, feeds and bots")
        return
    print_table(_COLUMNS, [_row(one, deployed, keys) for one in deployed.accounts])


def _row(
    one: DeployedAccount, deployed: Deployed, keys: Container[AccountId]
) -> tuple[str | Text, ...]:
    config = one.config
    bots = sum(
        bot.config.account == config.name and not bot.archived for bot in deployed.bots
    )
    return (
        Text(config.name, style="dim" if one.archived else "bold"),
        "archived" if one.archived else config.mode.upper(),
        config.exchange,
        "sealed" if one.id in keys else NOTHING,
        amount(config.paper.balance),
        config.paper.currency,
        str(bots),
        _limit(config.limits.open_positions),
        amount(config.limits.daily_loss),
    )


def _limit(value: int | None) -> str:
    return NOTHING if value is None else f"at most {value}"
