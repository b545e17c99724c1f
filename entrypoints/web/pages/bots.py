"""Bots: what each may do, did and holds."""

from collections.abc import Sequence
from typing import NamedTuple

from litestar import get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, SkipValidation
from litestar.response import Template

from adapters.configuration.yaml_file import write_yaml
from application.configuration.writer import bot_tree
from application.ports.configuration import (
    ConfigurationStore,
    Deployed,
    DeployedBot,
    Kind,
    Scope,
    StateChange,
)
from application.ports.overview import Activity, Overviews
from application.ports.views import Only, Views
from domain.risk import TradingState
from entrypoints.web.pages.book import Held, entry_price, exit_price
from entrypoints.web.pages.frame import Frame
from entrypoints.web.pages.lines import Pill, work_line

Framed = SkipValidation[NamedDependency[Frame]]
Reader = SkipValidation[NamedDependency[Views]]
Sums = SkipValidation[NamedDependency[Overviews]]
Configuration = SkipValidation[NamedDependency[ConfigurationStore]]
SHOWN = 15


class BotLine(NamedTuple):
    """A bot in the list."""

    bot: DeployedBot
    mode: str
    pill: Pill
    did: Activity | None


@get("/bots", include_in_schema=False)
async def bots(frame: Framed, overviews: Sums, configuration: Configuration) -> Template:
    """List the bots."""
    deployed, states = await configuration.deployed(), await configuration.states()
    did = {one.bot: one for one in await overviews.activity()}
    lines = [line(one, deployed, states, did) for one in deployed.bots]
    context = {"frame": frame, "lines": [one for one in lines if not one.bot.archived]}
    archived = [one for one in lines if one.bot.archived]
    return Template("bots.html", context={**context, "archived": archived})


@get("/bots/{name:str}", include_in_schema=False)
async def bot(  # noqa: PLR0913, PLR0917 - each is a part that the page shows
    name: FromPath[str],
    frame: Framed,
    views: Reader,
    overviews: Sums,
    configuration: Configuration,
    held: SkipValidation[NamedDependency[list[Held]]],
) -> Template:
    """Show one bot whole: what it may do, holds, did, and how it is set."""
    found = await _line(name, configuration, overviews)
    trades = await views.trades(limit=SHOWN, bot=name)
    work = await views.work(limit=SHOWN, only=Only(bot=name))
    context = {
        "frame": frame,
        "line": found,
        "held": [one for one in held if one.row.bot == name],
        "trades": [(r, entry_price(r.trade), exit_price(r.trade)) for r in trades[::-1]],
        "lines": [work_line(row) for row in work],
        "settings": write_yaml(bot_tree(found.bot.config)),
        "history": await configuration.history(Kind.BOT, name),
    }
    return Template("bot.html", context=context)


async def _line(
    name: str, configuration: ConfigurationStore, overviews: Overviews
) -> BotLine:
    deployed, states = await configuration.deployed(), await configuration.states()
    did = {one.bot: one for one in await overviews.activity()}
    for one in deployed.bots:
        if one.config.name == name:
            return line(one, deployed, states, did)
    raise NotFoundException(f"There is no bot {name!r}.")


def line(
    bot: DeployedBot,
    deployed: Deployed,
    states: Sequence[StateChange],
    did: dict[str, Activity],
) -> BotLine:
    """Return a bot as the list shows it."""
    modes = {one.config.name: one.config.mode for one in deployed.accounts}
    name, account = bot.config.name, bot.config.account
    return BotLine(bot, modes.get(account, ""), _pill(bot, states), did.get(name))


def _pill(bot: DeployedBot, states: Sequence[StateChange]) -> Pill:
    """Return the strictest state that binds a bot, and where it comes from."""
    if bot.archived:
        return Pill("archived", "circle-minus", "quiet")
    if not bot.config.enabled:
        return Pill("disabled", "circle-pause", "quiet")
    bound = [
        one
        for one in states
        if one.scope is Scope.GLOBAL
        or (one.scope is Scope.ACCOUNT and one.name == bot.config.account)
        or (one.scope is Scope.BOT and one.name == bot.config.name)
    ]
    worst = max(bound, key=lambda one: one.state, default=None)
    if worst is None or worst.state is TradingState.ACTIVE:
        return Pill("active", "circle-check", "good")
    whose = {Scope.GLOBAL: "", Scope.ACCOUNT: " (account)", Scope.BOT: ""}[worst.scope]
    if worst.state is TradingState.HALTED:
        return Pill(f"halted{whose}", "octagon-pause", "bad")
    return Pill(f"exits only{whose}", "circle-pause", "warn")
