"""`signalman alert send`: an alert as TradingView would send it, to the running server."""

import asyncio
import json
import time
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Any

import httpx
import rich_click as click

from application.apply_configuration import webhook_path
from application.explain_alert import ExplainAlert
from application.ports.views import AlertTrace
from application.records import JobStatus
from application.sample_alert import Wish, sample_alert
from domain.reasons import Reason
from domain.signal import POSITIONS, Action, AlertId
from entrypoints.cli.asking import Parts, ask, read_settings
from entrypoints.cli.failure import Exit, Failure
from entrypoints.cli.known_bots import known_bot
from entrypoints.cli.terminal import hint, json_option, out, print_json, say
from entrypoints.cli.token_file import kept_feeds, kept_token, token_path
from entrypoints.cli.webhook import local_url
from entrypoints.settings import Settings

ANSWER_SECONDS = 10
OUTCOME_SECONDS = 5
POLL_SECONDS = 0.05
_WEBHOOK = "/webhooks/tradingview"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What the command line asks for."""

    bot: str | None
    signal: str | None
    rsi: float | None
    price: str | None
    file: Any
    feed: str | None
    url: str | None
    token: str | None
    as_json: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Letter:
    """What is sent, and through which feed, if that is known."""

    body: bytes
    feed: str | None


@click.command()
@click.option("--bot", help="Send what this bot's chart would send, for this bot alone.")
@click.option(
    "--signal",
    type=click.Choice([action.value for action in POSITIONS], case_sensitive=False),
    help="What the alert asks for; left out, the bot decides by RSI.",
)
@click.option("--rsi", type=float, help="The RSI it carries.")
@click.option("--price", help="The price it carries.")
@click.option(
    "--file", type=click.File("rb"), help="Send this message (- is standard input)."
)
@click.option("--feed", help="Send through this feed.")
@click.option("--url", help="The webhook URL, or the server's address.")
@click.option("--token", help="The feed's token.")
@json_option
def send(**given: Any) -> None:
    """Send an alert to the running server over HTTP, and tell what it caused."""
    wanted = _Wanted(**given)
    if (wanted.bot is None) == (wanted.file is None):
        raise click.UsageError("Give --bot NAME or --file MESSAGE, one of them.")
    letter = _letter(wanted)
    answer = _post(_address(read_settings(), letter.feed, wanted), letter.body)
    said = _decoded(answer)
    if not answer.is_success:
        if wanted.as_json:
            print_json(said)
        raise _refused(answer, said)
    id = AlertId(int(said["alert_id"]))
    told = None if wanted.url else _outcome(id)
    if wanted.as_json:
        print_json({**said, "sentence": told})
        return
    repeated = answer.status_code == HTTPStatus.OK
    again = " It had arrived before, so nothing new happens." if repeated else ""
    say(f"✓ Accepted as alert {id}.{again}", "green")
    if told is not None:
        out().print(told)
    hint(f"signalman alert show {id}   explains it step by step")


def _price(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(0)
    if not value.is_finite() or value <= 0:
        raise click.UsageError(f"--price must be a positive number, was {text!r}.")
    return value


def _letter(wanted: _Wanted) -> _Letter:
    name = wanted.bot
    if name is None:
        return _Letter(body=wanted.file.read(), feed=wanted.feed)
    action = Action(wanted.signal.upper()) if wanted.signal else None
    wish = Wish(action=action, rsi=wanted.rsi, price=_price(wanted.price))

    async def work(parts: Parts) -> _Letter:
        found = known_bot(await parts.configuration().deployed(), name)
        body = sample_alert(found.config, wish, parts.clock().now())
        return _Letter(
            body=json.dumps(body).encode(), feed=wanted.feed or found.config.feed
        )

    return ask(work)


def _address(settings: Settings, feed: str | None, wanted: _Wanted) -> str:
    """Return the webhook's URL, with the token from wherever it is known."""
    if wanted.url is not None and _WEBHOOK in wanted.url:
        return wanted.url
    base = (wanted.url or _local(settings)).rstrip("/")
    token = wanted.token or _kept(settings, feed)
    return f"{base}{webhook_path(token)}"


