"""`signalman account`: where orders go."""

import rich_click as click
from rich.text import Text

from application.ports.configuration import Deployed, DeployedAccount
from entrypoints.cli.asking import Parts, ask
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
from entrypoints.web.render import account_out

_COLUMNS = (
    Column("account"),
    Column("mode"),
    Column("exchange"),
    Column("start balance", right=True),
    Column("currency", extra=True),
    Column("bots", right=True, extra=True),
    Column("open positions", right=True, extra=True),
    Column("daily loss", right=True, extra=True),
)


@click.group()
def account() -> None:
    """Balances at a venue, paper or live."""


@account.command(name="list")
@json_option
def list_accounts(*, as_json: bool) -> None:
    """List the accounts with their limits."""

    async def work(parts: Parts) -> Deployed:
        return await parts.configuration().deployed()

    deployed = ask(work)
    if as_json:
        print_json([account_out(one) for one in deployed.accounts])
        return
    if not deployed.accounts:
        say("No accounts yet, so no bot can trade.")
        hint("signalman apply FILE.yaml   deploys accounts, feeds and bots")
        return
    print_table(_COLUMNS, [_row(one, deployed) for one in deployed.accounts])


def _row(one: DeployedAccount, deployed: Deployed) -> tuple[str | Text, ...]:
    config = one.config
    bots = sum(
        bot.config.account == config.name and not bot.archived for bot in deployed.bots
    )
    return (
        Text(config.name, style="dim" if one.archived else "bold"),
        "archived" if one.archived else config.mode.upper(),
        config.exchange,
        amount(config.paper.balance),
        config.paper.currency,
        str(bots),
        _limit(config.limits.open_positions),
        amount(config.limits.daily_loss),
    )


def _limit(value: int | None) -> str:
    return NOTHING if value is None else f"at most {value}"
