"""`signalman alert check`: a pasted message in words, before TradingView sends it."""

from typing import Any, NamedTuple

import rich_click as click
from rich.text import Text

from adapters.alert.malformed import MalformedAlert
from adapters.alert.message import AlertMessage
from adapters.alert.reading import parse
from application import wording
from application.ports.inbox import Routed
from application.preview_alert import Would
from application.reach import reach
from application.routing import chart_keys
from application.tracing.arrival import described, understood
from domain.reason_catalogue import entry, sentence
from domain.reasons import Finding
from domain.signal import AlertId, Signal
from entrypoints.cli.asking import Parts, ask
from entrypoints.cli.failure import Exit, Failure, end
from entrypoints.cli.terminal import hint, json_option, out, print_json


class Checked(NamedTuple):
    """What a message says, where it would go, and what each bot would make of it."""

    signal: Signal
    message: AlertMessage
    routes: tuple[tuple[str, Routed], ...]
    would: dict[str, tuple[Would, ...]]


@click.command()
@click.argument("file", type=click.File("rb"))
@json_option
def check(file: Any, *, as_json: bool) -> None:
    """Explain the alert message in FILE (- is what you paste, ended by Ctrl-D).

    Says whose message it is, what each field was read as, which bots it would reach and
    what they would do if it came now, with the numbers; or what is wrong, where, and what
    would be right. Nothing is sent and nothing is kept.
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

    async def work(parts: Parts) -> Checked:
        signal = message.signal(AlertId(0), parts.clock().now())
        routes = tuple(reach(signal, await parts.configuration().deployed()))
        ask_bot = parts.preview_alert()
        bots = {bot.id: bot.name for _, routed in routes for bot in routed.bots}
        would = {name: await ask_bot(signal, id) for id, name in bots.items()}
        return Checked(signal, message, routes, would)

    checked = ask(work)
    if as_json:
        print_json(_as_json(checked))
    else:
        _tell(checked)


def _tell(checked: Checked) -> None:
    console = out()
    _tell_reading(checked)
    console.print()
    for feed, routed in checked.routes:
        console.print(_reached(feed, routed))
    for bot, would in checked.would.items():
        for one in would:
            console.print(Text.assemble("\nBot ", (bot, "bold"), f": {one.sentence}"))
            for line in one.lines:
                console.print(Text(f"  {line}"))
    if not checked.routes:
        console.print(Text("No feed is deployed, so it can reach no bot.", style="yellow"))
        hint("signalman apply FILE.yaml   deploys feeds and bots")


def _tell_reading(checked: Checked) -> None:
    console, signal, message = out(), checked.signal, checked.message
    console.print(Text.assemble(("✓ ", "green"), f"This is {message.dialect.value}."))
    console.print(Text(f"  Understood as {understood(signal)}."))
    for reading in message.readings:
        said = f"  {reading.path} = {reading.value}  →  {reading.meaning}"
        console.print(Text(said, style="dim"))
    for line in described(signal):
        style = "yellow" if line.startswith("not read") else ""
        console.print(Text(f"  {line}", style=style))
    unnamed = "It has no id, so only the same body counts as a repeat."
    for line in (*message.hints, *([] if message.id else [unnamed])):
        console.print(Text(f"! {line}", style="yellow"))


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


def _as_json(checked: Checked) -> dict[str, object]:
    signal, message = checked.signal, checked.message
    return {
        "ok": True,
        "dialect": message.dialect.name.lower(),
        "readings": [reading._asdict() for reading in message.readings],
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
            for feed, routed in checked.routes
        ],
        "would": {
            bot: [
                {
                    "code": one.reason.value if one.reason else None,
                    "sentence": one.sentence,
                    "numbers": one.lines,
                }
                for one in would
            ]
            for bot, would in checked.would.items()
        },
    }
