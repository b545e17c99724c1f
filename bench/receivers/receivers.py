"""The receivers that are compared: how each is started, and where it answers."""

import asyncio
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import asyncpg
import httpx

from adapters.configuration.yaml_file import read_yaml
from application.ports.configuration import Author
from application.proposal import Wishes
from entrypoints.session import opened
from entrypoints.settings import Settings
from entrypoints.web.serve import free_port

TOKEN = secrets.token_urlsafe(32)
BASELINES = Path(__file__).with_name("baselines")
THEIR_PYTHON = Path(".venv-bench/bin/python")
START_SECONDS = 60
TABLE = """
    CREATE TABLE alerts (
        id bigserial PRIMARY KEY,
        key text NOT NULL UNIQUE,
        body jsonb NOT NULL,
        received_at timestamptz NOT NULL DEFAULT now()
    )
"""
FEED = "feeds: [{name: tradingview}]"


@dataclass(frozen=True, slots=True)
class Servers:
    """The database of one receiver, and the doorbell; both are real and durable."""

    database_url: str
    redis_url: str


@dataclass(frozen=True, slots=True)
class Receiver:
    """A program that keeps alerts; ``prepare`` returns the path of its webhook."""

    name: str
    prepare: Callable[[Servers], str]
    command: Callable[[int], list[str]]
    environment: Callable[[Servers, int], dict[str, str]]


def _a_table(servers: Servers) -> str:
    async def create() -> None:
        connection = await asyncpg.connect(servers.database_url)
        await connection.execute(TABLE)
        await connection.close()

    asyncio.run(create())
    return f"/webhooks/tradingview/{TOKEN}"


def _a_feed(servers: Servers) -> str:
    async def deploy() -> str:
        settings = Settings(database_url=servers.database_url, queue="memory")
        author = Author(name="bench", source="command line", reason="make bench")
        async with opened(settings) as container:
            applied = await container.apply()(read_yaml(FEED), Wishes(), author)
        return applied.webhook_paths["tradingview"]

    return asyncio.run(deploy())


def _theirs(servers: Servers, _port: int) -> dict[str, str]:
    return {
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url.replace("unix://", "redis+socket://"),
        "WEBHOOK_TOKEN": TOKEN,
        "PYTHONPATH": str(BASELINES),
    }


def _ours(servers: Servers, port: int) -> dict[str, str]:
    return {
        "SIGNALMAN_DATABASE_URL": servers.database_url,
        "SIGNALMAN_REDIS_URL": servers.redis_url,
        "SIGNALMAN_QUEUE": "dramatiq",
        "SIGNALMAN_PORT": str(port),
        "SIGNALMAN_LOG_LEVEL": "WARNING",
    }


def _gunicorn(port: int) -> list[str]:
    return [
        *(str(THEIR_PYTHON), "-m", "gunicorn", "flask_app:app"),
        *("--bind", f"127.0.0.1:{port}", "--workers", "5", "--threads", "40"),
        *("--worker-class", "gthread", "--log-level", "warning", "--backlog", "4096"),
    ]


def _uvicorn(processes: int) -> Callable[[int], list[str]]:
    def command(port: int) -> list[str]:
        return [
            *(str(THEIR_PYTHON), "-m", "uvicorn", "fastapi_app:app"),
            *("--port", str(port), "--workers", str(processes)),
            *("--no-access-log", "--log-level", "warning", "--backlog", "4096"),
        ]

    return command


SIGNALMAN = Receiver(
    "Signalman, 1 process",
    _a_feed,
    lambda _: [sys.executable, "-m", "entrypoints.cli.main", "web"],
    _ours,
)
FLASK = Receiver(
    "Flask, gunicorn (5 processes), psycopg, Celery", _a_table, _gunicorn, _theirs
)
FASTAPI = Receiver("FastAPI, uvicorn, asyncpg", _a_table, _uvicorn(1), _theirs)
FASTAPI_TWICE = Receiver(
    "FastAPI, uvicorn (2 processes), asyncpg", _a_table, _uvicorn(2), _theirs
)
RECEIVERS = (SIGNALMAN, FLASK, FASTAPI, FASTAPI_TWICE)


@contextmanager
def serving(receiver: Receiver, servers: Servers) -> Iterator[str]:
    """Run a receiver, and yield the URL of its webhook once it answers."""
    path = receiver.prepare(servers)
    port = free_port("127.0.0.1", 8700)
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603 - programs named above, no shell
            receiver.command(port),
            env=_surroundings() | receiver.environment(servers, port),
            start_new_session=True,
            stdout=said,
            stderr=said,
        )
        url = f"http://127.0.0.1:{port}{path}"
        try:
            _wait(url, process, said)
            yield url
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=START_SECONDS)


def _surroundings() -> dict[str, str]:
    """Return the environment without anybody's own settings of Signalman."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("SIGNALMAN_")
    }


def _wait(url: str, process: "subprocess.Popen[bytes]", said: IO[bytes]) -> None:
    """Wait until an empty alert is refused: somebody answers."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.post(url, content=b"{}", timeout=5)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    said.seek(0)
    words = said.read().decode(errors="replace")
    raise TimeoutError(f"nobody answers at {urlsplit(url).netloc}; it said:\n{words}")
