"""What people read: complete, newest first, and counted from the tables."""

from dataclasses import replace
from decimal import Decimal

from application.configuration.values import PaperConfig
from application.records import JobStatus
from domain.order import OrderStatus
from domain.reason_words import plain
from domain.reasons import Reason
from domain.risk import Limits
from domain.rules import Scaling, Sizing, SizingMode
from domain.signal import Action, AlertId, Direction
from tests.adapters.store.hands import REFUSED, Hands
from tests.adapters.store.stores import (
    RULES,
    Store,
    account_config,
    arrival,
    bot_config,
    deploy,
)


async def test_nothing_is_there_at_first(store: Store) -> None:
    assert list(await store.views.alerts(limit=10)) == []
    assert list(await store.views.positions()) == []
    assert list(await store.views.trades(limit=10)) == []
    assert list(await store.views.orders(limit=10)) == []
    assert await store.views.alert(AlertId(1)) is None
    assert (await store.views.accounted()).alerts == 0


async def test_alerts_come_newest_first_and_page_by_page(store: Store) -> None:
    await deploy(store)
    ids = [await store.send(rsi=50) for _ in range(5)]

    first = await store.views.alerts(limit=2)
    second = await store.views.alerts(limit=2, before=first[-1].id)

    assert [row.id for row in (*first, *second)] == ids[:0:-1]


async def test_alerts_of_one_bot_are_those_that_reached_it(store: Store) -> None:
    await deploy(store, bot_config("one"), bot_config("two"))
    await store.send(bot="one")
    both = await store.send()
    two = await store.send(bot="two")

    rows = await store.views.alerts(limit=10, bot="two")

    assert [row.id for row in rows] == [two, both]
    assert rows[1].outcomes == (
        ("one", Reason.RSI_NEUTRAL),
        ("two", Reason.RSI_NEUTRAL),
    )


async def test_an_undecided_job_has_no_outcome_yet(store: Store) -> None:
    await deploy(store)
    waiting = await store.receive(store.signal())
    await store.fan_out()

    row = (await store.views.alerts(limit=1))[0]

    assert (row.id, row.reason, row.outcomes) == (
        waiting.alert,
        Reason.ROUTED,
        (("bot", None),),
    )


async def test_a_trace_shows_every_finding_as_it_was_measured(store: Store) -> None:
    rules = replace(
        RULES,
        scaling=Scaling(max_entries=3, price_step_percent=Decimal("2.5"), min_bars=2),
    )
    await deploy(store, bot_config(rules=rules))
    await store.send(rsi=27.4, price="100.50")
    await store.send(rsi=50, price="99")

    alert = await store.send(rsi=26.5, price="100.10")

    decision = (await store.trace(alert)).jobs[0].decisions[0]
    by_reason = {one.reason: one for one in decision.findings}
    step = by_reason[Reason.SCALING_PRICE_STEP]
    assert decision.reason is Reason.SCALING_PRICE_STEP
    assert not step.passed
    assert (plain(step.value), plain(step.limit)) == ("100.1", "97.9875")
    assert plain(by_reason[Reason.RSI_IN_ZONE].value) == "26.5"
    assert plain(by_reason[Reason.SCALING_MIN_BARS].value) == "2"
    entered = store.first_bar
    assert plain(by_reason[Reason.BAR_ALREADY_ENTERED].limit) == plain(entered)


async def test_a_trace_keeps_how_an_entry_was_sized(store: Store) -> None:
    rules = replace(RULES, sizing=Sizing(mode=SizingMode.EQUITY_PERCENT, amount=Decimal(7)))
    await deploy(store, bot_config(rules=rules))

    alert = await store.send(rsi=20, price="3")

    sized = (await store.trace(alert)).jobs[0].decisions[0].sized
    assert sized is not None
    assert (sized.side, sized.number, sized.quantity) == (
        Direction.LONG,
        1,
        Decimal("233.333"),
    )
    assert str(sized.raw) == "233.333333333333333333"
    assert sized.equity == Decimal(10_000)


async def test_a_trace_shows_the_whole_way_of_an_order(store: Store) -> None:
    fees = account_config(
        paper=PaperConfig(balance=Decimal(10_000), fee_rate=Decimal("0.001"))
    )
    await deploy(store, accounts=(fees,))
    await store.send(rsi=20, price="100")
    alert = await store.send(rsi=50, price="110", action=Action.CLOSE)

    job = (await store.trace(alert)).jobs[0]

    order = job.orders[0]
    assert (job.bot, job.account, job.mode) == ("bot", "paper", "paper")
    assert (job.symbol, job.base, job.quote) == ("BTC/USDT:USDT", "BTC", "USDT")
    assert job.status is JobStatus.DONE
    assert job.finished_at is not None
    assert job.finished_at >= job.queued_at
    assert job.decision_bots == ("bot",)
    assert order.intent == job.intents[0].id
    assert (order.order.status, order.order.reduces) == (OrderStatus.FILLED, True)
    assert (order.fees, order.fee_currency) == (Decimal("1.1"), "USDT")
    assert order.transitions[-1].evidence.startswith("trade ")
    assert [one.pnl for one in job.trades] == [Decimal("97.9")]


