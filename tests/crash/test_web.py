"""A web process that dies at any checkpoint: what it acknowledged is kept, and once."""

import os
import signal
from typing import Any

import httpx

from tests.crash.checkpoints import ANSWERED, WEB, Fate, Way
from tests.crash.conftest import Lend
from tests.crash.installation import (
    Installation,
    bodies,
    everyone,
    installation,
    met,
)
from tests.crash.program import forks

FIRST, SECOND = bodies(2)


async def test_an_alert_whose_web_process_is_killed_at_any_checkpoint_is_sent_again(
    lend: Lend,
) -> None:
    fates = [Fate(checkpoint) for checkpoint in WEB]
    await everyone({str(fate): _sent_again(lend, fate) for fate in fates})


async def _sent_again(lend: Lend, fate: Fate) -> None:
    """Lose the connection instead of an answer, and send the same alert once more."""
    async with lend() as servers, installation(servers) as place:
        place.start("worker")
        async with place.serve(fate) as (mortal, client):
            unanswered = await _answer(client, place, FIRST)
            await met(mortal, fate)
        async with place.serve() as (_, client):
            again = await _answer(client, place, FIRST)
            new = await _answer(client, place, SECOND)
        await place.settled()
        await place.keeps_every_promise()
        kept = fate.checkpoint is not WEB[0]
        assert unanswered is None
        assert again == ("duplicate" if kept else "accepted")
        assert new == "accepted"
        assert await place.alerts_and_jobs() == (2, 2)


async def test_an_alert_that_was_answered_and_never_rung_trades_all_the_same(
    lend: Lend,
) -> None:
    fate = Fate(ANSWERED, Way.WITHHELD, reached=forks.Event())
    async with lend() as servers, installation(servers) as place:
        async with place.serve(fate) as (mortal, client):
            answered = await _answer(client, place, FIRST)
            await met(mortal, fate)
            os.kill(mortal.pid or 0, signal.SIGKILL)
        place.start("worker")
        await place.settled()
        await place.keeps_every_promise()
        assert answered == "accepted"
        assert await place.alerts_and_jobs() == (1, 1)


async def _answer(
    client: httpx.AsyncClient, place: Installation, body: dict[str, Any]
) -> str | None:
    """Return what was answered; None where the connection ended without an answer."""
    try:
        answer = await client.post(place.path, json=body)
    except httpx.TransportError:
        return None
    assert answer.is_success, answer.text
    place.acknowledged.append(answer.json()["alert_id"])
    return str(answer.json()["status"])
