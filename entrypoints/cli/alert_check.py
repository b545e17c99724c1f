"""`signalman alert check`: a pasted message in words, before TradingView sends it."""

from typing import Any

import rich_click as click
from rich.text import Text

from adapters.alert.malformed import MalformedAlert
from adapters.alert.message import AlertMessage
from adapters.alert.reading import parse
from application import wording
from application.ports.configuration import Deployed
from application.ports.inbox import Routed
from application.reach import reach
from application.routing import chart_keys
from application.tracing.arrival import described, understood
from domain.reason_catalogue import entry, sentence
from domain.reasons import Finding
from domain.signal import AlertId, Signal
from entrypoints.cli.asking import Parts, ask
from entrypoints.cli.failure import Exit, Failure, end
from entrypoints.cli.terminal import hint, json_option, out, print_json


@click.command()
@click.argument("file", type=click.File("rb"))
@json_option
def check(file: Any, *, as_json: bool) -> None:
    """Explain the alert message in FILE (- is what you paste, ended by Ctrl-D).

    Says what is understood, what is not read, and which bots it would reach, or what is
    wrong, where, and what would be right. Nothing is sent.
    """
    body: bytes = file.read()
    try:
        message = parse(body)
    except MalformedAlert as error:
        if as_json:
            print_json({"ok": False, "code": error.reason.value, "detail": error.detail})
            end(Exit.CHECK_FAILED)
        raise Failure(
            Exit.CHECK_FAILED,
            f"The message would be refused ({error.reason.value}).",
            error.detail,
            entry(error.reason).fix,
        ) from None

    async def work(parts: Parts) -> tuple[Signal, Deployed]:
        signal = message.signal(AlertId(0), parts.clock().now())
        return signal, await parts.configuration().deployed()

    signal, deployed = ask(work)
    routes = list(reach(signal, deployed))
    if as_json:
        print_json(_as_json(signal, message, routes))
    else:
        _tell(signal, message, routes)


def _tell(signal: Signal, message: AlertMessage, routes: list[tuple[str, Routed]]) -> None:
    console = out()
    console.print(Text.assemble(("✓ ", "green"), f"Understood as {understood(signal)}."))
    for line in described(signal):
        style = "yellow" if line.startswith("not read") else ""
        console.print(Text(f"  {line}", style=style))
    for line in message.hints:
        console.print(Text(f"! {line}", style="yellow"))
    if message.id is None:
        console.print(
            Text(
                "! It has no id, so only the same body counts as a repeat.", style="yellow"
            )
        )
    console.print()
    for feed, routed in routes:
        console.print(_reached(feed, routed))
    if not routes:
        console.print(Text("No feed is deployed, so it can reach no bot.", style="yellow"))
        hint("signalman apply FILE.yaml   deploys feeds and bots")


def _reached(feed: str, routed: Routed) -> Text:
    names = [bot.name for bot in routed.bots]
    if names:
        word = "bot" if len(names) == 1 else "bots"
        return Text.assemble(
            ("✓ ", "green"),
            f"Through feed {feed} it reaches {word} ",
            (wording.listed(names), "bold"),
        )
    finding = Finding(
        routed.reason, passed=False, value=routed.value or None, limit=routed.limit or None
    )
    why = f"{sentence(finding)} {entry(routed.reason).fix}"
    return Text.assemble(("✗ ", "red"), f"Through feed {feed} it reaches no bot. {why}")


def _as_json(
    signal: Signal, message: AlertMessage, routes: list[tuple[str, Routed]]
) -> dict[str, object]:
    return {
        "ok": True,
        "signal": signal.action.value if signal.action else None,
        "closes": signal.closes.value if signal.closes else None,
        "rsi": signal.rsi,
        "rsi_length": signal.rsi_length,
        "price": signal.price,
        "high": signal.high,
        "low": signal.low,
        "bar_time": signal.bar_time,
        "sent_at": signal.sent_at,
        "id": message.id,
        "bot": signal.bot,
        "charts": chart_keys(signal),
        "not_read": dict(signal.extra),
        "hints": message.hints,
        "reaches": [
            {
                "feed": feed,
                "bots": [bot.name for bot in routed.bots],
                "code": routed.reason.value,
            }
            for feed, routed in routes
        ],
    }
