"""A real server, a real Chromium, and an open ear for everything that goes wrong in it."""

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from adapters.configuration.yaml_file import read_yaml
from application.ports.configuration import Author
from application.proposal import Wishes
from application.results.keeping import KeepBacktest
from entrypoints.session import opened
from entrypoints.settings import Settings
from tests.application.results.sample_runs import run
from tests.entrypoints.stack import BOTS, unused_port

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
MISSING = "no Chromium here; install it with: apt install chromium"
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
START_SECONDS = 60
ADDRESS = re.compile(r"up at (http://\S+)")
LISTEN = """
window.refused = [];
document.addEventListener("securitypolicyviolation",
    (event) => window.refused.push(event.violatedDirective + " " + event.blockedURI));
"""


@dataclass(frozen=True, slots=True)
class Site:
    """A running Signalman with two bots, and the way in for alerts."""

    address: str
    webhook: str

    def send(self, **fields: Any) -> int:
        """Send an alert; return its id."""
        answer = httpx.post(self.webhook, json=fields, timeout=10)
        assert answer.status_code == 202, answer.text
        return int(answer.json()["alert_id"])

    def settled(self) -> None:
        """Return when every alert has its outcome."""
        deadline = time.monotonic() + START_SECONDS
        while httpx.get(f"{self.address}/api/v1/stats", timeout=10).json()["pending"]:
            assert time.monotonic() < deadline
            time.sleep(0.05)


@dataclass(slots=True)
class Ear:
    """Everything that a page complained about."""

    heard: list[str] = field(default_factory=list[str])

    def listen(self, page: Page) -> None:
        """Hear errors of the console and of scripts."""
        page.on(
            "console",
            lambda said: self.heard.append(said.text) if said.type == "error" else None,
        )
        page.on("pageerror", lambda error: self.heard.append(str(error)))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Give a server of the tests' own."""
    place = tmp_path_factory.mktemp("site")
    known = {k: v for k, v in os.environ.items() if not k.startswith("SIGNALMAN_")}
    own = {"SIGNALMAN_DATA_DIR": str(place), "SIGNALMAN_QUEUE": "memory"}
    log = place / "server.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "entrypoints.cli.main", "up"),
                "--port",
                str(unused_port()),
            ],
            env=known | own,
            cwd=Path(__file__).parents[2],
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        address = answering(log, process)
        settings = Settings(data_dir=place, queue="memory")
        yield Site(address, address + asyncio.run(deployed(settings)))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=START_SECONDS)


def answering(log: Path, process: "subprocess.Popen[bytes]") -> str:
    """Return the address of the server once it answers."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        said = ADDRESS.search(log.read_text(encoding="utf-8"))
        if said is not None:
            return said[1]
        time.sleep(0.05)
    raise AssertionError(log.read_text(encoding="utf-8"))


async def deployed(settings: Settings) -> str:
    """Deploy the two bots; return the path of their webhook."""
    author = Author(name="test", source="command line")
    async with opened(settings) as container:
        applied = await container.apply()(read_yaml(BOTS), Wishes(), author)
        keep = KeepBacktest(container.backtests())
        await keep("thirty and seventy", run(), author)
        await keep("twenty and eighty", run(40, seed=8), author)
    return applied.webhook_paths["tradingview"]


@pytest.fixture(scope="session")
def browser(site: Site) -> Iterator[Browser]:
    """Give a Chromium. The site comes first: with Playwright a loop runs for ever."""
    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    assert path is not None, MISSING
    assert site.address
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture(params=["dark", "light"])
def scheme(request: pytest.FixtureRequest) -> str:
    """Give each of the two color schemes."""
    return str(request.param)


@pytest.fixture(params=[1440, 390])
def width(request: pytest.FixtureRequest) -> int:
    """Give the width of a desk and of a phone."""
    return int(request.param)


@pytest.fixture
def ear() -> Ear:
    """Give an ear that heard nothing yet."""
    return Ear()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Give a browser without a past."""
    one = browser.new_context(viewport={"width": 1440, "height": 900})
    one.add_init_script(LISTEN)
    yield one
    one.close()


@pytest.fixture
def page(context: BrowserContext, ear: Ear) -> Iterator[Page]:
    """Give an empty tab; whatever went wrong in it fails the test."""
    one = context.new_page()
    ear.listen(one)
    yield one
    refused = one.evaluate("window.refused")
    assert ear.heard == []
    assert refused == []
