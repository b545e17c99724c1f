"""Deploy two paper bots, replay a real chart over HTTP, and print what came of it.

`DEMO_BARS` bars (3,000), `DEMO_EXIT=1` ends after the print, `DEMO_JSON` names a file for
the trades and totals.
"""

import asyncio
import os
import shutil
import sys
from pathlib import Path

from rich.console import Console

from adapters.embedded.postgres import EmbeddedPostgres
from adapters.embedded.valkey import EmbeddedValkey
from entrypoints.demo import report
from entrypoints.demo.run import Server, deploy, outcome, replay
from entrypoints.settings import Settings

DIRECTORY = Path(".demo")
BARS = "3000"
BARS_MAX = 9_287


def main() -> int:
    """Run the demo; return 0 if every alert is accounted for."""
    console = Console(stderr=True)
    bars = bars_wanted()
    if bars is None:
        console.print(f"DEMO_BARS must be a number from 1 to {BARS_MAX}.")
        return 2
    clear(DIRECTORY.resolve())
    settings = Settings.read(
        {"SIGNALMAN_DATA_DIR": str(DIRECTORY.resolve())}, Path(os.devnull)
    )
    console.print("Starting PostgreSQL, the web server and the workers ...")
    with Server(settings) as server:
        url = asyncio.run(deploy(settings))
        seconds = asyncio.run(replay(server.address + url, bars, console))
        found = asyncio.run(outcome(settings))
        report.show(found, Console(), seconds=seconds, address=server.address)
        report.save(found, os.environ.get("DEMO_JSON", ""))
        if os.environ.get("DEMO_EXIT") != "1":
            server.wait(console)
    return 0 if found.is_accounted_for else 1


def clear(directory: Path) -> None:
    """Remove an earlier demo, and first the servers that a killed one left running."""
    EmbeddedPostgres(directory / "postgres").stop()
    EmbeddedValkey(directory / "valkey").stop()
    shutil.rmtree(directory, ignore_errors=True)


def bars_wanted() -> int | None:
    """Return what `DEMO_BARS` says; None where it says nothing that can be."""
    text = os.environ.get("DEMO_BARS") or BARS
    if text.isascii() and text.isdigit() and 1 <= int(text) <= BARS_MAX:
        return int(text)
    return None


if __name__ == "__main__":
    sys.exit(main())
