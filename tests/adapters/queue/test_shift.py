import asyncio
from datetime import timedelta

import pytest

from adapters.queue.shift import Shift
from adapters.queue.slots import Slots
from adapters.queue.tasks import Ring, ring_for_alerts, ring_for_news
from application.ports.inbox import Urgency
from application.records import Key
from tests.adapters.queue.workshop import SECONDS, Workshop, eventually, key_of

BTC, ETH = key_of(1, "BTC"), key_of(1, "ETH")


async def test_what_takes_longer_than_the_grace_is_canceled(shop: Workshop) -> None:
    shift = Shift(Slots(), grace_seconds=0.01)
    shop.hold(BTC)
    shift.begin(shop.route, shop.work)
    shift.ring([BTC])
    await eventually(lambda: shop.started == [BTC])

    async with asyncio.timeout(SECONDS):
        await shift.end()

    assert shop.ended == []


async def test_nobody_is_admitted_after_the_end(shop: Workshop) -> None:
    shift = Shift(Slots(1))
    shop.hold(BTC)
    shift.begin(shop.route, shop.work)
    shift.ring([BTC, ETH])
    await eventually(lambda: shop.started == [BTC])

    ending = asyncio.create_task(shift.end())
    await asyncio.sleep(0)
    shift.ring(())
    shop.let_go(BTC)
    await ending

    assert (shop.ended, shop.routed) == ([BTC], 0)


async def test_work_that_hangs_gives_its_slot_back_when_its_time_is_up(
    shop: Workshop,
) -> None:
    shift = Shift(Slots(1), time_limit=timedelta(seconds=0.01))
    shop.hold(BTC)
    shift.begin(shop.route, shop.work)

    shift.ring([BTC, ETH])
    await eventually(lambda: shop.ended == [ETH])

    await shift.end()


async def test_alerts_that_come_while_others_are_routed_are_routed_next() -> None:
    shift = Shift(Slots())
    gate = asyncio.Event()
    routed: list[str] = []

    async def route() -> None:
        await gate.wait()
        routed.append("routed")

    async def work(_: Key) -> None:
        pytest.fail("no key was rung")

    shift.begin(route, work)
    for _ in range(3):
        shift.ring(())
    gate.set()
    await eventually(lambda: len(routed) == 2)
    await shift.end()

    assert routed == ["routed"] * 2


def test_what_waits_when_nobody_works_leaves_as_rings() -> None:
    shift = Shift(Slots())
    shift.ring(())
    shift.ring((), Urgency.NOTIFY)
    shift.ring([BTC], Urgency.EXIT)

    left = [ring_for_alerts(), ring_for_news(), Ring(BTC, Urgency.EXIT)]
    assert shift.leave() == left
    assert shift.leave() == []
