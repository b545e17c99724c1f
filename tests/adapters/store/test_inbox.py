"""What the intake promises: kept before it is answered, once for its key, in order."""

import asyncio
from datetime import timedelta

import pytest

from application.ports.inbox import Outcome, Refusal, TokenGone
from application.ports.views import AlertRow
from domain.reasons import Reason
from domain.signal import AlertId
from tests.adapters.store.stores import (
    AUTHOR,
    FEED,
    TOKEN,
    Store,
    arrival,
    deploy,
    feed_edit,
)


@pytest.fixture(autouse=True)
async def deployed(store: Store) -> None:
    await deploy(store)


async def kept(store: Store, id: AlertId) -> AlertRow:
    trace = await store.views.alert(id)
    assert trace is not None
    return trace.alert


async def test_an_alert_is_kept_as_it_came(store: Store) -> None:
    signal = store.signal(rsi=27.4, price="60000.50", extra={"volume": "12.5"})

    receipt = await store.inbox.receive(arrival("one", signal=signal))

    row = await kept(store, receipt.alert)
    assert receipt.outcome is Outcome.ACCEPTED
    assert row.signal == signal._replace(alert=receipt.alert)
    assert str(row.signal.price) == "60000.50"
    assert (row.feed, row.body, row.size) == ("feed", "body of one", 11)
    assert (row.source, row.content_type) == ("203.0.113.7", "application/json")
    assert (row.key, row.reason, row.duplicates) == ("one", None, 0)
    assert row.received_at == signal.received_at
    assert row.stored_at >= row.received_at


async def test_the_same_key_with_the_same_body_is_a_duplicate(store: Store) -> None:
    first = await store.inbox.receive(arrival("one", signal=store.signal()))

    second = await store.inbox.receive(arrival("one", signal=store.signal()))
    third = await store.inbox.receive(arrival("one", signal=store.signal()))

    row = await kept(store, first.alert)
    assert second.outcome is third.outcome is Outcome.DUPLICATE
    assert second.alert == third.alert == first.alert
    assert row.duplicates == 2
    assert row.last_duplicate_at is not None
    assert len(await store.views.alerts(limit=10)) == 1


async def test_the_same_key_with_another_body_is_kept_and_refused(store: Store) -> None:
    first = await store.inbox.receive(arrival("one", signal=store.signal()))

    other = arrival("one", signal=store.signal(rsi=20), digest="another")
    second = await store.inbox.receive(other)

    row = await kept(store, second.alert)
    assert second.outcome is Outcome.ID_REUSED
    assert second.alert > first.alert
    assert row.reason is Reason.ALERT_ID_REUSED
    assert f"alert {first.alert}" in row.detail
    assert (await store.fan_out()).alerts == 1


async def test_a_key_that_expires_binds_for_a_minute(store: Store) -> None:
    body = arrival("digest", signal=store.signal(), key_expires=True)
    first = await store.inbox.receive(body)

    await store.later(timedelta(seconds=55))
    within = await store.inbox.receive(body)
    await store.later(timedelta(seconds=6))
    after = await store.inbox.receive(body)
    again = await store.inbox.receive(body)

    assert within == type(within)(alert=first.alert, outcome=Outcome.DUPLICATE)
    assert after.outcome is Outcome.ACCEPTED
    assert again == type(again)(alert=after.alert, outcome=Outcome.DUPLICATE)


async def test_a_key_that_does_not_expire_binds_for_ever(store: Store) -> None:
    first = await store.inbox.receive(arrival("one", signal=store.signal()))

    await store.later(timedelta(days=4000))
    again = await store.inbox.receive(arrival("one", signal=store.signal()))

    assert (again.alert, again.outcome) == (first.alert, Outcome.DUPLICATE)


async def test_two_feeds_may_use_the_same_key(store: Store) -> None:
    await store.configuration.edit([feed_edit("other", "b" * 64)], (), AUTHOR)
    other = await store.inbox.feed("b" * 64)
    assert other is not None

    first = await store.inbox.receive(arrival("one", signal=store.signal()))
    second = await store.inbox.receive(arrival("one", signal=store.signal(), feed=other.id))

    assert first.outcome is second.outcome is Outcome.ACCEPTED


