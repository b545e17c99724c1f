"""The command line on a database of its own, in an empty directory."""

import asyncio
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from application.receive_alert import Incoming
from entrypoints.cli.main import cli
from entrypoints.session import opened
from entrypoints.settings import Settings
from tests.entrypoints.stack import FOUR_HOURS, alert, last_closed_bar

FILE = """
feeds:
  - name: tradingview
accounts:
  - name: paper
    exchange: binanceusdm
    mode: paper
    paper: {balance: 10000, currency: USDT, fee_rate: 0.0005, slippage_bps: 1}
    limits: {open_positions: 3}
bots:
  - name: herenya-btc-4h
    account: paper
    feed: tradingview
    chart: {exchange: BINANCE, ticker: BTCUSDT.P, interval: 4h}
    reverse: yes
    sizing: {mode: quote, amount: 1000}
    scaling: {max_entries: 3}
"""


@dataclass(frozen=True, slots=True)
class Terminal:
    """Runs `signalman` as a shell would."""

    data_dir: Path

    def __call__(self, *arguments: str, text: str = "") -> Result:
        """Run a command and return what it printed and how it ended."""
        return CliRunner().invoke(
            cli, arguments, input=text, prog_name="signalman", catch_exceptions=False
        )

    def ok(self, *arguments: str, text: str = "") -> str:
        """Run a command that must succeed and return its standard output."""
        result = self(*arguments, text=text)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *arguments: str, text: str = "") -> Any:
        """Run a command that must succeed and return its JSON."""
        return json.loads(self.ok(*arguments, "--json", text=text))

    def deploy(self, text: str = FILE) -> Any:
        """Apply a file and return what changed."""
        return self.json("apply", "-", text=text)


@pytest.fixture
def terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str | None], Terminal]:
    """Give a maker of terminals whose settings are this test's own."""
    for name in list(os.environ):
        if name.startswith("SIGNALMAN_") and name != "SIGNALMAN_TEST_DATABASE_URL":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SIGNALMAN_DATA_DIR", str(tmp_path / "data"))

    def make(database_url: str | None) -> Terminal:
        if database_url is not None:
            monkeypatch.setenv("SIGNALMAN_DATABASE_URL", database_url)
        return Terminal(tmp_path / "data")

    return make


@pytest.fixture
def signalman(terminal: Callable[[str | None], Terminal], database_url: str) -> Terminal:
    """Give the command line over an empty, migrated database."""
    return terminal(database_url)


@pytest.fixture
def offline(terminal: Callable[[str | None], Terminal]) -> Terminal:
    """Give the command line over a database that does not answer."""
    return terminal("postgresql://nobody:x@127.0.0.1:1/nothing")


@pytest.fixture
def traded(signalman: Terminal, database_url: str) -> Terminal:
    """Give the command line over a bot that bought, reversed, and then did nothing."""
    token = signalman.deploy()["webhooks"]["tradingview"].rpartition("/")[2]
    bodies = [
        alert(id="one", rsi=25, bar=last_closed_bar() - 2 * FOUR_HOURS),
        alert(id="two", rsi=75, price=61_000, bar=last_closed_bar() - FOUR_HOURS, tp="9"),
        alert(id="three", rsi=48.2),
    ]
    asyncio.run(work(database_url, token, bodies))
    return signalman


async def work(database_url: str, token: str, bodies: list[dict[str, Any]]) -> None:
    """Send alerts one after the other and work each."""
    async with opened(Settings(database_url=database_url, queue="memory")) as container:
        execute = container.execute()
        for body in bodies:
            incoming = Incoming(token=token, body=json.dumps(body).encode(), source="::1")
            await container.receive()(incoming)
            await container.fan_out()()
            while keys := await container.work_queue().due(10):
                for key in keys:
                    await execute(key)