def _kept(settings: Settings, feed: str | None) -> str:
    """Return the token that was kept on this machine.

    Raises:
        Failure: When there is none, saying how to get one.
    """
    kept = kept_feeds(settings)
    name = feed or (kept[0] if len(kept) == 1 else None)
    if name is None:
        why = (
            f"Tokens are kept here for the feeds {', '.join(kept)}."
            if kept
            else "Sending needs the feed's token, and none is kept on this machine."
        )
        raise Failure(
            Exit.CONFIGURATION, "It is not clear through which feed to send.", why, _FIX
        )
    token = kept_token(settings, name)
    if token is None:
        raise Failure(
            Exit.CONFIGURATION,
            f"The token of feed {name} is not kept on this machine.",
            "It is shown once and stored as a hash only; "
            f"there is no file {token_path(settings, name)}.",
            f"signalman feed rotate {name}   makes a new one, and keeps it here\n"
            "or give the URL that you have: --url https://…/webhooks/tradingview/…",
        )
    return token


_FIX = "Name it: --feed NAME\nor give the URL: --url https://…/webhooks/tradingview/…"


def _local(settings: Settings) -> str:
    return local_url(settings)


def _post(url: str, body: bytes) -> httpx.Response:
    try:
        return httpx.post(
            url,
            content=body,
            headers={"content-type": "application/json", "user-agent": "signalman"},
            timeout=ANSWER_SECONDS,
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        where = url.partition(_WEBHOOK)[0]
        raise Failure(
            Exit.NETWORK,
            f"No server answers at {where}.",
            str(error),
            "signalman up   starts one\n"
            "Where it listens on another port: --url http://127.0.0.1:PORT",
        ) from None


def _decoded(answer: httpx.Response) -> dict[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        said = None
    if isinstance(said, dict) and ("code" in said or "alert_id" in said):
        return said
    raise Failure(
        Exit.NETWORK,
        f"What answers there is not Signalman (HTTP {answer.status_code}).",
        answer.text[:200],
        "Give its address: --url http://127.0.0.1:PORT",
    )


def _refused(answer: httpx.Response, said: dict[str, Any]) -> Failure:
    code = Exit.NETWORK if answer.is_server_error else Exit.CHECK_FAILED
    kept = said.get("alert_id")
    fix = f"signalman alert show {kept}" if kept else ""
    if said.get("code") == Reason.AUTH_BAD_TOKEN.value:
        fix = "signalman feed rotate NAME   makes a new token, and keeps it here"
    what = f"The alert was refused with {answer.status_code} ({said.get('code', '')})."
    return Failure(code, what, str(said.get("detail", "")), fix)


def explainer(parts: Parts) -> ExplainAlert:
    """Return what tells an alert, with the rules and markets that are known."""
    return ExplainAlert(parts.views(), parts.configuration(), parts.known_listings())


def _outcome(id: AlertId) -> str | None:
    """Return what the alert caused, once it is known; None if that takes too long."""

    async def work(parts: Parts) -> str | None:
        views = parts.views()
        deadline = time.monotonic() + OUTCOME_SECONDS
        while True:
            found = await views.alert(id)
            if found is not None and _is_over(found):
                explained = await explainer(parts)(id)
                return explained.trace.sentence if explained else None
            if time.monotonic() > deadline:
                return None
            await asyncio.sleep(POLL_SECONDS)

    try:
        return ask(work)
    except Failure:
        return None


def _is_over(alert: AlertTrace) -> bool:
    reason = alert.alert.reason
    if reason is None or (reason is Reason.ROUTED and not alert.jobs):
        return False
    return all(job.status is JobStatus.DONE for job in alert.jobs)
