"""What Valkey may do to its workers: be away, be flushed, killed, frozen, talk rubbish."""

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Iterator

import pytest

from tests.adapters.queue.conftest import Opener, Server
from tests.adapters.queue.workshop import (
    Workshop,
    ended,
    eventually,
    key_of,
    keys_of,
    serving,
    swept,
)

BTC, ETH, SOL = key_of(1, "BTC"), key_of(1, "ETH"), key_of(2, "SOL")
AT_ONCE = 0.2
"""Of a call that must not wait for Valkey, on a machine that may be busy."""


@pytest.fixture
def frozen(valkey: Server) -> Iterator[int]:
    """Freeze Valkey and give the number of its process."""
    pid = valkey.pid
    os.kill(pid, signal.SIGSTOP)
    yield pid
    os.kill(pid, signal.SIGCONT)


def kill(valkey: Server) -> None:
    """End Valkey as a power cut would, and wait until it is gone."""
    os.kill(valkey.pid, signal.SIGKILL)
    while valkey.embedded.running():
        time.sleep(0.005)


async def test_a_valkey_that_is_away_when_the_work_begins_is_waited_for(
    remote: str, open_queue: Opener, shop: Workshop, valkey: Server
) -> None:
    queue, bell = open_queue(remote), open_queue(remote)
    valkey.embedded.stop()

    async with serving(queue, shop):
        begun = time.monotonic()
        await bell.ring([BTC])
        took = time.monotonic() - begun
        await asyncio.to_thread(valkey.embedded.start)
        await swept(bell, BTC, shop)

    assert took < AT_ONCE


async def test_a_valkey_that_is_killed_in_mid_run_is_found_again(
    remote: str, open_queue: Opener, shop: Workshop, valkey: Server
) -> None:
    queue, bell = open_queue(remote), open_queue(remote)
    shop.hold(SOL)

    async with serving(queue, shop):
        await bell.ring([SOL])
        await eventually(lambda: shop.started == [SOL])
        await asyncio.to_thread(kill, valkey)
        await bell.ring([BTC])
        shop.let_go(SOL)
        await eventually(lambda: shop.ended == [SOL])
        await asyncio.to_thread(valkey.embedded.start)
        await swept(bell, BTC, shop)


async def test_a_key_with_a_free_slot_here_needs_no_valkey(
    remote: str, open_queue: Opener, shop: Workshop, valkey: Server
) -> None:
    queue = open_queue(remote)

    async with serving(queue, shop):
        await queue.ring([SOL])
        await eventually(lambda: shop.ended == [SOL])
        await asyncio.to_thread(kill, valkey)
        await queue.ring([BTC])
        await eventually(lambda: shop.ended == [SOL, BTC])


async def test_what_a_flush_took_is_rung_again(
    remote: str, open_queue: Opener, shop: Workshop, valkey: Server
) -> None:
    queue, bell = open_queue(remote), open_queue(remote)
    shop.hold(SOL)

    async with serving(queue, shop):
        await bell.ring([SOL])
        await eventually(lambda: shop.started == [SOL])
        valkey.client.flushall()
        await swept(bell, BTC, shop)
        shop.let_go(SOL)
        await swept(bell, SOL, shop)


async def test_ringing_a_frozen_valkey_takes_no_time(
    remote: str, open_queue: Opener, frozen: int
) -> None:
    bell = open_queue(remote)

    begun = time.monotonic()
    for _ in range(100):
        await bell.ring([BTC])
        await bell.ring(())
    took = time.monotonic() - begun
    os.kill(frozen, signal.SIGCONT)

    assert took < AT_ONCE


async def test_a_valkey_that_froze_is_heard_again(
    remote: str, open_queue: Opener, shop: Workshop, valkey: Server
) -> None:
    queue, bell = open_queue(remote), open_queue(remote)
    pid = valkey.pid

    async with serving(queue, shop):
        await swept(bell, BTC, shop)
        os.kill(pid, signal.SIGSTOP)
        await bell.ring([ETH])
        os.kill(pid, signal.SIGCONT)
        await eventually(lambda: shop.ended[-1:] == [ETH])


async def test_the_work_ends_although_valkey_is_away(
    remote: str, open_queue: Opener, shop: Workshop, valkey: Server
) -> None:
    queue, bell = open_queue(remote), open_queue(remote)
    shop.hold(SOL)

    async with serving(queue, shop) as running:
        await bell.ring([SOL])
        await eventually(lambda: shop.started == [SOL])
        await asyncio.to_thread(kill, valkey)
        shop.let_go(SOL)
        await ended(running)

    assert shop.ended == [SOL]


async def test_rubbish_in_a_queue_stops_nobody(
    remote: str, open_queue: Opener, shop: Workshop, valkey: Server
) -> None:
    queue, bell = open_queue(remote), open_queue(remote)

    async with serving(queue, shop):
        await swept(bell, BTC, shop)
        for name in ("signalman:entries", "signalman.entries"):
            valkey.client.lpush(name, "rubbish")
            valkey.client.hset(f"{name}.msgs", "rubbish", "more rubbish")
        await swept(bell, ETH, shop)


async def test_any_process_may_ring(
    remote: str, open_queue: Opener, shop: Workshop
) -> None:
    worker, web = open_queue(remote), open_queue(remote)

    async with serving(worker, shop):
        await web.ring([BTC])
        await web.ring(())
        await eventually(lambda: (shop.ended, shop.routed) == ([BTC], 1))


async def test_two_workers_leave_nothing_undone(remote: str, open_queue: Opener) -> None:
    first, second = Workshop(), Workshop()
    keys = [key for account in range(1, 6) for key in keys_of(account, 40)]

    async with (
        serving(open_queue(remote), first),
        serving(open_queue(remote), second),
    ):
        await open_queue(remote).ring(keys)
        await eventually(lambda: {*first.ended, *second.ended} == {*keys})


async def test_a_key_that_waits_when_its_worker_ends_is_rung_for_the_next(
    remote: str, open_queue: Opener, shop: Workshop
) -> None:
    ending = open_queue(remote, 1)
    shop.hold(BTC)
    async with serving(ending, shop) as running:
        await ending.ring([BTC])
        await ending.ring([ETH])
        await ending.ring([SOL])
        await ending.ring(())
        await eventually(lambda: (shop.started, shop.routed) == ([BTC], 1))
        running.cancel()
        shop.let_go(BTC)

    async with serving(open_queue(remote), shop):
        await eventually(lambda: set(shop.ended) == {BTC, ETH, SOL})


async def test_a_runtime_leaves_the_process_as_it_is(
    remote: str, open_queue: Opener, shop: Workshop
) -> None:
    def belongings() -> tuple[object, ...]:
        return (
            [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)],
            (logging.getLogger().handlers[:], logging.getLogger().level),
            (sys.stdout, sys.stderr),
        )

    before = belongings()

    async with serving(queue := open_queue(remote), shop):
        await swept(queue, BTC, shop)
        assert belongings() == before
    assert belongings() == before
