"""What fan-out promises: once, in order of receipt, by the configuration then in force."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from application.configuration.values import Chart
from application.ports.inbox import Urgency
from application.records import AccountId, JobStatus, Key
from application.sweep import FanOut, Sweep
from domain.instrument import Symbol
from domain.reasons import Reason
from domain.rules import ExitRules
from domain.signal import Action
from tests.adapters.store.stores import (
    AUTHOR,
    BTC,
    KEY,
    RULES,
    Store,
    bot_config,
    bot_edit,
    deploy,
    feed_edit,
)

WITHOUT_CHART: dict[str, Any] = {"exchange": None, "ticker": None, "timeframe": None}
ETH = Key(AccountId(1), Symbol("ETH/USDT:USDT"))


async def test_every_enabled_bot_on_the_chart_gets_a_job(store: Store) -> None:
    await deploy(
        store,
        bot_config("one"),
        bot_config("two"),
        bot_config("off", enabled=False),
        bot_config("elsewhere", "ETH"),
    )
    receipt = await store.receive(store.signal())

    done = await store.fan_out()

    found = await store.trace(receipt.alert)
    assert (done.alerts, done.keys) == (1, (KEY,))
    assert [job.bot for job in found.jobs] == ["one", "two"]
    assert {job.status for job in found.jobs} == {JobStatus.QUEUED}
    assert found.alert.reason is Reason.ROUTED
    assert found.alert.fanned_out_at is not None


async def test_keys_come_in_order_of_receipt_and_without_repeats(store: Store) -> None:
    await deploy(store, bot_config("btc"), bot_config("eth", "ETH"))
    for ticker in ("ETHUSDT.P", "BTCUSDT.P", "ETHUSDT.P"):
        await store.receive(store.signal(ticker=ticker))

    done = await store.fan_out()

    assert done.keys == (ETH, KEY)


async def test_a_round_takes_no_more_than_its_limit_oldest_first(store: Store) -> None:
    await deploy(store)
    receipts = [await store.receive(store.signal()) for _ in range(5)]

    rounds = [(await store.fan_out(limit=2)).alerts for _ in range(4)]

    ids = [row.id for row in reversed(await store.views.alerts(limit=10))]
    assert rounds == [2, 2, 1, 0]
    assert ids == [one.alert for one in receipts]


async def test_an_alert_goes_to_the_bot_it_names(store: Store) -> None:
    await deploy(store, bot_config("one"), bot_config("two"))

    receipt = await store.receive(store.signal(bot="two"))
    await store.fan_out()

    assert [job.bot for job in (await store.trace(receipt.alert)).jobs] == ["two"]


async def test_an_alert_without_a_chart_goes_to_the_only_enabled_bot(store: Store) -> None:
    await deploy(store, bot_config("one"), bot_config("off", enabled=False))

    receipt = await store.receive(store.signal(**WITHOUT_CHART))
    await store.fan_out()

    assert [job.bot for job in (await store.trace(receipt.alert)).jobs] == ["one"]


async def test_a_part_of_a_chart_is_enough_for_the_only_enabled_bot(store: Store) -> None:
    await deploy(store, bot_config("one"))
    part: dict[str, Any] = {"exchange": None, "timeframe": None}

    same = await store.receive(store.signal(**part))
    other = await store.receive(store.signal(ticker="DOGEUSDT.P", **part))
    await store.fan_out()

    assert [job.bot for job in (await store.trace(same.alert)).jobs] == ["one"]
    assert (await store.trace(other.alert)).alert.reason is Reason.BOT_CHART_DIFFERS


async def test_an_alert_without_a_chart_is_not_guessed_about(store: Store) -> None:
    await deploy(store, bot_config("one"), bot_config("two"))

    receipt = await store.receive(store.signal(**WITHOUT_CHART))
    done = await store.fan_out()

    found = await store.trace(receipt.alert)
    assert done.keys == ()
    assert found.jobs == ()
    assert found.alert.reason is Reason.CHART_MISSING


async def test_an_alert_that_goes_nowhere_keeps_why(store: Store) -> None:
    await deploy(store)

    unknown = await store.receive(store.signal(ticker="DOGEUSDT.P"))
    named = await store.receive(store.signal(bot="nobody"))
    await store.fan_out()

    first, second = await store.trace(unknown.alert), await store.trace(named.alert)
    assert first.alert.reason is Reason.CHART_UNKNOWN
    assert first.alert.value == "BINANCE:DOGEUSDT.P:4h"
    assert (second.alert.reason, second.alert.value) == (Reason.BOT_UNKNOWN, "nobody")


async def test_a_chart_by_its_free_name_finds_its_bot(store: Store) -> None:
    named = bot_config(chart=Chart(name="Herenya Capital"))
    await deploy(store, named)

    receipt = await store.receive(store.signal(chart="herenya capital"))
    await store.fan_out()

    assert len((await store.trace(receipt.alert)).jobs) == 1


async def test_an_archived_bot_is_nobodys_candidate(store: Store) -> None:
    await deploy(store, bot_config("gone"))
    await store.configuration.edit((), ["gone"], AUTHOR)

    on_chart = await store.receive(store.signal())
    by_name = await store.receive(store.signal(bot="gone"))
    await store.fan_out()

    assert (await store.trace(on_chart.alert)).alert.reason is Reason.CHART_UNKNOWN
    assert (await store.trace(by_name.alert)).alert.reason is Reason.BOT_UNKNOWN


async def test_a_bot_of_another_feed_is_not_reached(store: Store) -> None:
    await deploy(store)
    elsewhere = replace(bot_config("elsewhere"), feed="other")
    edits = [feed_edit("other", "b" * 64), bot_edit(elsewhere)]
    await store.configuration.edit(edits, (), AUTHOR)

    receipt = await store.receive(store.signal())
    await store.fan_out()

    assert [job.bot for job in (await store.trace(receipt.alert)).jobs] == ["bot"]


async def test_many_who_fan_out_at_once_make_one_job_each(store: Store) -> None:
    await deploy(store, bot_config("one"), bot_config("two"))
    receipts = [await store.receive(store.signal()) for _ in range(20)]

    rounds = await asyncio.gather(*(store.fan_out(limit=7) for _ in range(8)))

    traces = [await store.trace(one.alert) for one in receipts]
    assert sum(done.alerts for done in rounds) == 20
    assert [len(one.jobs) for one in traces] == [2] * 20


async def test_alerts_that_come_while_others_are_routed_wait_for_the_next_round(
    store: Store,
) -> None:
    await deploy(store)

    async def send() -> None:
        for _ in range(10):
            await store.receive(store.signal())

    rounds = await asyncio.gather(
        send(), *(store.fan_out(limit=3) for _ in range(5)), send()
    )
    routed = sum(done.alerts for done in rounds if done is not None)
    rest = await store.fan_out()

    assert routed + rest.alerts == 20
    assert (await store.views.accounted()).lost == 0


async def test_work_of_a_key_is_due_once_it_was_routed(store: Store) -> None:
    await deploy(store)
    await store.receive(store.signal())
    before = await store.queue.due(10)

    await store.fan_out()

    assert list(before) == []
    assert list(await store.queue.due(10)) == [Key(AccountId(1), BTC)]


async def test_what_may_close_something_is_told_apart(store: Store) -> None:
    await deploy(store, bot_config("holds"), bot_config("flat", "ETH"))
    await store.send(rsi=20, bot="holds")
    asked = ("LONG", "SHORT", "CLOSE", None)

    found: list[tuple[Key, ...]] = []
    for action in asked:
        named = None if action is None else Action(action)
        await store.receive(store.signal(bot="holds", action=named))
        await store.receive(store.signal(bot="flat", action=named, ticker="ETHUSDT.P"))
        found.append((await store.fan_out()).exits)

    assert found == [(), (KEY,), (KEY,), (KEY,)]


async def test_where_a_stop_waits_every_price_may_close_something(store: Store) -> None:
    stopped = replace(RULES, exits=ExitRules(stop_loss_percent=Decimal(5)))
    await deploy(store, bot_config("holds", rules=stopped), bot_config("other"))
    await store.send(rsi=20, bot="holds")

    await store.receive(store.signal(bot="other", action=Action.LONG))

    assert (await store.fan_out()).exits == (KEY,)


@dataclass(slots=True)
class Rings:
    """A doorbell that remembers."""

    heard: list[tuple[tuple[Key, ...], Urgency]] = field(
        default_factory=list[tuple[tuple[Key, ...], Urgency]]
    )

    async def ring(self, keys: Sequence[Key], urgency: Urgency = Urgency.ENTRY) -> None:
        self.heard.append((tuple(keys), urgency))


async def test_exits_are_rung_before_entries_that_came_earlier(store: Store) -> None:
    await deploy(store, bot_config("holds"), bot_config("flat", "ETH"))
    await store.send(rsi=20, bot="holds")
    await store.receive(store.signal(bot="flat", ticker="ETHUSDT.P", rsi=20))
    await store.receive(store.signal(bot="holds", action=Action.CLOSE))
    rings = Rings()

    await FanOut(store.inbox, rings)()

    assert rings.heard == [((KEY,), Urgency.EXIT), ((ETH,), Urgency.ENTRY)]


async def test_what_a_sweep_rings_again_may_be_an_exit(store: Store) -> None:
    await deploy(store, bot_config("holds"), bot_config("flat", "ETH"))
    await store.send(rsi=20, bot="holds")
    await store.receive(store.signal(bot="flat", ticker="ETHUSDT.P", rsi=20))
    await store.receive(store.signal(bot="holds", action=Action.CLOSE))
    await store.fan_out()  # whose rings are lost
    rings = Rings()

    sweep = Sweep(FanOut(store.inbox, rings), store.queue, rings, store.outbox, channel="")

    assert await sweep() == (KEY, ETH)
    assert rings.heard[:2] == [((KEY,), Urgency.EXIT), ((ETH,), Urgency.ENTRY)]