async def test_positions_come_with_their_latest_price(store: Store) -> None:
    await deploy(store, bot_config("b"), bot_config("a"), bot_config("c", "ETH"))
    await store.send(rsi=20, price="100")
    await store.send(rsi=20, price="50", ticker="ETHUSDT.P")
    await store.send(rsi=50, price="104")

    rows = await store.views.positions()

    assert [(row.bot, row.symbol, row.mark) for row in rows] == [
        ("a", "BTC/USDT:USDT", Decimal(104)),
        ("b", "BTC/USDT:USDT", Decimal(104)),
        ("c", "ETH/USDT:USDT", Decimal(50)),
    ]
    assert rows[0].quote == "USDT"
    assert rows[0].position.best == Decimal(104)
    assert rows[0].marked_at is not None


async def test_trades_come_in_the_order_of_their_close(store: Store) -> None:
    await deploy(store, bot_config("one"), bot_config("two"))
    for bot in ("one", "two", "one", "two"):
        await store.send(rsi=20, price="100", bot=bot)
        await store.send(rsi=50, price="101", bot=bot, action=Action.CLOSE)

    newest = await store.views.trades(limit=3)
    of_one = await store.views.trades(limit=10, bot="one", account="paper")
    elsewhere = await store.views.trades(limit=10, account="nowhere")

    assert [row.bot for row in newest] == ["two", "one", "two"]
    assert [row.bot for row in of_one] == ["one", "one"]
    assert [row.trade.closed_at for row in newest] == sorted(
        row.trade.closed_at for row in newest
    )
    assert list(elsewhere) == []
    assert newest[-1].alert == store.sent
    assert newest[-1].symbol == "BTC/USDT:USDT"


async def test_orders_come_newest_first(store: Store) -> None:
    await deploy(store)
    first = await store.send(rsi=20)
    second = await store.send(rsi=50, action=Action.CLOSE)

    rows = await store.views.orders(limit=10)

    assert [(row.bot, row.alert) for row in rows] == [("bot", second), ("bot", first)]
    assert len(await store.views.orders(limit=1)) == 1
    assert list(await store.views.orders(limit=10, bot="nobody")) == []


async def test_everything_that_came_is_accounted_for(store: Store) -> None:
    tight = account_config(limits=Limits(open_positions=1))
    await deploy(store, bot_config("one"), bot_config("two"), accounts=(tight,))
    await store.send(rsi=20, bot="one")
    await store.send(rsi=20, bot="two")
    await store.send(rsi=50, bot="one")
    await store.send(ticker="DOGEUSDT.P")
    await store.inbox.receive(
        arrival("id:1", signal=store.signal(), digest="digest of id:1")
    )
    await store.inbox.receive(arrival(None, reason=Reason.BODY_NOT_JSON))
    await store.receive(store.signal())

    counted = await store.views.accounted()

    assert (counted.alerts, counted.refused, counted.duplicates) == (5, 1, 1)
    assert (counted.decisions, counted.intents, counted.orders) == (3, 1, 1)
    assert (counted.filled, counted.rejected, counted.pending) == (1, 0, 1)
    assert (counted.lost, counted.doubled, counted.unmatched) == (0, 0, 0)
    assert counted.decisions_by_reason == {
        Reason.ENTRY_OPENED: 1,
        Reason.LIMIT_OPEN_POSITIONS: 1,
        Reason.RSI_NEUTRAL: 1,
        Reason.CHART_UNKNOWN: 1,
        Reason.BODY_NOT_JSON: 1,
    }


async def test_a_refusal_of_the_venue_is_counted_as_such(store: Store) -> None:
    await deploy(store)
    await store.receive(store.signal(rsi=20))
    await store.fan_out()
    hands = await Hands.on(store)
    working = (await hands.plan()).to_send[0]
    await hands.send(working)
    await hands.record(working, REFUSED)

    counted = await store.views.accounted()

    assert (counted.rejected, counted.filled, counted.lost) == (1, 0, 0)


async def test_a_fill_that_the_venue_does_not_know_is_unmatched(store: Store) -> None:
    await deploy(store)
    await store.receive(store.signal(rsi=20))
    await store.fan_out()
    hands = await Hands.on(store)
    working = (await hands.plan()).to_send[0]
    await hands.send(working)
    await hands.record(working, hands.filled(working, "10", "100"))

    assert (await store.views.accounted()).unmatched == 1
