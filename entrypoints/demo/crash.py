"""`make demo-crash`: the demo while its workers are killed and Valkey forgets every ring.

`DEMO_BARS` bars (3,000). Ends with 0 only where both ledgers agree, and nothing was lost or
doubled.
"""

import asyncio
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import redis.asyncio
from rich.console import Console
from rich.table import Table

from adapters.embedded.postgres import running_postgres
from adapters.embedded.valkey import running_valkey
from application.ports.views import Accounted
from entrypoints.demo.__main__ import BARS_MAX, bars_wanted, clear
from entrypoints.demo.processes import Processes
from entrypoints.demo.run import PORT, deploy, outcome, replay
from entrypoints.settings import Settings
from entrypoints.web.serve import free_port

DIRECTORY = Path(".demo-crash")
WORKERS = 3
STRIKE_SECONDS = 2.5
"""Between two kills, so that a worker lives long enough to work, and not much longer."""

STRIKES_MIN = 3


def main() -> int:
    """Run the demo; return 0 if every alert is accounted for in both ledgers."""
    console = Console(stderr=True)
    bars = bars_wanted()
    if bars is None:
        console.print(f"DEMO_BARS must be a number from 1 to {BARS_MAX}.")
        return 2
    directory = DIRECTORY.resolve()
    clear(directory)
    settings = Settings.read({"SIGNALMAN_DATA_DIR": str(directory)}, Path(os.devnull))
    settings = replace(settings, port=free_port(settings.host, PORT))
    directory.mkdir(parents=True)
    console.print(f"Starting PostgreSQL, Valkey, web, scheduler and {WORKERS} workers ...")
    with (
        running_postgres(directory / "postgres"),
        running_valkey(directory / "valkey") as valkey_url,
    ):
        url = asyncio.run(deploy(settings))
        with Processes(settings, WORKERS) as processes:
            strikes = asyncio.run(
                _struck(processes, valkey_url, processes.address + url, bars, console)
            )
            found = asyncio.run(outcome(settings))
    _show(found.accounted, strikes, Console())
    return 0 if found.is_accounted_for else 1


async def _struck(
    processes: Processes, valkey_url: str, url: str, bars: int, console: Console
) -> int:
    """Replay the chart while misfortune strikes; return how often it did."""
    replaying = asyncio.create_task(replay(url, bars, console))
    began, strikes = time.monotonic(), 0
    async with redis.asyncio.from_url(valkey_url) as valkey:
        while not replaying.done() or strikes < STRIKES_MIN:
            await asyncio.wait((replaying,), timeout=STRIKE_SECONDS)
            killed = await asyncio.to_thread(processes.replace_a_worker)
            await valkey.flushall()
            strikes += 1
            console.print(
                f"[red]{time.monotonic() - began:6.1f} s  kill -9 of worker {killed},"
                " FLUSHALL of Valkey[/red]",
                highlight=False,
            )
    await replaying
    return strikes


def _show(kept: Accounted, strikes: int, console: Console) -> None:
    console.print(
        f"\n[bold]{kept.alerts:,} alerts in, {strikes} workers killed with kill -9,"
        f" Valkey emptied {strikes} times[/bold]\n",
        highlight=False,
    )
    table = Table(title="Both ledgers", title_justify="left", box=None)
    table.add_column("")
    table.add_column("orders", justify="right")
    table.add_column("")
    table.add_row("placed", f"{kept.placed:,}", "executed by the paper venue's own books")
    table.add_row("recorded", f"{kept.recorded:,}", "filled in our book")
    for name, count, meaning in (
        ("doubled", kept.doubled, "filled for more than was intended, or twice"),
        ("lost", kept.lost, "alerts and intents that nobody works on any more"),
        ("differing", kept.unmatched, "filled for another quantity in one of the two"),
        ("waiting", kept.pending, "alerts without an outcome yet"),
    ):
        color = "red" if count else "green"
        table.add_row(f"[{color}]{name}[/]", f"[bold {color}]{count:,}[/]", meaning)
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
