"""`signalman`: the root of the command line. It imports little, so the help is instant."""

import rich_click as click

from entrypoints.cli.failure import Failure
from entrypoints.cli.lazy import LazyGroup, Place

RUN, DEPLOY, WATCH, TRY, KEEP = "Run", "Deploy", "Watch", "Try", "Control"
_CLI = "entrypoints.cli."

PLACES = {
    "up": Place(f"{_CLI}process", "up", "Start everything, on embedded servers.", RUN),
    "web": Place(f"{_CLI}process", "web", "Serve the webhook, the API and the pages.", RUN),
    "worker": Place(f"{_CLI}process", "worker", "Work alerts into orders.", RUN),
    "scheduler": Place(f"{_CLI}process", "scheduler", "Turn what is due into work.", RUN),
    "migrate": Place(f"{_CLI}process", "migrate", "Bring the database up to date.", RUN),
    "health": Place(f"{_CLI}health", "health", "Ask a process whether it is well.", RUN),
    "doctor": Place(f"{_CLI}doctor", "doctor", "Check everything, each with its fix.", RUN),
    "apply": Place(f"{_CLI}apply", "apply", "Deploy a configuration file.", DEPLOY),
    "export": Place(f"{_CLI}apply", "export", "Print what is deployed, as YAML.", DEPLOY),
    "feed": Place(f"{_CLI}feed", "feed", "Where alerts come in, and their URLs.", DEPLOY),
    "account": Place(f"{_CLI}account", "account", "Where orders go.", DEPLOY),
    "bot": Place(f"{_CLI}bot", "bot", "Show, pause and archive bots.", DEPLOY),
    "limits": Place(f"{_CLI}limits", "limits", "The limits over all accounts.", DEPLOY),
    "pine": Place(f"{_CLI}pine", "pine", "An indicator for a bot's chart.", DEPLOY),
    "alert": Place(f"{_CLI}alert", "alert", "Send, check and explain alerts.", WATCH),
    "orders": Place(f"{_CLI}book", "orders", "The newest orders.", WATCH),
    "positions": Place(f"{_CLI}book", "positions", "What is open now.", WATCH),
    "trades": Place(f"{_CLI}book", "trades", "Completed trades.", WATCH),
    "stats": Place(
        f"{_CLI}stats", "stats", "What was earned, and what became of it.", WATCH
    ),
    "backtest": Place(f"{_CLI}backtest", "backtest", "Run a bot over a chart export.", TRY),
    "scorecard": Place(
        f"{_CLI}scorecard", "scorecard", "Whether the promises were kept.", WATCH
    ),
    "state": Place(f"{_CLI}state", "state", "Show or set who may trade.", KEEP),
    "audit": Place(f"{_CLI}audit", "audit", "Prove what happened, and export it.", KEEP),
    "user": Place(f"{_CLI}user", "user", "Who may log in.", KEEP),
    "token": Place(f"{_CLI}token", "token", "Which programs may use the API.", KEEP),
    "telegram": Place(f"{_CLI}telegram", "telegram", "Who is told in Telegram.", DEPLOY),
    "keys": Place(f"{_CLI}keys", "keys", "What seals the exchange keys.", KEEP),
    "order": Place(f"{_CLI}order", "order", "Settle an order that needs you.", KEEP),
    "reconcile": Place(
        f"{_CLI}reconcile", "reconcile", "What the venues hold, beside our books.", KEEP
    ),
    "flatten": Place(f"{_CLI}flatten", "flatten", "Halt, and close everything.", KEEP),
}


class Program(LazyGroup):
    """Ends a foreseeable failure with its own words and exit code."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except Failure as failure:
            from entrypoints.cli.terminal import err  # noqa: PLC0415 - the help needs none

            failure.tell(err())
            ctx.exit(failure.code)


@click.group(
    name="signalman",
    cls=Program,
    places=PLACES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="signalman", message="%(prog)s %(version)s")
@click.rich_config(
    help_config=click.RichHelpConfiguration(
        max_width=100, style_commands_table_column_width_ratio=(1, 4)
    )
)
def cli() -> None:
    """TradingView alerts in, exchange orders out; every decision explained.

    Start with `signalman up`, then `signalman apply FILE.yaml`.
    """


def main() -> None:
    """Run the command line."""
    cli(prog_name="signalman")


if __name__ == "__main__":
    main()
