"""What every runtime promises, whichever way its rings travel."""

import threading

import pytest

from application.ports.inbox import Urgency
from tests.adapters.queue.conftest import Opener, Server
from tests.adapters.queue.workshop import (
    Workshop,
    ended,
    eventually,
    key_of,
    keys_of,
    serving,
    shift_of,
)

BTC, ETH, SOL = key_of(1, "BTC"), key_of(1, "ETH"), key_of(2, "SOL")


async def test_a_ring_is_worked(runtime: str, open_queue: Opener, shop: Workshop) -> None:
    queue = open_queue(runtime)

    async with serving(queue, shop):
        await queue.ring([BTC, SOL])
        await eventually(lambda: len(shop.ended) == 2)

    assert set(shop.ended) == {BTC, SOL}


async def test_a_ring_without_keys_fans_the_alerts_out(
    runtime: str, open_queue: Opener, shop: Workshop
) -> None:
    queue = open_queue(runtime)

    async with serving(queue, shop):
        await queue.ring(())
        await eventually(lambda: shop.routed == 1)

    assert shop.started == []


async def test_what_was_rung_before_anybody_worked_is_worked(
    runtime: str, open_queue: Opener, shop: Workshop
) -> None:
    queue = open_queue(runtime)
    await queue.ring([BTC])

    async with serving(queue, shop):
        await eventually(lambda: shop.ended == [BTC])


async def test_two_rings_are_at_least_one_work(
    runtime: str, open_queue: Opener, shop: Workshop
) -> None:
    queue = open_queue(runtime)

    async with serving(queue, shop):
        await queue.ring([BTC])
        await queue.ring([BTC])
        await eventually(lambda: shop.ended != [])

    assert set(shop.ended) == {BTC}


async def test_a_ring_during_work_is_worked_once_more(
    runtime: str, open_queue: Opener, shop: Workshop
) -> None:
    queue = open_queue(runtime)
    shop.hold(BTC)

    async with serving(queue, shop):
        await queue.ring([BTC])
        await eventually(lambda: shop.started == [BTC])
        await queue.ring([BTC])
        await queue.ring([SOL])
        await eventually(lambda: shop.ended == [SOL])
        shop.let_go(BTC)
        await eventually(lambda: shop.ended == [SOL, BTC, BTC])


async def test_keys_are_worked_in_parallel(
    runtime: str, open_queue: Opener, shop: Workshop
) -> None:
    queue = open_queue(runtime)
    keys = [*keys_of(1, 4), *keys_of(2, 4)]
    shop.hold(*keys)

    async with serving(queue, shop):
        await queue.ring(keys)
        await eventually(lambda: len(shop.started) == len(keys))

        assert shop.ended == []


async def test_an_account_that_hangs_leaves_half_of_the_slots_to_others(
    runtime: str, open_queue: Opener, shop: Workshop
) -> None:
    queue = open_queue(runtime, 4)
    hanging, others = keys_of(1, 10), keys_of(2, 10)
    shop.hold(*hanging)

    async with serving(queue, shop):
        await queue.ring(hanging)
        await eventually(lambda: len(shop.started) == 2)
        await queue.ring(others)
        await eventually(lambda: len(shop.ended) == len(others))

        assert [key.account for key in shop.started].count(hanging[0].account) == 2


async def test_exits_are_worked_before_entries_before_notifications(
    runtime: str, open_queue: Opener, shop: Workshop
) -> None:
    queue = open_queue(runtime, 1)
    notify, entry, exits = keys_of(2, 3)
    shop.hold(BTC)

    async with serving(queue, shop):
        await queue.ring([BTC])
        await eventually(lambda: shop.started == [BTC])
        await queue.ring([notify], Urgency.NOTIFY)
        await queue.ring([entry])
        await queue.ring([exits], Urgency.EXIT)
        heard = (notify, entry, exits)
        await eventually(lambda: all(map(shift_of(queue).takes, heard)))
        shop.let_go(BTC)
        await eventually(lambda: len(shop.ended) == 4)

    assert shop.ended == [BTC, exits, entry, notify]


async def test_telling_people_takes_no_slot_and_waits_for_none(
    runtime: str, open_queue: Opener, shop: Workshop
) -> None:
    queue = open_queue(runtime, 1)
    shop.hold(BTC)

    async with serving(queue, shop):
        await queue.ring([BTC])
        await eventually(lambda: shop.started == [BTC])
        await queue.ring((), Urgency.NOTIFY)
        await eventually(lambda: shop.told == 1)

    assert shop.routed == 0


async def test_work_that_fails_stops_nobody(
    runtime: str, open_queue: Opener, shop: Workshop
) -> None:
    queue = open_queue(runtime)
    shop.failing.add(BTC)

    async with serving(queue, shop):
        await queue.ring([BTC])
        await eventually(lambda: shop.started == [BTC])
        await queue.ring([ETH])
        await eventually(lambda: shop.ended == [ETH])


async def test_what_is_under_way_is_finished_when_the_work_is_to_end(
    runtime: str, open_queue: Opener, shop: Workshop
) -> None:
    queue = open_queue(runtime)
    shop.hold(BTC)

    async with serving(queue, shop) as running:
        await queue.ring([BTC])
        await eventually(lambda: shop.started == [BTC])
        running.cancel()
        shop.let_go(BTC)

    assert shop.ended == [BTC]


async def test_a_runtime_can_work_again(
    runtime: str, open_queue: Opener, shop: Workshop
) -> None:
    queue = open_queue(runtime)

    for _ in range(2):
        async with serving(queue, shop):
            await queue.ring([BTC])
            await eventually(lambda: shop.ended[-1:] == [BTC])
            shop.ended.clear()


@pytest.mark.parametrize("call", ["delay", "apply_async"])
async def test_a_task_is_called_as_celerys_are(
    call: str, runtime: str, open_queue: Opener, shop: Workshop
) -> None:
    queue = open_queue(runtime)
    payload = {"account": BTC.account, "symbol": BTC.symbol}

    async with serving(queue, shop):
        if call == "delay":
            queue.tasks["work.key"].delay(**payload)
            queue.tasks["alerts.fan_out"].delay()
        else:
            queue.tasks["work.key"].apply_async(kwargs=payload, queue="exits")
            queue.tasks["alerts.fan_out"].apply_async(task_id="mine")
        await eventually(lambda: (shop.ended, shop.routed) == ([BTC], 1))


async def test_no_thread_and_no_connection_is_left_behind(
    remote: str, open_queue: Opener, shop: Workshop, valkey: Server
) -> None:
    before = threads()
    await eventually(lambda: valkey.connections == 0)
    queue = open_queue(remote)

    async with serving(queue, shop) as running:
        await queue.ring([BTC])
        await eventually(lambda: shop.ended == [BTC])
        assert threads() > before
        assert valkey.connections > 0
        await ended(running)

    assert threads() == before
    await eventually(lambda: valkey.connections == 0)


def threads() -> set[threading.Thread]:
    """Return every thread but those that the event loop keeps for itself."""
    return {one for one in threading.enumerate() if not one.name.startswith("asyncio_")}
