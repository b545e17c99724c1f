"""`signalman telegram` and what the doctor says of it, on a Bot API on loopback."""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.adapters.notifier.bot_api import TOKEN, FaultyBotApi, faulty
from tests.architecture.sources import ROOT
from tests.entrypoints.cli.conftest import Terminal


@contextmanager
def in_a_thread() -> Iterator[FaultyBotApi]:
    """Yield a Bot API served beside the command, which has an event loop of its own."""
    loop, ready, ending = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    served: list[FaultyBotApi] = []

    async def serve() -> None:
        async with faulty() as api:
            served.append(api)
            ready.set()
            await ending.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait(10)
    try:
        yield served[0]
    finally:
        loop.call_soon_threadsafe(ending.set)
        thread.join()
        loop.close()


@pytest.fixture
def api(signalman: Terminal, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyBotApi]:
    """Give a Bot API that the command line is told of."""
    del signalman
    with in_a_thread() as one:
        monkeypatch.setenv("SIGNALMAN_TELEGRAM_TOKEN", TOKEN)
        monkeypatch.setenv("SIGNALMAN_TELEGRAM_API_URL", one.url)
        yield one


def health(signalman: Terminal) -> dict[str, str]:
    """Return what the doctor says of each thing."""
    checks = json.loads(signalman("doctor", "--json").stdout)
    return {one["name"]: f"{one['health']}: {one['detail']}" for one in checks}


def link_from(api: FaultyBotApi, *, chat: int, title: str = "") -> dict[str, object]:
    """Link as a person does: read the code off the screen and send it from a chat."""
    command = [sys.executable, "-m", "entrypoints.cli.main", "telegram", "link", "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as running:
        assert running.stderr is not None
        shown = next(line for line in running.stderr if "/link" in line)
        api.hears(shown.strip().lower(), chat=chat, title=title)
        told, _ = running.communicate(timeout=60)
    linked: dict[str, object] = json.loads(told)
    return linked


def test_without_a_token_the_way_to_one_is_shown(signalman: Terminal) -> None:
    result = signalman("telegram", "link")

    assert result.exit_code == 3
    assert "@BotFather" in result.stderr


def test_a_chat_is_linked_by_the_code_that_comes_from_it(
    signalman: Terminal, api: FaultyBotApi
) -> None:
    api.hears("/link SOMEELSE", chat=666)
    linked = link_from(api, chat=-100, title="The desk")

    assert linked == {"id": -100, "title": "The desk", "group": True}
    assert signalman.json("telegram", "show")["chat"]["id"] == -100
    assert api.sent() == ["This chat is linked: Signalman tells you here."]


def test_a_code_that_never_comes_links_nothing(
    signalman: Terminal, api: FaultyBotApi
) -> None:
    api.hears("/link AAAAAAAA", chat=666)

    result = signalman("telegram", "link", "--minutes", "0.01")

    assert result.exit_code == 1
    assert "nothing was changed" in result.stderr
    assert signalman.json("telegram", "show")["chat"] is None


def test_a_token_that_nobody_knows_is_told_without_showing_it(
    signalman: Terminal, api: FaultyBotApi
) -> None:
    api.refuses(401, "Unauthorized")

    result = signalman("telegram", "link")

    assert result.exit_code == 4
    assert "SIGNALMAN_TELEGRAM_TOKEN" in result.stderr
    assert TOKEN not in result.stderr


def test_the_doctor_asks_telegram(signalman: Terminal, api: FaultyBotApi) -> None:
    unlinked = health(signalman)["telegram"]
    link_from(api, chat=7)
    linked = health(signalman)["telegram"]
    api.down = True
    down = health(signalman)["telegram"]

    assert unlinked == "warning: @desk_bot answers, and no chat is linked"
    assert linked == "ok: @desk_bot tells Ada"
    assert down == "failed: Bad Gateway"


def test_a_token_of_another_form_is_refused_before_it_is_used(
    signalman: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNALMAN_TELEGRAM_TOKEN", "not-a-token")

    result = signalman("telegram", "show")

    assert result.exit_code == 3
    assert "must be what @BotFather shows" in result.stderr
    assert "not-a-token" not in result.stderr