async def test_a_refused_body_is_kept_without_a_key(store: Store) -> None:
    refused = arrival(None, reason=Reason.BODY_NOT_JSON, detail="line 1")

    first = await store.inbox.receive(refused)
    second = await store.inbox.receive(refused)

    row = await kept(store, second.alert)
    assert first.outcome is second.outcome is Outcome.REFUSED
    assert first.alert < second.alert
    assert (row.reason, row.detail, row.signal) == (Reason.BODY_NOT_JSON, "line 1", None)
    assert (await store.fan_out()).alerts == 0


async def test_fifty_at_once_are_kept_under_fifty_ids(store: Store) -> None:
    receipts = await asyncio.gather(
        *(store.inbox.receive(arrival(f"{n}", signal=store.signal())) for n in range(50))
    )

    assert len({one.alert for one in receipts}) == 50
    assert {one.outcome for one in receipts} == {Outcome.ACCEPTED}


async def test_the_same_alert_fifty_times_at_once_is_one_alert(store: Store) -> None:
    one = arrival("one", signal=store.signal())

    receipts = await asyncio.gather(*(store.inbox.receive(one) for _ in range(50)))

    outcomes = [receipt.outcome for receipt in receipts]
    row = await kept(store, receipts[0].alert)
    assert len({receipt.alert for receipt in receipts}) == 1
    assert outcomes.count(Outcome.ACCEPTED) == 1
    assert outcomes.count(Outcome.DUPLICATE) == 49
    assert row.duplicates == 49


async def test_ids_rise_in_the_order_in_which_alerts_are_committed(store: Store) -> None:
    async def send(number: int) -> None:
        await store.inbox.receive(arrival(f"{number}", signal=store.signal()))

    async def look() -> None:
        seen: list[AlertId] = []
        for _ in range(30):
            rows = await store.views.alerts(limit=1000)
            newest = [row.id for row in reversed(rows)]
            assert newest[: len(seen)] == seen
            seen = newest

    await asyncio.gather(*(send(number) for number in range(50)), look(), look())


async def test_a_feed_is_found_by_its_token(store: Store) -> None:
    found = await store.inbox.feed(TOKEN)
    unknown = await store.inbox.feed("c" * 64)

    assert found is not None
    assert (found.id, found.name) == (FEED, "feed")
    assert unknown is None


async def test_a_rotated_token_goes_on_for_a_day(store: Store) -> None:
    assert await store.configuration.rotate_token("feed", "b" * 64, AUTHOR)

    await store.later(timedelta(hours=23))
    within = await store.inbox.feed(TOKEN)
    kept = await store.inbox.receive(arrival("in time", signal=store.signal(), token=TOKEN))
    await store.later(timedelta(hours=2))
    with pytest.raises(TokenGone):
        await store.inbox.receive(arrival("late", signal=store.signal(), token=TOKEN))

    assert within is not None
    assert within == await store.inbox.feed("b" * 64)
    assert await store.inbox.feed(TOKEN) is None
    assert [row.id for row in await store.views.alerts(limit=10)] == [kept.alert]


async def test_refused_requests_are_counted(store: Store) -> None:
    refusal = Refusal(
        reason=Reason.AUTH_BAD_TOKEN, detail="", source="203.0.113.9", size=3, body="abc"
    )

    await asyncio.gather(*(store.inbox.refuse(refusal) for _ in range(20)))

    assert (await store.views.accounted()).refused == 20


async def test_a_crowd_at_once_is_answered_as_one_after_the_other(store: Store) -> None:
    await deploy(store)
    crowd = [
        one
        for number in range(20)
        for one in (
            arrival(f"{number}", signal=store.signal()),
            arrival(f"{number}", signal=store.signal()),
            arrival(f"{number}", signal=store.signal(), digest="another body"),
            arrival(None, reason=Reason.BODY_NOT_JSON),
        )
    ]

    receipts = await asyncio.gather(*map(store.inbox.receive, crowd))

    assert [one.outcome for one in receipts] == [
        Outcome.ACCEPTED,
        Outcome.DUPLICATE,
        Outcome.ID_REUSED,
        Outcome.REFUSED,
    ] * 20
    firsts, again = receipts[::4], receipts[1::4]
    assert [one.alert for one in again] == [one.alert for one in firsts]
    assert [one.alert for one in firsts] == sorted(one.alert for one in firsts)
    counted = await store.views.accounted()
    assert (counted.alerts, counted.duplicates) == (20, 20)
