import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.entrypoints.cli.conftest import Terminal
from tests.entrypoints.stack import unused_port

BOT = "herenya-btc-4h"
PATIENCE = 60


@pytest.fixture
def running(signalman: Terminal, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """Give the command line beside a server that `signalman up` started."""
    port = unused_port()
    monkeypatch.setenv("SIGNALMAN_PORT", str(port))
    server = subprocess.Popen(
        [sys.executable, "-m", "entrypoints.cli.main", "up"],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/health/live")
        signalman.deploy()
        yield signalman
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=PATIENCE) == 0


def wait_for(address: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            if httpx.get(address).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.05)
    pytest.fail("the server did not come up")


def test_an_alert_that_is_sent_tells_what_it_caused(running: Terminal) -> None:
    result = running("alert", "send", "--bot", BOT, "--rsi", "25", "--price", "60000")

    assert result.exit_code == 0
    assert "Accepted as alert 1." in result.stderr
    assert result.stdout.startswith("Bought 0.016 BTC at 60,006.0, 1.0 bps worse than")


def test_a_message_from_a_file_is_sent_through_the_only_feed(running: Terminal) -> None:
    body = '{"v": 1, "id": "mine", "rsi": 50, "bot": "herenya-btc-4h"}'

    first = running.json("alert", "send", "--file", "-", text=body)
    again = running.json("alert", "send", "--file", "-", text=body)

    assert (first["status"], again["status"]) == ("accepted", "duplicate")
    assert first["alert_id"] == again["alert_id"]


def test_a_malformed_message_is_refused_with_its_place(running: Terminal) -> None:
    result = running("alert", "send", "--file", "-", text='{"price": -1}')

    assert result.exit_code == 1
    assert "refused with 400 (field.out_of_range)" in result.stderr
    assert "signalman alert show 1" in result.stderr


def test_a_wrong_token_says_how_to_get_a_new_one(running: Terminal) -> None:
    result = running("alert", "send", "--bot", BOT, "--rsi", "25", "--token", "guess")

    assert result.exit_code == 1
    assert "auth.bad_token" in result.stderr
    assert "signalman feed rotate" in result.stderr
