"""`signalman pine`: the indicator whose alerts a bot understands."""

import rich_click as click

from application.alert_template import actions_of, alert_template
from application.pine import pine as script_of
from application.pine import tells_sides
from application.ports.configuration import DeployedBot
from entrypoints.cli.asking import Parts, ask
from entrypoints.cli.failure import Exit, Failure
from entrypoints.cli.known_bots import known_bot
from entrypoints.cli.terminal import hint, say


@click.command()
@click.argument("bot")
@click.option("--message", is_flag=True, help="Print the plain alert message instead.")
def pine(bot: str, *, message: bool) -> None:
    """Print a Pine v6 indicator with this bot's RSI settings, for its TradingView chart.

    It fires on every bar close with the right message, in the neutral zone as well. With
    --message: the text for the alert dialog of an indicator of your own.
    """

    async def work(parts: Parts) -> DeployedBot:
        return known_bot(await parts.configuration().deployed(), bot)

    found = ask(work)
    if message:
        for action in actions_of(found.config):
            click.echo(alert_template(found.config, action))
        return
    if tells_sides(found.config):
        raise Failure(
            Exit.CHECK_FAILED,
            f"Bot {bot} follows the alert's LONG, SHORT and CLOSE.",
            "An RSI indicator cannot tell them; your own strategy or indicator does.",
            f"signalman pine {bot} --message   prints the messages for it",
        )
    click.echo(script_of(found.config, found.revision), nl=False)
    say(f"\nFor the chart {found.config.chart.key}. In TradingView:", "bold")
    say("1. Pine Editor: paste, save, add to the chart.")
    say("2. Alert: condition this indicator, Any alert() function call.")
    say("3. Notifications: the webhook URL of the feed " + found.config.feed + ".")
    hint("signalman alert list   shows the first alert within one bar")
