"""Notices: written with their cause, told in turn, and never lost."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest

from application.deliver_notifications import DeliverNotifications
from application.notice import Kind, Notice, Weight
from application.ports.configuration import Scope
from application.ports.notifier import Told
from application.ports.outbox import TURN, Chat, Turn, TurnLost, Waiting
from application.ports.workbench import ClaimLost
from domain.risk import Limits, TradingState
from domain.signal import Action
from tests.adapters.store.hands import LOST, REFUSED, first_order
from tests.adapters.store.stores import (
    AUTHOR,
    Store,
    account_config,
    bot_config,
    deploy,
)

TELEGRAM = "telegram"
SECOND = timedelta(seconds=1)
CHAT = Chat(id=-100_123, title="The desk", is_group=True)


async def waiting(store: Store) -> list[Waiting]:
    return list(await store.outbox.waiting(100))


async def kinds(store: Store) -> list[Kind]:
    return [one.notice.kind for one in await waiting(store)]


async def taken(store: Store, owner: str = "one") -> Turn:
    turn = await store.outbox.take_turn(TELEGRAM, owner)
    assert turn is not None
    return turn


async def test_every_execution_is_told_in_the_order_it_happened(store: Store) -> None:
    await deploy(store)

    await store.send(rsi=25)
    await store.send(rsi=24)
    await store.send(rsi=50)
    await store.send(rsi=75, price="110")

    found = [one.notice.kind for one in await waiting(store)]
    assert found == [Kind.OPENED, Kind.ADDED, Kind.CLOSED, Kind.OPENED]
    assert all(one.notice.weight is Weight.NEWS for one in await waiting(store))


async def test_a_notice_knows_its_alert_and_its_bot(store: Store) -> None:
    await deploy(store)

    alert = await store.send(rsi=25)

    (one,) = await waiting(store)
    assert (one.notice.alert, one.notice.bot) == (alert, (await store.bot()).id)
    assert [told.title for told in (await store.trace(alert)).notices] == [one.notice.title]


async def test_a_refusal_by_the_venue_is_told(store: Store) -> None:
    await deploy(store)
    hands, order = await first_order(store)
    await hands.send(order)

    await hands.record(order, REFUSED)

    (one,) = await waiting(store)
    assert one.notice.kind is Kind.REJECTED
    assert "no: not today" in one.notice.lines[0]


async def test_an_order_in_doubt_is_told_once_however_often_it_is_asked_for(
    store: Store,
) -> None:
    await deploy(store)
    hands, order = await first_order(store)
    await hands.send(order)

    await hands.record(order, LOST)
    await hands.record(order, LOST)

    assert await kinds(store) == [Kind.UNKNOWN]


async def test_what_is_not_committed_is_not_told(store: Store) -> None:
    await deploy(store)
    hands, order = await first_order(store)
    await hands.send(order)
    await store.queue.release(hands.claim, None)
    await store.queue.claim(hands.claim.key, "another")

    with pytest.raises(ClaimLost):
        await hands.record(order, REFUSED)

    assert await waiting(store) == []


async def test_a_brake_and_an_operator_are_told_of_the_state_they_set(
    store: Store,
) -> None:
    braked = account_config(limits=Limits(daily_loss=Decimal(50)))
    await deploy(store, bot_config("one"), accounts=(braked,))
    await store.send(rsi=25)
    await store.send(rsi=75, price="90")
    await store.configuration.change_state(Scope.BOT, "one", TradingState.HALTED, AUTHOR)

    stopped = [one.notice for one in await waiting(store)][:2]

    assert [one.weight for one in stopped] == [Weight.ALARM, Weight.ALARM]
    assert stopped[0].title == "Reducing: account paper opens nothing new"
    assert stopped[1].title == "Halted: signals cause nothing for bot one"


async def test_a_close_that_could_not_act_is_an_alarm(store: Store) -> None:
    await deploy(store)
    await store.send(rsi=25)
    await store.configuration.change_state(Scope.BOT, "bot", TradingState.HALTED, AUTHOR)

    await store.send(action=Action.CLOSE)

    last = (await waiting(store))[1].notice
    assert (last.kind, last.weight) == (Kind.CLOSE_FAILED, Weight.ALARM)
    assert last.title.startswith("CLOSE did nothing: long BTC/USDT:USDT stays open")


async def test_a_close_that_reaches_no_bot_is_an_alarm(store: Store) -> None:
    await deploy(store)

    alert = await store.send(action=Action.CLOSE, ticker="DOGEUSDT.P")
    await store.send(rsi=25, ticker="DOGEUSDT.P")

    (one,) = await waiting(store)
    assert (one.notice.weight, one.notice.alert) == (Weight.ALARM, alert)
    assert one.notice.title == "CLOSE reached no bot: BINANCE:DOGEUSDT.P 4h"
    assert one.notice.lines[0].startswith("No bot of this feed is on the alert's chart")


async def test_a_close_with_nothing_open_is_nothing_to_tell(store: Store) -> None:
    await deploy(store)

    await store.send(action=Action.CLOSE)

    assert await waiting(store) == []


async def test_one_tells_at_a_time(store: Store) -> None:
    await deploy(store)
    await store.send(rsi=25)

    turn = await taken(store)

    assert await store.outbox.take_turn(TELEGRAM, "two") is None
    assert not await store.outbox.due(TELEGRAM)
    await store.outbox.told(turn, [(await waiting(store))[0].id], timedelta())
    assert await waiting(store) == []
    assert not await store.outbox.due(TELEGRAM)


class Slow:
    """A notifier that lets every other process run before it has told."""

    channel = TELEGRAM

    def __init__(self) -> None:
        self.told: list[str] = []

    async def tell(self, notices: Sequence[Notice]) -> Told:
        await asyncio.sleep(0.01)
        self.told += [one.title for one in notices]
        return Told()

    async def close(self) -> None:
        """Do nothing: there is no connection."""


async def test_many_workers_tell_everything_once(store: Store) -> None:
    await deploy(store)
    for rsi in (25, 75, 25, 75):
        await store.send(rsi=rsi)
    slow = Slow()
    workers = [DeliverNotifications(store.outbox, slow, f"worker-{n}") for n in range(5)]

    while await waiting(store):
        await asyncio.gather(*(one() for one in workers))

    assert len(slow.told) == 7
    assert sorted(one.split(" ")[0] for one in slow.told) == [
        *["Closed"] * 3,
        "Opened",
        *["Reversed"] * 3,
    ]


async def test_a_channel_rests_after_it_was_used(store: Store) -> None:
    await deploy(store)
    await store.send(rsi=25)
    await store.outbox.told(await taken(store), (), timedelta(seconds=3))

    assert await store.outbox.take_turn(TELEGRAM, "one") is None

    await store.later(timedelta(seconds=3))
    assert await store.outbox.due(TELEGRAM)
    await taken(store)


async def test_a_turn_that_was_lost_settles_nothing(store: Store) -> None:
    await deploy(store)
    await store.send(rsi=25)
    slow = await taken(store, "slow")
    await store.later(TURN + SECOND)
    await taken(store, "other")

    with pytest.raises(TurnLost):
        await store.outbox.told(slow, [(await waiting(store))[0].id], timedelta())

    assert len(await waiting(store)) == 1


async def test_a_failure_keeps_everything_and_is_counted(store: Store) -> None:
    await deploy(store)
    await store.send(rsi=25)

    await store.outbox.failed(await taken(store), "no route", timedelta())
    await store.later(SECOND)
    turn = await taken(store)
    state = await store.outbox.state(TELEGRAM)

    assert turn.failures == 1
    assert (state.waiting, state.failures, state.error) == (1, 1, "no route")
    assert state.failing_since is not None
    await store.outbox.told(turn, (), timedelta())
    assert (await store.outbox.state(TELEGRAM)).failing_since is None


async def test_what_is_never_taken_is_kept_with_why(store: Store) -> None:
    await deploy(store)
    alert = await store.send(rsi=25)
    turn = await taken(store)

    await store.outbox.given_up(turn, [(await waiting(store))[0].id], "too long")

    state = await store.outbox.state(TELEGRAM)
    assert (state.waiting, state.given_up) == (0, 1)
    assert (await store.trace(alert)).notices[0].error == "too long"


async def test_a_linked_chat_replaces_the_one_before(store: Store) -> None:
    assert await store.outbox.chat(TELEGRAM) is None

    await store.outbox.link(TELEGRAM, Chat(id=1, title="me", is_group=False))
    await store.outbox.link(TELEGRAM, CHAT)

    assert await store.outbox.chat(TELEGRAM) == CHAT


def test_a_notice_fits_a_lock_screen() -> None:
    with pytest.raises(ValueError, match="at most 3 lines"):
        Notice(kind=Kind.OPENED, weight=Weight.NEWS, title="x", lines=("1", "2", "3", "4"))


async def test_what_is_told_once_a_day_is_not_added_twice_within_it(store: Store) -> None:
    notice = Notice(kind=Kind.AUDIT_HEAD, weight=Weight.NOTE, title="Audit", lines=("a",))
    day = timedelta(days=1)

    added = [await store.outbox.add_once_in(notice, day) for _ in range(3)]
    later = await store.outbox.add_once_in(notice, timedelta())

    assert (added, later) == ([True, False, False], True)
    assert [one.notice for one in await waiting(store)] == [notice, notice]
