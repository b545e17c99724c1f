from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from adapters.clock.fixed import FixedClock
from adapters.store.memory.backtests import MemoryBacktests
from adapters.store.postgres.backtests import PostgresBacktests
from adapters.store.postgres.engine import create_engine
from application.ports.backtests import BacktestId, Backtests
from application.results.keeping import KeepBacktest, listed_figures
from application.results.summary import summarize
from tests.adapters.store.stores import AUTHOR
from tests.application.results.sample_runs import run


@pytest.fixture(params=["memory", "postgres"])
async def backtests(
    request: pytest.FixtureRequest, database_url: str
) -> AsyncIterator[Backtests]:
    if request.param == "memory":
        yield MemoryBacktests(FixedClock(datetime(2026, 1, 1, tzinfo=UTC)))
        return
    engine = create_engine(database_url)
    yield PostgresBacktests(engine)
    await engine.dispose()


async def test_a_run_comes_back_as_it_was_kept(backtests: Backtests) -> None:
    sample = run(5)

    id = await KeepBacktest(backtests)("first", sample, AUTHOR)
    kept = await backtests.one(id)

    assert kept is not None
    assert (kept.name, kept.author, kept.run) == ("first", AUTHOR.name, sample)
    assert summarize(kept.run) == summarize(sample)


async def test_the_list_has_the_newest_first_with_their_figures(
    backtests: Backtests,
) -> None:
    keep = KeepBacktest(backtests)
    for number, name in enumerate(("one", "two", "three"), 1):
        await keep(name, run(number), AUTHOR)

    rows = await backtests.newest(2)

    assert [row.name for row in rows] == ["three", "two"]
    assert rows[0].figures == listed_figures(run(3))
    assert (rows[0].figures["trades"], rows[0].bars) == ("3", 6_000)


async def test_what_is_forgotten_is_gone(backtests: Backtests) -> None:
    id = await KeepBacktest(backtests)("gone", run(1), AUTHOR)

    assert await backtests.forget(id)
    assert not await backtests.forget(id)
    assert await backtests.one(id) is None
    assert await backtests.one(BacktestId(99)) is None
