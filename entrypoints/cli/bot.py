"""`signalman bot`: show, pause, resume and archive bots, and who changed them when."""

from collections.abc import Sequence
from textwrap import indent

import rich_click as click
from rich.text import Text

from adapters.configuration.yaml_file import write_yaml
from application import wording
from application.alert_template import actions_of, alert_template
from application.configuration.writer import bot_tree
from application.ports.configuration import (
    Deployed,
    DeployedBot,
    Kind,
    Scope,
    StateChange,
)
from application.ports.views import PositionRow
from domain.risk import TradingState
from entrypoints.cli.asking import Parts, ask, author
from entrypoints.cli.failure import Exit, Failure
from entrypoints.cli.known_bots import DEPLOY, known_bot, no_such_bot
from entrypoints.cli.revisions import add_revisions
from entrypoints.cli.terminal import (
    Column,
    hint,
    json_option,
    out,
    print_json,
    print_table,
    say,
    state_text,
)
from entrypoints.web.render import bot_out

Seen = tuple[Deployed, Sequence[StateChange], Sequence[PositionRow]]

_COLUMNS = (
    Column("bot"),
    Column("state"),
    Column("account", extra=True),
    Column("chart"),
    Column("symbol", extra=True),
    Column("strategy", extra=True),
    Column("holds", right=True),
)


@click.group()
def bot() -> None:
    """The traders: each an account, a chart, a strategy and its limits."""


@bot.command(name="list")
@click.option("--all", "with_archived", is_flag=True, help="Archived bots as well.")
@json_option
def list_bots(*, with_archived: bool, as_json: bool) -> None:
    """List the bots with what they hold and whether they may trade."""
    deployed, states, positions = ask(_seen)
    bots = [one for one in deployed.bots if with_archived or not one.archived]
    if as_json:
        print_json([bot_out(one) for one in bots])
        return
    if not bots:
        say("No bots yet.")
        hint(DEPLOY)
        return
    held = {row.bot: row for row in positions}
    rows = [_row(one, states, held.get(one.config.name)) for one in bots]
    print_table(_COLUMNS, rows)


@bot.command()
@click.argument("name")
@json_option
def show(name: str, *, as_json: bool) -> None:
    """Show a bot whole: its state, its settings and the message for TradingView."""
    deployed, states, positions = ask(_seen)
    found = known_bot(deployed, name)
    tree = {**bot_tree(found.config), "symbol": found.symbol}
    if as_json:
        print_json({"bot": bot_out(found), "configuration": tree})
        return
    held = next((row for row in positions if row.bot == name), None)
    console = out()
    console.print(Text.assemble((name, "bold"), "  ", _state(found, states)))
    console.print(Text(f"revision {found.revision}, holds {_holds(held)}"))
    console.print(Text("\nSettings", style="bold"))
    console.print(_indented(write_yaml(tree)))
    console.print(Text("Messages for the alerts in TradingView", style="bold"))
    for action in actions_of(found.config):
        console.print(_indented(alert_template(found.config, action) + "\n"))


add_revisions(bot, Kind.BOT)


@bot.command()
@click.argument("name")
@click.option("--reason", default="paused by hand", help="Why, for the audit.")
def pause(name: str, reason: str) -> None:
    """Let a bot enter nothing more; exits and stops go on (REDUCING)."""
    _set(name, TradingState.REDUCING, reason)
    say(f"✓ Bot {name} is paused: it closes, and opens nothing.", "yellow")
    hint(f"signalman bot resume {name}")


@bot.command()
@click.argument("name")
@click.option("--reason", default="resumed by hand", help="Why, for the audit.")
def resume(name: str, reason: str) -> None:
    """Let a bot trade again. What it missed is not replayed."""
    _set(name, TradingState.ACTIVE, reason)
    say(f"✓ Bot {name} is active. What came meanwhile is not replayed.", "green")
    hint(f"signalman alert list --bot {name}   lists what came")


@bot.command()
@click.argument("name")
@click.option("--reason", default="", help="Why, for the history.")
def archive(name: str, reason: str) -> None:
    """Take a flat bot out of use. It is kept with everything it did."""

    async def work(parts: Parts) -> DeployedBot:
        configuration = parts.configuration()
        found = known_bot(await configuration.deployed(), name)
        if not found.archived:
            await configuration.edit((), (name,), author(reason))
        return found

    if ask(work).archived:
        say(f"Bot {name} was archived already.")
        return
    say(f"✓ Bot {name} is archived.", "green")


async def _seen(parts: Parts) -> Seen:
    configuration = parts.configuration()
    return (
        await configuration.deployed(),
        await configuration.states(),
        await parts.views().positions(),
    )


def _set(name: str, state: TradingState, reason: str) -> None:
    if not reason.strip():
        raise Failure(Exit.USAGE, "A reason is needed.", "It is kept in the audit.")

    async def work(parts: Parts) -> None:
        configuration = parts.configuration()
        known = await configuration.change_state(Scope.BOT, name, state, author(reason))
        if not known:
            raise no_such_bot(await configuration.deployed(), name)

    ask(work)


def _row(
    one: DeployedBot, states: Sequence[StateChange], held: PositionRow | None
) -> tuple[str | Text, ...]:
    return (
        Text(one.config.name, style="bold"),
        _state(one, states),
        one.config.account,
        one.config.chart.key,
        one.symbol,
        one.config.rules.strategy,
        _holds(held),
    )


def _state(one: DeployedBot, states: Sequence[StateChange]) -> Text:
    """Return the strictest state that binds a bot, and where it comes from."""
    if one.archived:
        return Text("archived", style="dim")
    if not one.config.enabled:
        return Text("disabled", style="yellow")
    names = {
        Scope.GLOBAL: "",
        Scope.ACCOUNT: one.config.account,
        Scope.BOT: one.config.name,
    }
    binding = [change for change in states if change.name == names[change.scope]]
    strictest = max(binding, key=lambda change: change.state, default=None)
    if strictest is None or strictest.state is TradingState.ACTIVE:
        return state_text("active")
    source = "" if strictest.scope is Scope.BOT else f" ({strictest.scope.value})"
    return Text.assemble(state_text(strictest.state.name.lower()), source)


def _holds(row: PositionRow | None) -> str:
    if row is None or row.position.side is None:
        return "nothing"
    return f"{row.position.side.value} {wording.number(row.position.quantity)}"


def _indented(text: str) -> Text:
    return Text(indent(text, "  "))
