"""Protective orders and missing stops: what is kept of them, and what comes of it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from application.answers import Acknowledged, Refused
from application.notice import Kind, Notice, Weight
from application.ports.protections import Protection
from application.ports.stop_alarms import StopMissing
from application.ports.workbench import Claim, ClaimLost
from application.protecting import answered, to_do
from application.records import BotId, IntentId, JobCause
from domain.order import OrderStatus
from domain.protection import ProtectionKind
from domain.rules import ExitRules
from tests.adapters.store.hands import Hands
from tests.adapters.store.stores import (
    KEY,
    RULES,
    Store,
    account_config,
    bot_config,
    deploy,
)

EXITS = ExitRules(stop_loss_percent=Decimal(2), take_profit_percent=Decimal(4))
GUARDED = bot_config(rules=replace(RULES, exits=EXITS))
BOT = BotId(1)


async def held(store: Store) -> Claim:
    """Let a bot on a testnet hold something; return the claim of its key."""
    await deploy(store, GUARDED, accounts=(account_config(mode="testnet"),))
    await store.send(rsi=20, price="100")
    return await claimed(store)


async def claimed(store: Store, owner: str = "guard") -> Claim:
    claim = await store.queue.claim(KEY, owner)
    assert claim is not None
    return claim


async def sent(store: Store, claim: Claim) -> tuple[Protection, ...]:
    """Keep what should rest as sent."""
    guarded = await store.protections.guarded(KEY)
    assert guarded is not None
    names = iter("abcdefgh")
    doing = to_do(guarded, frozenset(), lambda: IntentId(next(names)), rests=True)
    await store.protections.keep(claim, doing.changes)
    return doing.place


async def rested(store: Store, claim: Claim) -> Protection:
    """Let the stop rest at the venue, and the target be refused."""
    stop, target = await sent(store, claim)
    guarded = await store.protections.guarded(KEY)
    assert guarded is not None
    yes = answered(guarded, stop, Acknowledged(venue_order_id="7", evidence="taken"))
    no = answered(guarded, target, Refused(code="-2021", text="would trigger"))
    await store.protections.keep(claim, (yes, no))
    return yes.protection


async def known(store: Store) -> tuple[Protection, ...]:
    guarded = await store.protections.guarded(KEY)
    return () if guarded is None else guarded.bots[0].protections


async def test_a_paper_account_is_not_at_a_venue(store: Store) -> None:
    await deploy(store, GUARDED)
    await store.send(rsi=20, price="100")

    assert not await store.protections.at_venue(KEY.account)
    assert await store.protections.watched() == []


async def test_what_is_held_at_a_venue_is_guarded_by_its_own_rules(store: Store) -> None:
    await held(store)
    edited = replace(GUARDED, rules=replace(RULES, exits=ExitRules()))
    await deploy(store, edited, accounts=(account_config(mode="testnet"),))

    guarded = await store.protections.guarded(KEY)

    assert await store.protections.watched() == [KEY]
    assert guarded is not None
    (bot,) = guarded.bots
    assert (bot.id, bot.exits, bot.position.quantity) == (BOT, EXITS, Decimal(10))
    assert guarded.mark is not None
    assert guarded.mark.price == Decimal(100)


async def test_what_was_sent_is_as_it_was_kept(store: Store) -> None:
    claim = await held(store)

    stop, target = await sent(store, claim)

    assert [one.order for one in await known(store)] == [stop.order, target.order]
    assert stop.order.status is OrderStatus.SUBMITTING
    assert stop.order.trigger_price == Decimal(98)


async def test_what_was_refused_is_known_for_a_minute(store: Store) -> None:
    claim = await held(store)
    stop = await rested(store, claim)
    before = await known(store)

    await store.later(timedelta(seconds=61))

    assert [one.order.status for one in before] == [OrderStatus.OPEN, OrderStatus.REJECTED]
    assert [one.order.id for one in await known(store)] == [stop.order.id]


async def test_what_rests_is_not_for_us_to_fire(store: Store) -> None:
    claim = await held(store)
    stop = await rested(store, claim)

    (row,) = await store.views.positions()

    assert row.resting_stop == stop.order.trigger_price
    await store.queue.release(claim, None)
    await store.send(rsi=50, price="97")
    assert await store.position() is not None


async def test_nothing_is_kept_by_whoever_lost_the_claim(store: Store) -> None:
    claim = await held(store)
    await store.later(timedelta(seconds=6))
    await claimed(store, "other")

    with pytest.raises(ClaimLost):
        await sent(store, claim)

    assert await known(store) == ()


async def test_an_order_that_triggered_is_one_exit_whoever_says_so(store: Store) -> None:
    claim = await held(store)
    stop = await rested(store, claim)
    filled = replace(stop, triggered=True)
    guarded = await store.protections.guarded(KEY)
    assert guarded is not None
    change = answered(guarded, filled, Acknowledged(venue_order_id="7"))

    await store.protections.keep(claim, (change,))
    await store.protections.keep(claim, (change,))
    again = await store.protections.guarded(KEY)
    await store.queue.release(claim, None)

    (job,) = (await (await Hands.on(store)).look()).jobs
    assert again is not None
    assert again.bots[0].leaving
    assert job.cause is JobCause.PROTECTION
    assert job.triggered is not None
    assert (job.triggered.order, job.triggered.venue_order_id) == (stop.order.id, "7")
    assert (job.triggered.quantity, job.triggered.level) == (Decimal(10), Decimal(98))


async def test_what_still_rests_after_a_close_is_watched(store: Store) -> None:
    claim = await held(store)
    await rested(store, claim)
    await store.queue.release(claim, None)
    await store.send(rsi=50, price="105")

    assert await store.position() is None
    assert await store.protections.watched() == [KEY]
    guarded = await store.protections.guarded(KEY)
    assert guarded is not None
    assert guarded.bots[0].position.is_flat
    assert [one.kind for one in guarded.bots[0].protections][:1] == [ProtectionKind.STOP]


async def test_who_holds_the_stop_is_told_with_what_the_venue_said(store: Store) -> None:
    claim = await held(store)
    (before,) = await store.stop_alarms.held_stops()
    await rested(store, claim)
    (after,) = await store.stop_alarms.held_stops()

    assert (before.resting, before.said, before.told) == (Decimal(0), "", False)
    assert (after.quantity, after.resting) == (Decimal(10), Decimal(10))
    assert after.said == "taken"


async def test_a_missing_stop_is_told_once_and_since_when_it_is_missing(
    store: Store,
) -> None:
    await held(store)
    (seen,) = await store.stop_alarms.held_stops()
    notice = Notice(
        kind=Kind.UNPROTECTED, weight=Weight.ALARM, title="Unprotected", lines=(), bot=BOT
    )
    missing = StopMissing(bot=BOT, since=seen.now, why="no stop", notice=notice)
    await store.stop_alarms.keep((missing,), ())
    await store.stop_alarms.keep((replace(missing, why="still none", notice=None),), ())

    (told,) = await store.stop_alarms.held_stops()
    (row,) = await store.views.positions()
    assert (told.told, told.missing_since) == (True, seen.now)
    assert (row.unprotected_since, row.unprotected_why) == (seen.now, "still none")

    await store.stop_alarms.keep((), ())
    (again,) = await store.stop_alarms.held_stops()
    assert (again.told, again.missing_since) == (False, None)
