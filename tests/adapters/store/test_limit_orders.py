"""Entries that rest at the paper venue: filled, timed out or taken back, in both stores."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from application.ports.configuration import Author, Scope
from domain.order import CancelCause, Order, OrderEvent, OrderStatus
from domain.reasons import Reason
from domain.risk import TradingState
from domain.rules import OnTimeout, OrderRules, OrderType
from domain.signal import Action, AlertId, Direction
from tests.adapters.store.stores import BAR, KEY, RULES, Store, bot_config, deploy

LIMIT = OrderRules(type=OrderType.LIMIT, timeout_seconds=30)
TO_MARKET = replace(LIMIT, on_timeout=OnTimeout.MARKET, collar_percent=Decimal(10))
WHO = Author(name="anna", source="test", reason="a test")


async def resting(store: Store, order: OrderRules = LIMIT) -> AlertId:
    """Let an entry at 100 rest while the market is at 105."""
    await deploy(store, bot_config(rules=replace(RULES, order=order)))
    await store.send(rsi=50, price="105")
    now = store.clock.now()
    return await store.send(rsi=20, price="100", sent_at=now - timedelta(seconds=5))


async def send(store: Store, **more: Any) -> AlertId:
    """Send the next bar's alert, and ring for it although the key waits."""
    receipt = await store.receive(store.signal(**more))
    await store.fan_out()
    await store.worker()(KEY)
    return receipt.alert


async def orders_of(store: Store, alert: AlertId) -> list[Order]:
    return [one.order for one in (await store.trace(alert)).jobs[0].orders]


async def events_of(store: Store, alert: AlertId) -> list[OrderEvent]:
    orders = (await store.trace(alert)).jobs[0].orders
    return [event.event for one in orders for event in one.transitions]


async def reasons_of(store: Store, alert: AlertId) -> list[Reason]:
    return [one.reason for one in (await store.trace(alert)).jobs[0].decisions]


async def pass_time(store: Store, seconds: int) -> None:
    await store.later(timedelta(seconds=seconds))
    await store.settle()


async def test_an_entry_waits_for_its_price_and_fills_there(store: Store) -> None:
    alert = await resting(store)
    before = await orders_of(store, alert)

    await send(store, rsi=50, price="99")

    after = (await orders_of(store, alert))[0]
    assert [one.status for one in before] == [OrderStatus.OPEN]
    assert (after.status, after.cost) == (OrderStatus.FILLED, Decimal(1000))
    held = await store.position()
    assert held is not None
    assert held.average_price == Decimal(100)


async def test_an_entry_that_the_market_meets_at_once_never_waits(store: Store) -> None:
    await deploy(store, bot_config(rules=replace(RULES, order=LIMIT)))

    alert = await send(store, rsi=20, price="100")

    assert await events_of(store, alert) == [OrderEvent.SUBMITTED, OrderEvent.FILLED]


async def test_what_did_not_fill_in_time_is_given_up(store: Store) -> None:
    alert = await resting(store)

    await pass_time(store, 31)

    order = (await orders_of(store, alert))[0]
    assert (order.status, order.cancel_cause) == (OrderStatus.CANCELED, CancelCause.TIME)
    assert await events_of(store, alert) == [
        OrderEvent.SUBMITTED,
        OrderEvent.OPENED,
        OrderEvent.CANCEL_ASKED,
        OrderEvent.CANCELED,
    ]
    assert await store.position() is None


async def test_what_did_not_fill_in_time_is_bought_at_the_market(store: Store) -> None:
    alert = await resting(store, TO_MARKET)

    await pass_time(store, 31)

    limit, market = await orders_of(store, alert)
    assert (limit.status, market.status) == (OrderStatus.CANCELED, OrderStatus.FILLED)
    assert (market.limit_price, market.cost) == (None, Decimal(1050))
    assert market.id != limit.id


