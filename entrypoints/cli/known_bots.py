"""Bots by name, with the nearest ones where a name is wrong."""

from application.ports.configuration import Deployed, DeployedBot
from entrypoints.cli.failure import Failure, unknown

DEPLOY = "signalman apply FILE.yaml   deploys bots"


def known_bot(deployed: Deployed, name: str) -> DeployedBot:
    """Return the bot of that name.

    Raises:
        Failure: When there is none, with the most similar names.
    """
    for bot in deployed.bots:
        if bot.config.name == name:
            return bot
    raise no_such_bot(deployed, name)


def no_such_bot(deployed: Deployed, name: str) -> Failure:
    """Return what to say about a bot that is not there."""
    return unknown("bot", name, [bot.config.name for bot in deployed.bots], DEPLOY)
