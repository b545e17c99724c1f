"""Acknowledgments side by side: Signalman's web process and two receivers of a user's own.

Each has the same PostgreSQL with fsync on, the same Valkey, and a database of its own. What
works the alerts afterwards does not run. Lines for every request are off in all logs.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from adapters.embedded.postgres import running_postgres
from adapters.embedded.valkey import running_valkey
from bench.receivers.load import Seen
from bench.receivers.receivers import (
    FASTAPI,
    FASTAPI_TWICE,
    FLASK,
    RECEIVERS,
    SIGNALMAN,
    Servers,
    serving,
)
from entrypoints.web.serve import free_port

CONNECTIONS = (1, 64, 200)
SECONDS = 3.0
ROUNDS = 3
AT_MOST = CONNECTIONS[-1]
TARGETS = {FLASK.name: 8.0, FASTAPI.name: 2.5, FASTAPI_TWICE.name: 2.5}
"""How many times as many alerts a second as each, at 200 connections."""


def main() -> dict[str, Any]:
    """Measure every receiver in turn, several times; print a table and return figures."""
    if os.cpu_count() != 2:
        print(f"(the targets are for 2 cores; here are {os.cpu_count()})")
    ceiling = _ceiling()
    print(f"the client alone reaches {ceiling:,.0f}/s at {AT_MOST} connections\n")
    seen: dict[str, list[Seen]] = {receiver.name: [] for receiver in RECEIVERS}
    with _servers() as (database_url, redis_url):
        for number in range(ROUNDS):
            for receiver in RECEIVERS:
                name = f"round_{number}_{RECEIVERS.index(receiver)}"
                servers = Servers(_created(database_url, name), redis_url)
                with serving(receiver, servers) as url:
                    seen[receiver.name] += [_load(url, many) for many in CONNECTIONS]
    rows = [
        _middle(name, runs, many) for name, runs in seen.items() for many in CONNECTIONS
    ]
    _print(rows)
    met = _compare(rows)
    return {"client_ceiling_per_second": ceiling, "receivers": rows, "targets": met}


def _load(url: str, connections: int, seconds: float = SECONDS) -> Seen:
    """Load a receiver from a process of its own."""
    command = [sys.executable, "-m", "bench.receivers.load"]
    done = subprocess.run(  # noqa: S603 - our own program, no shell
        [*command, url, str(connections), str(seconds)],
        check=True,
        stdout=subprocess.PIPE,
    )
    seen = Seen(**json.loads(done.stdout))
    return seen._replace(statuses={int(one): n for one, n in seen.statuses.items()})


def _ceiling() -> float:
    """Return what the client reaches against a server that does nothing."""
    port = free_port("127.0.0.1", 8700)
    echo = subprocess.Popen(  # noqa: S603 - our own program, no shell
        [sys.executable, "-m", "bench.receivers.echo", str(port)]
    )
    try:
        time.sleep(1)
        return _load(f"http://127.0.0.1:{port}/", AT_MOST, 2).per_second
    finally:
        echo.kill()
        echo.wait()


@contextmanager
def _servers() -> Iterator[tuple[str, str]]:
    """Run PostgreSQL, durable and on the disk of this directory, and Valkey."""
    with (
        tempfile.TemporaryDirectory(prefix=".bench-", dir=Path.cwd()) as directory,
        running_postgres(Path(directory, "postgres")) as database_url,
        running_valkey(Path(directory, "valkey")) as redis_url,
    ):
        yield database_url, redis_url


def _created(url: str, name: str) -> str:
    async def create() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute(f"CREATE DATABASE {name}")
        await connection.close()

    asyncio.run(create())
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def _middle(name: str, runs: list[Seen], connections: int) -> dict[str, Any]:
    """Return the median of each figure over the rounds."""
    here = [run for run in runs if run.connections == connections]
    return {
        "receiver": name,
        "connections": connections,
        "per_second": round(statistics.median(run.per_second for run in here)),
        "p50_ms": round(statistics.median(run.p50_ms for run in here), 2),
        "p99_ms": round(statistics.median(run.p99_ms for run in here), 2),
        "refused": sum(
            count for run in here for status, count in run.statuses.items() if status != 202
        ),
    }


def _print(rows: list[dict[str, Any]]) -> None:
    print(f"{'receiver':<48}{'connections':>11}{'alerts/s':>10}{'p50 ms':>9}{'p99 ms':>9}")
    for row in rows:
        name = row["receiver"] if row["connections"] == CONNECTIONS[0] else ""
        print(
            f"{name:<48}{row['connections']:>11}{row['per_second']:>10,}"
            f"{row['p50_ms']:>9.1f}{row['p99_ms']:>9.1f}"
            + (f"  ({row['refused']} not accepted)" if row["refused"] else "")
        )


def _compare(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Print how many times as many alerts, beside the targets."""
    full = {row["receiver"]: row for row in rows if row["connections"] == AT_MOST}
    ours = full[SIGNALMAN.name]
    print(f"\nat {AT_MOST} connections")
    met = []
    for name, target in TARGETS.items():
        theirs = full[name]
        times = ours["per_second"] / theirs["per_second"]
        better = times >= target and ours["p99_ms"] < theirs["p99_ms"]
        said = "met" if better else "not met"
        print(
            f"  {times:.1f} times as many alerts as {name} (target {target:g}), "
            f"p99 {ours['p99_ms']:.0f} instead of {theirs['p99_ms']:.0f} ms: {said}"
        )
        met.append({"against": name, "times": round(times, 2), "met": better})
    return met