async def test_a_market_beyond_the_collar_is_not_followed(store: Store) -> None:
    alert = await resting(store, replace(TO_MARKET, collar_percent=Decimal(4)))

    await pass_time(store, 31)

    assert [one.status for one in await orders_of(store, alert)] == [OrderStatus.CANCELED]


async def test_the_opposite_signal_takes_the_entry_back_before_it_turns(
    store: Store,
) -> None:
    alert = await resting(store)

    turned = await send(store, rsi=80, price="106")

    order = (await orders_of(store, alert))[0]
    held = await store.position()
    assert (order.status, order.cancel_cause) == (OrderStatus.CANCELED, CancelCause.SIGNAL)
    assert held is not None
    assert held.side is Direction.SHORT
    assert (await store.trace(turned)).jobs[0].decisions[0].reason is Reason.ENTRY_OPENED


async def test_a_fill_that_the_opposite_signals_price_brought_is_closed(
    store: Store,
) -> None:
    alert = await resting(store)

    turned = await send(store, rsi=80, price="100")

    decisions = (await store.trace(turned)).jobs[0].decisions
    assert (await orders_of(store, alert))[0].status is OrderStatus.FILLED
    assert [one.reason for one in decisions] == [Reason.EXIT_REVERSED, Reason.ENTRY_OPENED]


async def test_cancel_takes_back_what_waits_and_is_done(store: Store) -> None:
    alert = await resting(store)

    cancel = await send(store, price="104", action=Action.CANCEL)

    assert (await orders_of(store, alert))[0].status is OrderStatus.CANCELED
    job = (await store.trace(cancel)).jobs[0]
    assert [one.reason for one in job.decisions] == [Reason.ENTRY_CANCELED]


async def test_a_trading_state_takes_back_what_waits(store: Store) -> None:
    alert = await resting(store)
    await store.configuration.change_state(Scope.BOT, "bot", TradingState.REDUCING, WHO)

    await pass_time(store, 6)

    order = (await orders_of(store, alert))[0]
    assert (order.status, order.cancel_cause) == (OrderStatus.CANCELED, CancelCause.STATE)


async def test_another_alert_is_decided_while_an_entry_waits(store: Store) -> None:
    alert = await resting(store)

    neutral = await send(store, rsi=50, price="104")

    assert (await orders_of(store, alert))[0].status is OrderStatus.OPEN
    decided = (await store.trace(neutral)).jobs[0].decisions
    assert [one.reason for one in decided] == [Reason.RSI_NEUTRAL]


async def test_the_bar_of_an_entry_that_waits_is_not_entered_again(store: Store) -> None:
    alert = await resting(store)
    bar = store.first_bar + (store.sent - 1) * BAR

    again = await send(store, rsi=20, price="101", bar_time=bar)
    later = await send(store, rsi=20, price="102", bar_time=bar + BAR)

    assert (await orders_of(store, alert))[0].status is OrderStatus.OPEN
    assert await reasons_of(store, again) == [Reason.BAR_ALREADY_ENTERED]
    assert await reasons_of(store, later) == [Reason.ENTRY_SCALED_IN]


async def test_an_entry_without_a_bar_does_not_open_a_bar_again(store: Store) -> None:
    trusted = replace(RULES, trust_signal=True)
    await deploy(store, bot_config(rules=trusted))
    bar = store.first_bar

    await store.send(action=Action.LONG, bar_time=bar)
    await store.send(action=Action.SHORT, bar_time=None)
    again = await store.send(action=Action.LONG, bar_time=bar)

    assert await reasons_of(store, again) == [Reason.EXIT_OPPOSITE]
    held = await store.position()
    assert held is None or held.is_flat


async def test_a_close_cancels_what_waits_and_finds_nothing_open(store: Store) -> None:
    alert = await resting(store)

    close = await send(store, price="104", action=Action.CLOSE)

    decided = (await store.trace(close)).jobs[0].decisions
    assert (await orders_of(store, alert))[0].status is OrderStatus.CANCELED
    assert [one.reason for one in decided] == [Reason.CLOSE_NOTHING_OPEN]
