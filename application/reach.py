"""Which bots a message would reach if it came now, without sending it."""

from collections.abc import Iterator

from application.ports.configuration import Deployed, DeployedBot
from application.ports.inbox import Candidates, RosterBot, Routed
from application.records import AccountId, Key
from application.routing import chart_keys, route
from domain.signal import Signal


def reach(signal: Signal, deployed: Deployed) -> Iterator[tuple[str, Routed]]:
    """Yield every feed with the bots that the message would reach, or why none."""
    accounts = {one.config.name: one.id for one in deployed.accounts}
    for feed in deployed.feeds:
        bots = [
            _rostered(bot, accounts[bot.config.account])
            for bot in deployed.bots
            if bot.config.feed == feed.config.name and not bot.archived
        ]
        yield feed.config.name, route(signal, _candidates(signal, bots))


def _candidates(signal: Signal, bots: list[RosterBot]) -> Candidates:
    charts = chart_keys(signal)
    named = (bot for bot in bots if bot.name == signal.bot)
    return Candidates(
        on_charts=tuple(bot for bot in bots if bot.chart_key in charts),
        named=next(named, None),
        enabled=tuple(bot for bot in bots if bot.enabled)[:2],
    )


def _rostered(bot: DeployedBot, account: AccountId) -> RosterBot:
    return RosterBot(
        id=bot.id,
        name=bot.config.name,
        enabled=bot.config.enabled,
        chart_key=bot.config.chart.key,
        key=Key(account, bot.symbol),
    )
