"""Build the image's environment and run every service of it: `make test-container`.

No container engine is needed. The same locks are installed into clean environments by the
Dockerfile's own commands; PostgreSQL and Valkey are the embedded ones; every service runs
with its own command, its own settings and secret files, and its own health check. An alert
goes in through the web server and must come out as a filled order.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx

from adapters.embedded.postgres import running_postgres
from adapters.embedded.valkey import running_valkey
from entrypoints.web.serve import free_port
from tests.container.image import Image, check_of, composed

STARTED_SECONDS = 60.0
STOPPED_SECONDS = 30.0
STAY_UP = ("web", "worker", "scheduler")
ALERT = ("--bot", "btc", "--rsi", "25", "--price", "60000")
BOTS = """
feeds: [{name: tradingview}]
accounts:
  - name: paper
    exchange: binanceusdm
    mode: paper
    paper: {balance: 10000, currency: USDT}
bots:
  - name: btc
    account: paper
    feed: tradingview
    chart: {exchange: BINANCE, ticker: BTCUSDT.P, interval: 4h}
    sizing: {mode: quote, amount: 1000}
"""


class Services:
    """The services of docker-compose.yml, run from the image's directories."""

    def __init__(self, image: Image, port: int) -> None:
        self.image, self.port = image, port
        self.services: dict[str, Any] = composed()["services"]
        self.program = image.moved("/opt/signalman/bin/signalman")

    def environment(self, name: str) -> dict[str, str]:
        """Return the settings of a service; only the port is another than in the image."""
        return self.image.running(self.services[name], SIGNALMAN_PORT=str(self.port))

    def run(self, name: str, *arguments: str, text: str = "") -> str:
        """Run a command as `docker compose exec NAME signalman ...` would."""
        done = subprocess.run(
            [self.program, *arguments],
            env=self.environment(name),
            cwd=self.image.directory("/var/lib/signalman"),
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            failed = f"{name}: {' '.join(arguments)} ended with {done.returncode}"
            raise SystemExit(f"{failed}\n{done.stdout}{done.stderr}")
        return done.stdout

    @contextmanager
    def up(self, name: str) -> Iterator[subprocess.Popen[bytes]]:
        """Start a service; at the end tell it to stop, which it must do by itself."""
        running = subprocess.Popen(
            [self.program, *self.services[name]["command"]],
            env=self.environment(name),
            cwd=self.image.directory("/var/lib/signalman"),
        )
        try:
            yield running
        finally:
            running.send_signal(signal.SIGTERM)
            code = running.wait(STOPPED_SECONDS)
        if code != 0:
            raise SystemExit(f"{name} ended with {code} when it was told to stop")

    def healthy(self, name: str, running: subprocess.Popen[bytes]) -> float:
        """Return after how many seconds the service's own health check said yes."""
        begun = time.monotonic()
        command = [self.program, *check_of(self.services[name])[1:]]
        while True:
            asked = subprocess.run(
                command, env=self.environment(name), capture_output=True, check=False
            )
            if asked.returncode == 0:
                return time.monotonic() - begun
            if running.poll() is not None or time.monotonic() - begun > STARTED_SECONDS:
                raise SystemExit(f"{name} is not well: {asked.stderr.decode()}")
            time.sleep(0.2)


def main() -> None:
    """Build, start, send an alert through, stop."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="signalman-image-") as directory:
        image = Image(Path(directory))
        image.build()
        size = _megabytes(image.directory("/opt/signalman"))
        _say(begun, f"built; {size} MB installed")
        before = _files(image)
        with ExitStack() as stack:
            servers = Path(directory, "servers")
            database = stack.enter_context(running_postgres(servers / "postgres"))
            redis = stack.enter_context(running_valkey(servers / "valkey"))
            _secrets(image, database, redis)
            _run(Services(image, free_port("127.0.0.1", 18_000)), stack, begun)
        assert _files(image) == before, "the image's own files were written to"
        _say(begun, "every service stopped by itself, and wrote nothing into the image")


def _run(services: Services, stack: ExitStack, begun: float) -> None:
    services.run("migrate", *services.services["migrate"]["command"])
    _say(begun, "migrated")
    started = {name: stack.enter_context(services.up(name)) for name in STAY_UP}
    for name, running in started.items():
        services.healthy(name, running)
        _say(begun, f"{name} is well")
    services.run("web", "apply", "-", text=BOTS)
    sent = services.run("web", "alert", "send", "--json", *ALERT)
    _say(begun, f"an alert became: {json.loads(sent)['sentence']}")
    answer = httpx.post(f"http://127.0.0.1:{services.port}/webhooks/tradingview/knock")
    assert answer.status_code == httpx.codes.UNAUTHORIZED, answer.text
    orders = json.loads(services.run("web", "orders", "--json"))
    assert [one["status"] for one in orders] == ["FILLED"], orders


def _secrets(image: Image, database: str, redis: str) -> None:
    """Write the secrets as docker/secrets does, but for the servers that run here."""
    directory = image.directory("/run/secrets")
    script = Path(shutil.copy("docker/secrets", directory.parent / "make-secrets"))
    subprocess.run([script], check=True, stdout=subprocess.DEVNULL)
    for file in (directory.parent / "secret").iterdir():
        shutil.copy(file, directory / file.name)
    (directory / "database_url").write_text(database)
    (directory / "redis_url").write_text(redis)


def _files(image: Image) -> set[tuple[str, int]]:
    place = Path(image.moved("/opt/signalman"))
    return {(str(one), one.stat().st_mtime_ns) for one in place.rglob("*") if one.is_file()}


def _megabytes(place: Path) -> int:
    return sum(one.stat().st_size for one in place.rglob("*") if one.is_file()) >> 20


def _say(begun: float, text: str) -> None:
    sys.stdout.write(f"{time.monotonic() - begun:5.1f} s  {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    os.chdir(Path(__file__).parents[2])
    main()
