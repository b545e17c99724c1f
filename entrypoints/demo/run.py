"""The demo's steps: a server of its own, two bots, one chart, and the tables afterwards."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from adapters.clock.system import SystemClock
from adapters.configuration.yaml_file import read_yaml
from application.logging_in import digest_of
from application.ports.configuration import Author
from application.ports.page_links import PageLinks
from application.ports.views import Accounted, TradeRow
from application.proposal import Wishes
from domain.signal import AlertId
from entrypoints.demo.alerts import bodies
from entrypoints.naming import new_token
from entrypoints.session import opened
from entrypoints.settings import Settings

PORT = 8000
START_SECONDS = 60
SETTLE_SECONDS = 60
LINK_LASTS = timedelta(hours=1)
REVERSING = "futures-reversing"
EVERYTHING = 1_000_000
_ADDRESS = re.compile(r"up at (http://\S+)")


class NotStarted(Exception):
    """The server did not come up in time."""


@dataclass(slots=True)
class Server:
    """`signalman up` in a process of its own, stopped when the demo ends."""

    settings: Settings
    address: str = ""
    _process: subprocess.Popen[bytes] | None = None
    _log: Path = field(default_factory=Path)

    def __enter__(self) -> Self:
        """Start it and wait until it answers."""
        self.settings.data_dir.mkdir(parents=True, exist_ok=True)
        self._log = self.settings.data_dir / "server.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own program, no shell
                [sys.executable, "-m", "entrypoints.cli.main", "up", "--port", str(PORT)],
                env=environment(self.settings),
                cwd=self.settings.data_dir,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.address = self._answering()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Stop it."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(timeout=START_SECONDS)

    def wait(self, console: Console) -> None:
        """Stay up until Ctrl-C."""
        console.print(f"\nStill up at {self.address}. Stop with Ctrl-C.")
        try:
            if self._process is not None:
                self._process.wait()
        except KeyboardInterrupt:
            console.print("Stopped.")

    def _answering(self) -> str:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            said = _ADDRESS.search(self._log.read_text(encoding="utf-8"))
            if said is not None and is_ready(said[1]):
                return said[1]
            if self._process is None or self._process.poll() is not None:
                break
            time.sleep(0.05)
        message = (
            f"the server did not start; it said:\n{self._log.read_text(encoding='utf-8')}"
        )
        raise NotStarted(message)


@dataclass(frozen=True, slots=True)
class Found:
    """What the tables say after the replay."""

    accounted: Accounted
    trades: Sequence[TradeRow]
    way: str = ""
    """The path of a link that opens the trace of the first reversal, once."""

    @property
    def is_accounted_for(self) -> bool:
        """Say whether nothing was lost, doubled, left over or recorded differently."""
        kept = self.accounted
        return not (kept.lost or kept.doubled or kept.unmatched or kept.pending)


async def deploy(settings: Settings) -> str:
    """Deploy the two bots; return the path of their feed's webhook."""
    text = resources.files("entrypoints.demo").joinpath("demo.yaml").read_text("utf-8")
    async with opened(settings) as container:
        applied = await container.apply()(
            read_yaml(text),
            Wishes(),
            Author(name="demo", source="command line", reason="make demo"),
        )
    return applied.webhook_paths["tradingview"]


async def replay(url: str, bars: int, console: Console) -> float:
    """Send the alerts one after the other, as bars closed; return the seconds taken."""
    columns = (
        TextColumn("Replaying {task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    began = time.monotonic()
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("BINANCE:BTCUSDT 4h", total=bars)
        async with httpx.AsyncClient(timeout=30) as client:
            for body in bodies(bars, SystemClock().now()):
                answer = await client.post(url, content=body)
                answer.raise_for_status()
                progress.advance(task)
    return time.monotonic() - began


async def outcome(settings: Settings) -> Found:
    """Wait until every alert has its outcome, then read the tables."""
    async with opened(settings) as container:
        views = container.views()
        deadline = time.monotonic() + SETTLE_SECONDS
        accounted = await views.accounted()
        while accounted.pending and time.monotonic() < deadline:
            await asyncio.sleep(0.2)
            accounted = await views.accounted()
        trades = await views.trades(limit=EVERYTHING)
        return Found(accounted, trades, await link(container.page_links(), trades))


def first_reversal(trades: Sequence[TradeRow]) -> AlertId | None:
    """Return the alert that closed the reversing bot's first trade and opened its next."""
    closed = (row.alert for row in trades if row.bot == REVERSING)
    return next(closed, None)


async def link(links: PageLinks, trades: Sequence[TradeRow]) -> str:
    """Return a path that opens the first reversal's trace, once; empty without one."""
    alert = first_reversal(trades)
    if alert is None:
        return ""
    token = new_token()
    await links.add(digest_of(token), f"/alerts/{alert}", LINK_LASTS)
    return f"/open/{token}"


def environment(settings: Settings) -> dict[str, str]:
    """Return an environment without the user's own settings: the demo touches nothing."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("SIGNALMAN_")
    }
    return kept | {
        "SIGNALMAN_DATA_DIR": str(settings.data_dir),
        "SIGNALMAN_LOG_LEVEL": "WARNING",
    }


def is_ready(address: str) -> bool:
    """Say whether a web process answers there."""
    try:
        return httpx.get(f"{address}/health/ready", timeout=5).is_success
    except httpx.HTTPError:
        return False
