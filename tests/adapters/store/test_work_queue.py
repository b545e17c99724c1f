"""What the queue of record promises: one worker a key, by lease and fence."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.workbench import LEASE, NO_NEWS, ClaimLost
from application.records import AccountId, Desk, JobCause, Key, Planned
from domain.instrument import Symbol
from domain.rules import ExitRules
from domain.signal import Action
from tests.adapters.store.stores import (
    AUTHOR,
    KEY,
    RULES,
    Store,
    bot_config,
    bot_edit,
    deploy,
)

EXPIRED = LEASE + timedelta(seconds=1)
ETH = Key(AccountId(1), Symbol("ETH/USDT:USDT"))


@pytest.fixture(autouse=True)
async def deployed(store: Store) -> None:
    await deploy(store, bot_config("btc"), bot_config("eth", "ETH"))


async def waiting(store: Store, *tickers: str) -> None:
    for ticker in tickers or ("BTCUSDT.P",):
        await store.receive(store.signal(ticker=ticker))
    await store.fan_out()


async def hold_for_two_hundred_bars(store: Store) -> None:
    """Open a position that must be left when its last allowed bar closes."""
    rules = replace(RULES, exits=ExitRules(max_bars=200))
    change = bot_edit(bot_config("btc", rules=rules))
    await store.configuration.edit([change], (), AUTHOR)
    await store.send(rsi=20)


async def test_a_key_is_held_by_one(store: Store) -> None:
    first = await store.queue.claim(KEY, "one")
    second = await store.queue.claim(KEY, "two")
    other = await store.queue.claim(ETH, "two")

    assert first is not None
    assert (first.key, first.owner) == (KEY, "one")
    assert second is None
    assert other is not None


async def test_of_many_at_once_one_gets_the_key(store: Store) -> None:
    claims = await asyncio.gather(
        *(store.queue.claim(KEY, f"worker {number}") for number in range(20))
    )

    assert sum(claim is not None for claim in claims) == 1


async def test_a_key_is_taken_over_once_its_lease_is_over(store: Store) -> None:
    first = await store.queue.claim(KEY, "one")
    assert first is not None

    await store.later(LEASE - timedelta(seconds=2))
    early = await store.queue.claim(KEY, "two")
    await store.later(timedelta(seconds=3))
    second = await store.queue.claim(KEY, "two")

    assert early is None
    assert second is not None
    assert second.fence > first.fence


async def test_renewing_holds_a_key_on(store: Store) -> None:
    claim = await store.queue.claim(KEY, "one")
    assert claim is not None

    await store.later(LEASE - timedelta(seconds=2))
    await store.queue.renew(claim)
    await store.later(timedelta(seconds=3))

    assert await store.queue.claim(KEY, "two") is None


async def test_a_lease_that_ran_out_untaken_can_be_renewed(store: Store) -> None:
    claim = await store.queue.claim(KEY, "one")
    assert claim is not None
    await store.later(EXPIRED)

    await store.queue.renew(claim)

    assert await store.queue.claim(KEY, "two") is None


async def test_who_lost_a_key_is_told(store: Store) -> None:
    lost = await store.queue.claim(KEY, "one")
    assert lost is not None
    await store.later(EXPIRED)
    await store.queue.claim(KEY, "two")

    with pytest.raises(ClaimLost):
        await store.queue.renew(lost)
    await store.queue.release(lost, None)

    assert await store.queue.claim(KEY, "three") is None


async def test_a_key_that_was_given_back_cannot_be_renewed(store: Store) -> None:
    claim = await store.queue.claim(KEY, "one")
    assert claim is not None
    await store.queue.release(claim, None)

    with pytest.raises(ClaimLost):
        await store.queue.renew(claim)

    assert await store.queue.claim(KEY, "two") is not None


async def test_fences_grow_with_every_claim(store: Store) -> None:
    fences = []
    for number in range(5):
        claim = await store.queue.claim(KEY, f"worker {number}")
        assert claim is not None
        fences.append(claim.fence)
        await store.queue.release(claim, None)

    assert fences == sorted(set(fences))


async def test_due_keys_have_work_that_nobody_holds(store: Store) -> None:
    await waiting(store, "ETHUSDT.P", "BTCUSDT.P")
    both = await store.queue.due(10)
    await store.queue.claim(ETH, "one")
    rest = await store.queue.due(10)
    await store.later(EXPIRED)
    again = await store.queue.due(10)

    assert list(both) == [ETH, KEY]
    assert list(rest) == [KEY]
    assert list(again) == [ETH, KEY]
    assert list(await store.queue.due(1)) == [ETH]


async def test_due_keys_are_told_apart_by_whether_a_position_is_open(store: Store) -> None:
    await store.send(rsi=20)
    await waiting(store, "ETHUSDT.P", "BTCUSDT.P")

    assert list(await store.queue.due(10)) == [ETH, KEY]
    assert list(await store.queue.due(10, open_only=True)) == [KEY]


async def test_a_key_may_ask_to_be_left_alone_for_a_while(store: Store) -> None:
    await waiting(store)
    claim = await store.queue.claim(KEY, "one")
    assert claim is not None

    await store.queue.release(claim, store.clock.now() + timedelta(seconds=30))
    early = await store.queue.due(10)
    await store.later(timedelta(seconds=31))
    late = await store.queue.due(10)

    assert list(early) == []
    assert list(late) == [KEY]


async def test_a_key_without_work_is_never_due(store: Store) -> None:
    await store.send(rsi=50)

    assert list(await store.queue.due(10)) == []


async def test_a_key_of_no_account_cannot_be_claimed(store: Store) -> None:
    assert await store.queue.claim(Key(AccountId(99), KEY.symbol), "one") is None


async def test_a_timer_that_is_due_becomes_a_job_once(store: Store) -> None:
    await hold_for_two_hundred_bars(store)

    early = await store.queue.ring_timers(10)
    await store.later(timedelta(days=100))
    rings = await asyncio.gather(*(store.queue.ring_timers(10) for _ in range(5)))

    assert list(early) == []
    assert [key for keys in rings for key in keys] == [KEY]
    assert list(await store.queue.due(10)) == [KEY]


async def test_the_job_of_a_timer_says_so(store: Store) -> None:
    await hold_for_two_hundred_bars(store)
    await store.later(timedelta(days=100))
    await store.queue.ring_timers(10)
    claim = await store.queue.claim(KEY, "one")
    assert claim is not None
    desks: list[Desk] = []

    def look(desk: Desk) -> Planned:
        desks.append(desk)
        return Planned()

    await store.workbench.advance(claim, NO_NEWS, look)

    assert [job.cause for job in desks[0].jobs] == [JobCause.TIMER]
    assert desks[0].jobs[0].signal is None


async def test_a_closed_position_has_no_timer(store: Store) -> None:
    await hold_for_two_hundred_bars(store)
    await store.send(rsi=50, action=Action.CLOSE)
    await store.later(timedelta(days=100))

    assert list(await store.queue.ring_timers(10)) == []
