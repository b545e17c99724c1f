"""`signalman alert`: send, check, explain and list alerts."""

from collections.abc import Sequence
from textwrap import indent

import rich_click as click
from rich.text import Text

from application import wording
from application.explain_alert import Explained
from application.ports.views import AlertSummary, RefusedRequest
from application.tracing.arrival import chart_name, understood
from domain.reason_catalogue import entry
from domain.reasons import Reason, ReasonClass
from domain.signal import AlertId
from entrypoints.cli.alert_check import check
from entrypoints.cli.alert_replay import replay
from entrypoints.cli.alert_send import explainer, send
from entrypoints.cli.asking import Parts, ask
from entrypoints.cli.book import bot_option, limit_option
from entrypoints.cli.failure import Exit, Failure
from entrypoints.cli.known_bots import known_bot
from entrypoints.cli.terminal import (
    NOTHING,
    Column,
    hint,
    json_option,
    out,
    print_json,
    print_table,
    say,
)
from entrypoints.cli.trace_view import trace_json, trace_view
from entrypoints.web.render import alert_out, refused_out

_STYLES = {ReasonClass.TRADED: "green", ReasonClass.DECISION: "dim"}

_COLUMNS = (
    Column("alert", right=True),
    Column("received (UTC)"),
    Column("chart", extra=True),
    Column("says", fold=True),
    Column("led to", fold=True),
)

_REFUSED_COLUMNS = (
    Column("refused (UTC)"),
    Column("from"),
    Column("reason"),
    Column("bytes", right=True, extra=True),
    Column("what to do", fold=True),
)


@click.group()
def alert() -> None:
    """What TradingView sends, and what became of it."""


alert.add_command(send)
alert.add_command(check)
alert.add_command(replay)


@alert.command()
@click.argument("id", type=click.IntRange(min=1))
@click.option("--details/--no-details", default=True, help="The numbers behind each step.")
@json_option
def show(id: int, *, details: bool, as_json: bool) -> None:
    """Explain why alert ID did or did not trade, step by step."""

    async def work(parts: Parts) -> Explained | None:
        explain = explainer(parts)
        return await explain(AlertId(id))

    explained = ask(work)
    if explained is None:
        raise Failure(
            Exit.CHECK_FAILED,
            f"There is no alert {id}.",
            "",
            "signalman alert list   shows the newest ones",
        )
    if as_json:
        print_json(trace_json(id, explained))
        return
    console = out()
    for part in trace_view(explained.trace, details=details):
        console.print(part)
    if details:
        console.print(Text("\nThe message as it came, secrets masked", style="bold"))
        console.print(Text(indent(explained.alert.alert.body, "  ")), soft_wrap=True)


@alert.command(name="list")
@bot_option
@limit_option(20)
@json_option
def list_alerts(bot: str | None, limit: int, *, as_json: bool) -> None:
    """List the newest alerts and what each led to."""

    async def work(parts: Parts) -> Sequence[AlertSummary]:
        if bot is not None:
            known_bot(await parts.configuration().deployed(), bot)
        return await parts.views().alerts(limit=limit, bot=bot)

    rows = ask(work)
    if as_json:
        print_json([alert_out(row) for row in rows])
        return
    if not rows:
        say(f"No alerts {'for ' + bot if bot else 'received'} yet.")
        hint("signalman feed list   shows where they come in")
        hint("signalman alert send --bot NAME --rsi 25   sends one as TradingView would")
        return
    print_table(
        _COLUMNS,
        [_summary(row) for row in rows],
    )
    hint(f"signalman alert show {rows[0].id}   explains one")


@alert.command()
@limit_option(20)
@json_option
def refused(limit: int, *, as_json: bool) -> None:
    """List requests that never became alerts: a wrong token, or too large."""

    async def work(parts: Parts) -> Sequence[RefusedRequest]:
        return await parts.views().refused(limit=limit)

    rows = ask(work)
    if as_json:
        print_json([refused_out(row) for row in rows])
        return
    if not rows:
        say("No request has been refused: nothing knocked with a wrong token or too large.")
        hint("signalman alert list   shows what came in")
        return
    print_table(
        _REFUSED_COLUMNS,
        [
            (
                wording.moment(row.at),
                row.source,
                row.reason.value,
                f"{row.size:,}",
                row.detail,
            )
            for row in rows
        ],
    )


def _summary(row: AlertSummary) -> tuple[str | Text, ...]:
    signal = row.signal
    again = f" ({row.duplicates + 1} times)" if row.duplicates else ""
    said = "" if signal is None else understood(signal).split(" on ")[0]
    return (
        str(row.id),
        wording.moment(row.received_at),
        (chart_name(signal) or NOTHING) if signal else NOTHING,
        said + again,
        _outcome(row),
    )


def _outcome(row: AlertSummary) -> Text:
    if not row.outcomes:
        return _code(row.reason)
    parts: list[Text] = []
    for bot, reason in row.outcomes:
        parts.append(Text.assemble(f"{bot}: ", _code(reason)))
    return Text(", ").join(parts)


def _code(reason: Reason | None) -> Text:
    if reason is None:
        return Text("waiting", style="yellow")
    return Text(reason.value, style=_STYLES.get(entry(reason).reason_class, "yellow"))
