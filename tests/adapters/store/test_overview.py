"""Counts and sums for pages are the same from both stores."""

from datetime import timedelta
from decimal import Decimal

from application.ports.configuration import Scope
from domain.money import total
from domain.reasons import Reason
from domain.signal import Action
from tests.adapters.store.stores import Store, bot_config, deploy


async def trade(store: Store, *prices: str) -> None:
    """Go long and short in turn, at these prices."""
    for turn, price in enumerate(prices):
        await store.send(rsi=75 if turn % 2 else 25, price=price)


async def test_a_day_counts_what_came_of_its_alerts(store: Store) -> None:
    await deploy(store, bot_config("one"), bot_config("two"))
    since = store.clock.now() - timedelta(hours=1)
    await store.send(rsi=25)
    await store.send(rsi=50)
    await store.send(bot="nobody")
    await store.receive(store.signal())

    day = await store.overviews.day(since)

    assert (day.alerts, day.nowhere, day.traded, day.skipped) == (4, 1, 2, 2)
    assert (day.trouble, day.waiting) == (0, 1)
    assert (await store.overviews.day(since + timedelta(days=1))).alerts == 0


async def test_what_was_earned_is_the_sum_of_the_trades(store: Store) -> None:
    await deploy(store)
    await trade(store, "100", "110", "105", "90")

    results = [row.trade.pnl for row in await store.views.trades(limit=100)]
    (earned,) = await store.overviews.earned(None)
    curve = await store.overviews.curve("USDT", None, 100)

    assert (earned.currency, earned.trades) == ("USDT", 3)
    assert earned.pnl == total(results) == curve[-1].pnl
    assert earned.won == sum(one > 0 for one in results)
    assert earned.profit - earned.loss == earned.pnl
    assert await store.overviews.curve("EUR", None, 100) == []
    assert await store.overviews.earned(store.clock.now() + timedelta(days=1)) == []


async def test_a_curve_of_few_points_ends_where_all_points_end(store: Store) -> None:
    await deploy(store)
    await trade(store, *(str(100 + step) for step in range(12)))

    every = await store.overviews.curve("USDT", None, 1_000)
    few = await store.overviews.curve("USDT", None, 1)

    assert len(few) <= len(every)
    assert few[-1] == every[-1]


async def test_each_bot_says_what_it_did(store: Store) -> None:
    await deploy(store, bot_config("busy"), bot_config("idle"))
    await store.send(rsi=25, bot="busy")
    last = await store.send(rsi=75, bot="busy")

    busy, idle = await store.overviews.activity()

    assert (busy.bot, busy.trades, busy.last_alert) == ("busy", 1, last)
    assert busy.last_alert_at is not None
    assert (idle.bot, idle.trades, idle.pnl, idle.last_alert) == (
        "idle",
        0,
        Decimal(0),
        None,
    )


async def test_a_stop_reaches_what_it_covers_and_no_more(store: Store) -> None:
    await deploy(store, bot_config("one"), bot_config("two", base="ETH"))
    await store.send(rsi=25, bot="one")

    everything = await store.overviews.reach(Scope.GLOBAL, "")
    two = await store.overviews.reach(Scope.BOT, "two")
    nobody = await store.overviews.reach(Scope.ACCOUNT, "nobody")

    assert (everything.bots, everything.accounts, everything.live_accounts) == (2, 1, 0)
    assert (everything.open_positions, everything.working_orders) == (1, 0)
    assert (two.bots, two.open_positions) == (1, 0)
    assert nobody.bots == nobody.accounts == nobody.open_positions == 0
    assert everything.waiting_jobs == 0


async def test_the_load_says_what_waits_and_how_long_things_take(store: Store) -> None:
    await deploy(store)
    before = await store.overviews.load()
    await store.send(rsi=25)
    await store.receive(store.signal())
    await store.pulse.beat("worker:1", "worker")

    load = await store.overviews.load()

    assert before.latency is None
    assert before.oldest_waiting_at is None
    assert (load.unrouted, load.unfinished) == (1, 0)
    assert load.oldest_waiting_at is not None
    assert load.latency is not None
    assert load.latency.alerts == 1
    assert timedelta() <= load.latency.median <= load.latency.p95
    assert [(one.name, one.role) for one in load.processes] == [("worker:1", "worker")]


async def test_the_scorecard_counts_the_promises(store: Store) -> None:
    await deploy(store)
    await store.send(rsi=25)
    await store.send(rsi=50)
    await store.send(rsi=50, action=Action.CLOSE)
    again = store.signal(rsi=50)
    await store.receive(again, key="same")
    await store.receive(again, key="same")
    await store.settle()

    card = await store.overviews.scorecard(None)
    accounted = await store.views.accounted()

    shared = ("alerts", "refused", "duplicates", "decisions", "intents", "filled")
    ends = ("denied", "rejected", "needs_operator", "pending", "lost", "doubled")
    for name in (*shared, *ends):
        assert getattr(card, name) == getattr(accounted, name), name
    assert (card.alerts, card.duplicates, card.lost, card.doubled) == (4, 1, 0, 0)
    assert card.retried == 0
    assert accounted.decisions_by_reason[Reason.ENTRY_OPENED] == 1
