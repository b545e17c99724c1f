"""From an alert over HTTP to its paper fill: idle, at 100 a second, ten thousand at once.

A web process and a worker on the default runtime, on real servers. A fill counts when it is
recorded; every alert fills one order.
"""

import asyncio
import json
import sys
from contextlib import suppress
from dataclasses import replace
from typing import Any

import asyncpg

from bench.executions import LOOK_SECONDS, PATIENCE_SECONDS, done, fresh_database
from bench.installation import Bench, deployed, free_port, processes, servers
from bench.sender import Seen

IDLE = (1, 60, 60, 4.0)
BUSY = (20, 2_000, 200, 100.0)
BURST = (200, 10_000, 1_000, 0.0)
"""Connections, alerts, bots, and alerts a second (0: at once)."""
SETTLE_SECONDS = 3.0

_WAITS = """
    SELECT extract(epoch FROM fills.recorded_at - alerts.received_at)::float8
    FROM fills JOIN intents ON intents.id = fills.intent
    JOIN jobs ON jobs.id = intents.job JOIN alerts ON alerts.id = jobs.alert
    ORDER BY 1
"""
_LAST = """
    SELECT extract(epoch FROM (SELECT max(recorded_at) FROM fills)
                            - (SELECT min(received_at) FROM alerts))::float8
"""


def main() -> dict[str, object]:
    """Measure, and print a table."""
    found: dict[str, object] = {}
    with servers() as bench:
        print(
            f"{'alert to paper fill':24}{'alerts':>8}{'fills':>8}{'p50 ms':>9}{'p99 ms':>9}"
        )
        for name, load in (("idle", IDLE), ("100 a second", BUSY)):
            figures = asyncio.run(measured(bench, load))
            found[name] = figures
            print(
                f"{name:24}{figures['alerts']:8,}{figures['fills']:8,}"
                f"{figures['fill_p50_ms']:9.1f}{figures['fill_p99_ms']:9.1f}",
                flush=True,
            )
        figures = asyncio.run(measured(bench, BURST))
        found["bar close"] = figures
        print(
            f"\nbar close: {figures['alerts']:,} alerts at once over 200 connections for "
            f"1,000 bots\nslowest answer {figures['answer_worst_ms'] / 1_000:.2f} s, "
            f"lost {figures['lost']}, last paper fill after {figures['last_fill_s']:.1f} s"
        )
    return found


async def measured(bench: Bench, load: tuple[int, int, int, float]) -> dict[str, Any]:
    """Start the processes, send the alerts, and wait for the last fill."""
    connections, alerts, bots, rate = load
    url = await fresh_database(bench)
    port = free_port()
    settings = replace(bench.settings(url, "dramatiq"), port=port)
    async with deployed(settings, bots) as (_, token):
        path = f"/webhooks/tradingview/{token}"
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("ANALYZE")
        with processes("web.serve", [settings]), processes("worker", [settings]):
            await listening(port)
            await asyncio.sleep(SETTLE_SECONDS)
            address = f"http://127.0.0.1:{port}{path}"
            seen = await sent(address, connections, alerts, bots, rate)
            kept = sum(n for status, n in seen.statuses.items() if status == 202)
            await done(connection, kept)
        waits = [row[0] for row in await connection.fetch(_WAITS)]
        last = await connection.fetchval(_LAST)
    finally:
        await connection.close()
    return {
        "alerts": alerts,
        "answered": seen.statuses,
        "lost": alerts - kept,
        "answer_p99_ms": seen.p99_ms,
        "answer_worst_ms": seen.worst_ms,
        "fills": len(waits),
        "fill_p50_ms": waits[len(waits) // 2] * 1_000,
        "fill_p99_ms": waits[len(waits) * 99 // 100] * 1_000,
        "last_fill_s": last,
    }


async def listening(port: int) -> None:
    """Wait until somebody answers on a port."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(LOOK_SECONDS)


async def sent(url: str, connections: int, alerts: int, bots: int, rate: float) -> Seen:
    """Send the alerts from a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.sender", url),
        *(str(connections), str(alerts), str(bots), str(rate)),
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    found = json.loads(out)
    found["statuses"] = {int(status): n for status, n in found["statuses"].items()}
    return Seen(**found)
