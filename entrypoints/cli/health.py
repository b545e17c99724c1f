"""`signalman health`: whether a process of this machine is well, for whoever watches it."""

import socket
from datetime import timedelta

import httpx
import rich_click as click

from application import wording
from entrypoints.cli.asking import Parts, ask, read_settings
from entrypoints.cli.failure import Exit, Failure
from entrypoints.cli.terminal import say
from entrypoints.settings import Settings

SILENT_MAX = timedelta(seconds=15)
"""A process says every two seconds that it lives; the database may be slow."""

ANSWER_SECONDS = 5.0
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where it listens
WELL = 200


@click.command()
@click.argument("role", type=click.Choice(["web", "worker", "scheduler"]))
def health(role: str) -> None:
    """Say whether the web server, a worker or a scheduler of this machine is well.

    Ends with 0 if it is, with 4 if it is not. The web server is asked over HTTP whether it
    can keep alerts; the others must have said lately, in the database, that they live.
    """
    settings = read_settings()
    said = _web(settings) if role == "web" else _process(settings, role)
    say(f"✓ {said}")


def _web(settings: Settings) -> str:
    host = ANYWHERE.get(settings.host, settings.host)
    host = f"[{host}]" if ":" in host else host
    url = f"http://{host}:{settings.port}/health/ready"
    try:
        answer = httpx.get(url, timeout=ANSWER_SECONDS, trust_env=False)
    except httpx.HTTPError as error:
        raise Failure(Exit.NETWORK, f"{url} does not answer.", f"{error}.") from None
    if answer.status_code != WELL:
        why = f"{answer.status_code}: {answer.text}"
        raise Failure(Exit.NETWORK, "Alerts cannot be kept now.", why)
    return f"{url} answers, and alerts can be kept."


def _process(settings: Settings, role: str) -> str:
    host = socket.gethostname()

    async def work(parts: Parts) -> timedelta | None:
        return await parts.pulse().silence(host, role)

    silent = ask(work, settings)
    if silent is None:
        raise Failure(Exit.NETWORK, f"No {role} has ever run on {host}.")
    if silent > SILENT_MAX:
        since = wording.duration(silent)
        raise Failure(Exit.NETWORK, f"The {role} on {host} has been silent for {since}.")
    return f"The {role} on {host} lives."
