"""The command line on a database of its own, in an empty directory."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from entrypoints.cli.main import cli

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
