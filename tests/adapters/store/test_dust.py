"""What is left below the venue's least, and fees in three currencies, in both stores."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from adapters.store.postgres.engine import create_engine
from adapters.store.postgres.journal import PostgresJournal
from application.audit import RebuildPositions
from application.configuration.values import Chart, PaperConfig
from application.ports.broker import Acknowledged, FillReport
from application.records import WorkingOrder
from domain.instrument import Symbol
from domain.reasons import Reason
from domain.signal import Action
from tests.adapters.store.hands import Hands
from tests.adapters.store.stores import (
    FOUR_HOURS,
    KEY,
    RULES,
    Store,
    account_config,
    bot_config,
    deploy,
    postgres_store,
)

SPOT = Symbol("BTC/USDT")
SPOT_KEY = KEY._replace(symbol=SPOT)
CHART = Chart(exchange="BINANCE", ticker="BTCUSDT", timeframe=FOUR_HOURS)


async def deploy_spot(store: Store, fee_rate: str = "0") -> None:
    rules = replace(RULES, reverse=False)
    bot = bot_config(symbol=SPOT, chart=CHART, rules=rules)
    paper = PaperConfig(balance=Decimal(10_000), fee_rate=Decimal(fee_rate))
    account = account_config(exchange="binance", paper=paper)
    await deploy(store, bot, accounts=(account,))


def executed(
    store: Store, working: WorkingOrder, quantity: str, fee: str, currency: str
) -> Acknowledged:
    report = FillReport(
        trade_id=f"{working.order.id} {quantity}",
        quantity=Decimal(quantity),
        price=Decimal(100),
        fee=Decimal(fee),
        fee_currency=currency,
        at=store.clock.now(),
    )
    return Acknowledged(venue_order_id="v1", fills=(report,), ended=True)


async def fill(store: Store, quantity: str, fee: str, currency: str, **more: Any) -> None:
    """Send an alert, and let the venue answer its order so."""
    await store.receive(store.signal(ticker="BTCUSDT", **{"rsi": 20, **more}))
    await store.fan_out()
    hands = await Hands.on(store, SPOT_KEY)
    working = (await hands.plan()).to_send[0]
    await hands.send(working)
    await hands.record(working, executed(store, working, quantity, fee, currency))
    await hands.release()


async def reason_of_the_next(store: Store) -> Reason:
    alert = await store.send(rsi=20, price="100", ticker="BTCUSDT")
    return (await store.trace(alert)).jobs[0].decisions[-1].reason


async def test_a_rest_below_the_least_completes_the_trade_and_blocks_nothing(
    store: Store,
) -> None:
    await deploy_spot(store)
    await fill(store, "10", "0.0105", "BTC")

    await fill(store, "9.989", "0.9989", "USDT", action=Action.CLOSE)

    trades = await store.views.trades(limit=10)
    assert [one.trade.quantity for one in trades] == [Decimal("9.989")]
    assert await store.position() is None
    assert await reason_of_the_next(store) is Reason.ENTRY_OPENED


async def test_an_entry_that_got_next_to_nothing_never_began_a_trade(
    store: Store,
) -> None:
    await deploy_spot(store)

    await fill(store, "0.01", "0", "USDT")

    assert await store.position() is None
    assert await store.views.trades(limit=10) == []
    assert await reason_of_the_next(store) is Reason.ENTRY_OPENED


async def test_a_fee_in_base_makes_the_lot_smaller_and_costs_nothing_besides(
    store: Store,
) -> None:
    await deploy_spot(store)

    await fill(store, "10", "0.01", "BTC")

    held = await store.position()
    assert held is not None
    assert (held.quantity, held.fees) == (Decimal("9.99"), Decimal(0))


async def test_a_fee_in_a_third_currency_counts_as_the_market_would_charge(
    store: Store,
) -> None:
    await deploy_spot(store, fee_rate="0.001")

    await fill(store, "10", "0.00115", "BNB")

    held = await store.position()
    assert held is not None
    assert (held.quantity, held.fees) == (Decimal(10), Decimal(1))


async def test_what_stays_is_told(store: Store) -> None:
    await deploy_spot(store)
    await fill(store, "10", "0.0105", "BTC")

    await fill(store, "9.989", "0", "USDT", action=Action.CLOSE)

    waiting = await store.outbox.waiting(10)
    assert "0.0005 BTC (0.05 USDT) stay: too little for an order." in "\n".join(
        line for one in waiting for line in one.notice.lines
    )


async def test_positions_are_computed_anew_with_what_was_left_and_charged(
    database_url: str,
) -> None:
    async with postgres_store(database_url) as store:
        await deploy_spot(store, fee_rate="0.001")
        await fill(store, "10", "0.0105", "BTC")
        await fill(store, "9.989", "0.001", "BNB", action=Action.CLOSE)
        await fill(store, "10", "0.00115", "BNB")
        engine = create_engine(database_url)
        found = await RebuildPositions(PostgresJournal(engine))()
        await engine.dispose()

    assert found == (1, [])
