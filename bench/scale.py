"""Planning beside 10,000 bots and 1,000,000 kept alerts, and beside 10 of each.

The same alerts are routed, planned, placed on paper and recorded on two installations that
differ in size alone. Both are measured in turn, alert by alert, so that whatever else the
machine does slows both; what is compared is the median.
"""

import asyncio
import statistics
import time
from contextlib import AsyncExitStack

import asyncpg

from bench.executions import fresh_database
from bench.installation import Bench, arrivals, deployed, servers
from entrypoints.container import Container

FEW, MANY = 10, 10_000
KEPT_FEW, KEPT_MANY = 10, 1_000_000
ROUNDS = 300
WARM_UP = 30
STEPS = ("route", "plan to record")

_KEPT = """
    WITH kept AS (
        INSERT INTO alerts (feed, received_at, stored_at, source, content_type, size, body,
                            digest, key, signal, reason, fanned_out_at)
        SELECT 1, now() - number * interval '1 second', now(), '127.0.0.1', '', 200,
               repeat('x', 200), 'old ' || number, 'id:old ' || number,
               (SELECT signal FROM alerts WHERE signal IS NOT NULL ORDER BY id LIMIT 1),
               'routed', now()
        FROM generate_series(1, $1::int) AS number
        RETURNING id, digest, key
    ), keys AS (
        INSERT INTO alert_keys (feed, key, alert, digest)
        SELECT 1, key, id, digest FROM kept
        RETURNING alert
    ), work AS (
        INSERT INTO jobs (alert, bot, account, symbol, cause, status, finished_at)
        SELECT kept.id, bots.id, bots.account, bots.symbol, 'SIGNAL', 'DONE', now()
        FROM kept JOIN bots ON bots.id = 1 + kept.id % $2::int
        RETURNING id, bot
    )
    INSERT INTO decisions (job, step, bot, revision, reason, findings, at)
    SELECT work.id, 0, work.bot, bots.revision, 'rsi.neutral', '{}', now()
    FROM work JOIN bots ON bots.id = work.bot
"""
"""Alerts of the past with everything that a decision to do nothing leaves behind."""


class Place:
    """One installation, and how long each step of each alert took there, in seconds."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._inbox, self._work = container.inbox(), container.execute()
        self._route, self._alerts = container.fan_out(), arrivals(FEW, ROUNDS)
        self.took: dict[str, list[float]] = {step: [] for step in STEPS}

    async def one(self) -> None:
        """Keep one alert, and measure what becomes of it."""
        await self._inbox.receive(next(self._alerts))
        began = time.perf_counter()
        keys = await self._route()
        routed = time.perf_counter()
        for key in keys:
            await self._work(key)
        self.took["route"].append(routed - began)
        self.took["plan to record"].append(time.perf_counter() - routed)


def main() -> dict[str, object]:
    """Measure both sizes in turn; print the medians and the ratios."""
    with servers() as bench:
        few, many = asyncio.run(_measured(bench))
    print(f"{'':18}{f'{FEW:,} bots':>18}{f'{MANY:,} bots':>18}")
    kept = f"{f'{KEPT_FEW:,} alerts':>18}{f'{KEPT_MANY:,} alerts':>18}"
    print(f"{'median, ms':18}{kept}{'ratio':>8}")
    found: dict[str, object] = {}
    for step in (*STEPS, "together"):
        small, large = _median(few, step), _median(many, step)
        print(f"{step:18}{small * 1e3:18.2f}{large * 1e3:18.2f}{large / small:8.2f}")
        found[step] = {"few": small * 1e3, "many": large * 1e3, "ratio": large / small}
    return found


async def _measured(bench: Bench) -> tuple[Place, Place]:
    async with AsyncExitStack() as stack:
        few = await _place(bench, stack, FEW, KEPT_FEW)
        many = await _place(bench, stack, MANY, KEPT_MANY)
        for number in range(WARM_UP + ROUNDS):
            if number == WARM_UP:
                for place in (few, many):
                    place.took = {step: [] for step in STEPS}
            await few.one()
            await many.one()
        return few, many


async def _place(bench: Bench, stack: AsyncExitStack, bots: int, kept: int) -> Place:
    url = await fresh_database(bench)
    settings = bench.settings(url, "memory")
    container, _ = await stack.enter_async_context(deployed(settings, bots))
    place = Place(container)
    await place.one()
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_KEPT, kept, bots)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
    return place


def _median(place: Place, step: str) -> float:
    took = (
        [sum(both) for both in zip(*place.took.values(), strict=True)]
        if step == "together"
        else place.took[step]
    )
    return statistics.median(took)
