"""What an open page needs: the live log, the news without a gap, and how things stand."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from adapters.store.postgres.engine import create_engine
from adapters.store.postgres.news import PostgresNews
from application.ports.configuration import Author, Scope
from application.ports.news import BEGINNING, EventKind, Place
from application.ports.views import Came, Only
from application.records import JobStatus
from domain.order import OrderStatus
from domain.reasons import Reason
from domain.risk import TradingState
from tests.adapters.store.stores import Store, bot_config, deploy

WHO = Author(name="ada", source="web", reason="a test")


async def test_the_live_log_says_what_each_bot_made_of_each_alert(store: Store) -> None:
    await deploy(store, bot_config("one"), bot_config("two"))
    bought = await store.send(rsi=25, bot="one")
    nothing = await store.send(rsi=50, bot="two")

    newest, older = await store.views.work(limit=10)

    assert (newest.alert, newest.bot, newest.order) == (nothing, "two", None)
    assert newest.decision is not None
    assert newest.decision.reason is Reason.RSI_NEUTRAL
    assert (older.alert, older.bot, older.status) == (bought, "one", JobStatus.DONE)
    assert older.order is not None
    assert older.order.status is OrderStatus.FILLED
    assert older.finished_at is not None


async def test_the_live_log_pages_and_filters(store: Store) -> None:
    await deploy(store)
    bought = await store.send(rsi=25)
    others = [await store.send(rsi=50) for _ in range(3)]
    first = await store.views.work(limit=2)

    async def found(only: Only) -> list[object]:
        return [row.alert for row in await store.views.work(limit=10, only=only)]

    rest = await store.views.work(limit=10, before=first[-1].job)
    assert [row.alert for row in rest] == [others[0], bought]
    assert await found(Only(came=Came.TRADED)) == [bought]
    assert await found(Only(came=Came.NOTHING)) == others[::-1]
    assert await found(Only(came=Came.TROUBLE)) == []
    assert await found(Only(reasons=(Reason.ENTRY_OPENED,))) == [bought]
    assert await found(Only(alerts=(others[1],))) == [others[1]]
    assert await found(Only(bot="nobody")) == []


async def test_orders_and_trades_go_on_where_a_page_ended(store: Store) -> None:
    await deploy(store)
    for rsi in (25, 75, 25, 75):
        await store.send(rsi=rsi)

    orders = await store.views.orders(limit=100)
    trades = await store.views.trades(limit=100)

    older = await store.views.orders(limit=100, before=orders[2].order.id)
    earlier = await store.views.trades(limit=100, before=trades[-1].id)
    assert older == orders[3:]
    assert earlier == trades[:-1]
    assert await store.views.orders(limit=9, statuses=(OrderStatus.UNKNOWN,)) == []


async def test_news_are_told_in_order_and_from_where_one_stopped(store: Store) -> None:
    await deploy(store)
    before = await store.news.newest()
    alert = await store.send(rsi=25)

    told = await store.news.since(before, 100)

    kinds = [one.kind for one in told if one.alert == alert]
    assert kinds[0] is EventKind.ALERT_RECEIVED
    assert kinds.index(EventKind.DECISION) < kinds.index(EventKind.FILL)
    assert [one.place for one in told] == sorted({one.place for one in told})
    assert await store.news.since(told[2].place, 100) == told[3:]
    assert await store.news.since(told[-1].place, 100) == []
    assert await store.news.newest() == told[-1].place


async def test_a_changed_trading_state_is_news_and_shows_how_things_stand(
    store: Store,
) -> None:
    await deploy(store)
    before = await store.news.newest()

    await store.configuration.change_state(Scope.BOT, "bot", TradingState.REDUCING, WHO)

    told = await store.news.since(before, 100)
    standing = await store.standings.standing()
    assert [one.kind for one in told] == [EventKind.STATE]
    assert [(one.scope, one.name, one.author) for one in standing.restricted] == [
        (Scope.BOT, "bot", WHO)
    ]
    assert standing.newest == told[-1].place


async def test_things_stand_as_they_are_counted(store: Store) -> None:
    await deploy(store)
    await store.send(rsi=25)
    await store.pulse.beat("scheduler:1", "scheduler")

    without = await store.standings.standing()
    await store.pulse.beat("worker:1", "worker")
    standing = await store.standings.standing()

    assert without.worker_at is None
    assert standing.worker_at is not None
    assert timedelta() <= standing.now - standing.worker_at < timedelta(minutes=1)
    assert standing.open_positions == 1
    assert standing.last_alert_at is not None
    assert [(one.account, one.mode, one.bots) for one in standing.venues] == [
        ("paper", "paper", 1)
    ]


@pytest.mark.parametrize("text", ["", "17", "1-", "-1-2", "a-b", "1-2-3", "9" * 30 + "-1"])
def test_what_names_no_place_is_no_place(text: str) -> None:
    assert Place.read(text) is None


def test_a_place_is_read_as_it_was_written() -> None:
    assert Place.read(str(Place(17, 4))) == Place(17, 4)


async def test_an_event_that_commits_late_is_told_all_the_same(database_url: str) -> None:
    """It has the lower number: whoever goes by numbers alone would have passed it."""
    engine = create_engine(database_url)
    news = PostgresNews(engine)
    late, early = await asyncpg.connect(database_url), await asyncpg.connect(database_url)
    insert = "INSERT INTO events (kind, alert) VALUES ('order', $1)"

    begun, held = early.transaction(), late.transaction()
    await begun.start()
    await early.execute("SELECT pg_current_xact_id()")
    await held.start()
    await late.execute(insert, 1)
    await early.execute(insert, 2)
    await begun.commit()
    first = await news.since(BEGINNING, 100)
    await held.commit()
    second = await news.since(first[-1].place, 100)

    await asyncio.gather(late.close(), early.close(), engine.dispose())
    assert [one.alert for one in (*first, *second)] == [2, 1]
