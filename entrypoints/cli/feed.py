"""`signalman feed`: where alerts come in."""

import rich_click as click

from application import wording
from application.configuration.reader import read_feed
from application.configuration.values import FeedConfig
from application.ports.configuration import Deployed, DeployedFeed
from entrypoints.cli.asking import Parts, ask, author, read_settings
from entrypoints.cli.failure import Exit, Failure, unknown
from entrypoints.cli.terminal import Column, hint, json_option, print_json, print_table, say
from entrypoints.cli.token_file import kept_token
from entrypoints.cli.webhook import tell_url
from entrypoints.settings import Settings

_ADD = "signalman feed add NAME   makes one"
_COLUMNS = (
    Column("feed"),
    Column("made (UTC)"),
    Column("token here", extra=True),
    Column("bots", fold=True),
)


@click.group()
def feed() -> None:
    """Named intakes for alerts, each with a webhook URL of its own."""


@feed.command()
@click.argument("name")
def add(name: str) -> None:
    """Make a feed and print its webhook URL, once."""
    reading = read_feed({"name": name})
    if reading.value is None:
        raise Failure(
            Exit.USAGE,
            "That is no name for a feed.",
            "\n".join(str(problem) for problem in reading.problems),
        )
    config: FeedConfig = reading.value

    async def work(parts: Parts) -> str | None:
        applied = await parts.apply().add_feed(config, author())
        return applied.tokens.get(name)

    token = ask(work)
    if token is None:
        raise Failure(
            Exit.CHECK_FAILED,
            f"Feed {name} exists already.",
            "Its URL was shown when it was made and is kept as a hash only.",
            f"signalman feed rotate {name}   gives it a new URL; the old one lives 24 h",
        )
    say(f"✓ Feed {name} is ready.", "bold green")
    tell_url(read_settings(), name, token)


@feed.command(name="list")
@json_option
def list_feeds(*, as_json: bool) -> None:
    """List the feeds and the bots on each."""

    async def work(parts: Parts) -> Deployed:
        return await parts.configuration().deployed()

    deployed = ask(work)
    bots = {one.config.name: _bots(deployed, one.config.name) for one in deployed.feeds}
    if as_json:
        print_json(
            [
                {
                    "name": one.config.name,
                    "created_at": one.created_at,
                    "bots": bots[one.config.name],
                }
                for one in deployed.feeds
            ]
        )
        return
    if not deployed.feeds:
        say("No feeds yet, so no alert can come in.")
        hint(_ADD)
        return
    settings = read_settings()
    print_table(
        _COLUMNS, [_row(one, bots[one.config.name], settings) for one in deployed.feeds]
    )


def _bots(deployed: Deployed, feed: str) -> list[str]:
    return [
        bot.config.name
        for bot in deployed.bots
        if bot.config.feed == feed and not bot.archived
    ]


def _row(one: DeployedFeed, bots: list[str], settings: Settings) -> tuple[str, ...]:
    return (
        one.config.name,
        wording.moment(one.created_at)[:19],
        "yes" if kept_token(settings, one.config.name) else "no",
        ", ".join(bots) or "none",
    )


@feed.command()
@click.argument("name")
def rotate(name: str) -> None:
    """Give a feed a new webhook URL; the old one goes on for 24 hours."""

    async def work(parts: Parts) -> tuple[str | None, list[str]]:
        token = await parts.apply().rotate_token(name, author())
        deployed = await parts.configuration().deployed()
        return token, [one.config.name for one in deployed.feeds]

    token, known = ask(work)
    if token is None:
        raise unknown("feed", name, known, _ADD)
    say(
        f"✓ Feed {name} has a new URL. The old one is accepted for another 24 h.",
        "bold green",
    )
    tell_url(read_settings(), name, token)
