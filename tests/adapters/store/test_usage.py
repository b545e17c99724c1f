"""What is in use when an entry is planned: exact, and the same in both stores."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from application.configuration.values import AccountConfig, Chart, PaperConfig
from application.ports.configuration import Scope
from application.records import AccountId, Key, LoadedUsage
from domain.instrument import Symbol
from domain.risk import Limits, TradingState, Usage
from domain.rules import Scaling, Sizing
from domain.signal import Action
from tests.adapters.store import stores
from tests.adapters.store.hands import REFUSED, Hands, first_order
from tests.adapters.store.stores import (
    AUTHOR,
    FOUR_HOURS,
    KEY,
    RULES,
    Store,
    bot_config,
    deploy,
)

ETH = Key(AccountId(1), Symbol("ETH/USDT:USDT"))
SPOT = Key(AccountId(1), Symbol("BTC/USDT"))
RESERVING = replace(
    RULES,
    reverse=False,
    sizing=Sizing(amount=Decimal(1000), reserve=True),
    scaling=Scaling(max_entries=3, size_curve=(Decimal(1), Decimal(2))),
)

WATCHED = Limits(daily_loss=Decimal(10**9), entries_per_minute=10**6)
"""What nothing limits need not be counted."""


def account_config(name: str = "paper", **more: Any) -> AccountConfig:
    """Return a paper account of which everything is counted."""
    return stores.account_config(name, **{"limits": WATCHED, **more})


async def usage_of(
    store: Store, *, price: str = "100", key: Key = KEY, **more: Any
) -> LoadedUsage:
    """Return what one more entry of a bot sees in use, and deny that entry."""
    await store.receive(store.signal(rsi=20, price=price, **more))
    await store.fan_out()
    hands = await Hands.on(store, key)
    planned = await hands.plan()
    for working in planned.to_send:
        await hands.send(working)
        await hands.record(working, REFUSED)
    await hands.release()
    return hands.usages()[-1]


async def test_nothing_is_in_use_at_first(store: Store) -> None:
    await deploy(store)

    loaded = await usage_of(store)

    balance = Decimal(10_000)
    assert loaded.open_value == 0
    assert loaded.usage == Usage(equity=balance, equity_peak=balance)


async def test_open_positions_are_counted_by_bot(store: Store) -> None:
    other = account_config("other")
    await deploy(
        store,
        bot_config("one"),
        bot_config("two", "ETH"),
        bot_config("three", "ETH", account="other"),
        bot_config("asks"),
        accounts=(account_config(), other),
        total=Limits(open_positions=100),
    )
    await store.send(rsi=20, bot="one")
    await store.send(rsi=20, bot="two", ticker="ETHUSDT.P")
    await store.send(rsi=20, bot="three", ticker="ETHUSDT.P")

    usage = (await usage_of(store, bot="asks")).usage

    assert (usage.account_positions, usage.total_positions) == (2, 3)
    assert usage.account_notional == Decimal(2000)
    assert usage.bot_notional == 0
    assert usage.entries_last_minute == 2


async def test_without_a_limit_in_total_other_accounts_are_not_asked(store: Store) -> None:
    await deploy(
        store,
        bot_config("asks"),
        bot_config("other", account="other"),
        accounts=(account_config(), account_config("other")),
    )
    await store.send(rsi=20, bot="other")

    usage = (await usage_of(store, bot="asks")).usage

    assert (usage.account_positions, usage.total_positions) == (0, 0)


async def test_an_entry_under_way_is_an_open_position(store: Store) -> None:
    await deploy(store, bot_config("one"), bot_config("asks", "ETH"))
    await store.receive(store.signal(rsi=20, bot="one"))
    await store.fan_out()
    hands = await Hands.on(store)
    working = (await hands.plan()).to_send[0]

    planned = (await usage_of(store, key=ETH, bot="asks", ticker="ETHUSDT.P")).usage
    await hands.send(working)
    await hands.record(working, hands.filled(working, "4", "100", ended=False))
    partly = (await usage_of(store, key=ETH, bot="asks", ticker="ETHUSDT.P")).usage
    await hands.record(working, hands.filled(working, "6", "99"))
    filled = (await usage_of(store, key=ETH, bot="asks", ticker="ETHUSDT.P")).usage

    assert [one.account_positions for one in (planned, partly, filled)] == [1, 1, 1]
    assert [one.account_notional for one in (planned, partly, filled)] == [
        Decimal(1000),
        Decimal(1000),
        Decimal(994),
    ]


async def test_what_was_refused_is_not_in_use(store: Store) -> None:
    await deploy(store, bot_config("one"), bot_config("asks", "ETH"))
    await usage_of(store, bot="one")

    usage = (await usage_of(store, key=ETH, bot="asks", ticker="ETHUSDT.P")).usage

    assert usage.account_positions == 0
    assert usage.account_notional == 0


async def test_what_was_denied_at_the_last_moment_is_not_in_use(store: Store) -> None:
    await deploy(store, bot_config("one"), bot_config("asks", "ETH"))
    hands, working = await first_order(store)
    await store.configuration.change_state(Scope.BOT, "one", TradingState.HALTED, AUTHOR)
    await hands.send(working)

    usage = (await usage_of(store, key=ETH, bot="asks", ticker="ETHUSDT.P")).usage

    assert usage.account_positions == 0
    assert usage.account_notional == 0
    assert usage.entries_last_minute == 0


async def test_a_position_too_small_to_be_closed_is_not_counted(store: Store) -> None:
    tiny = replace(RULES, sizing=Sizing(amount=Decimal(6)))
    await deploy(store, bot_config("dust", rules=tiny), bot_config("asks", "ETH"))
    await store.send(rsi=20, price="100", bot="dust")
    await store.send(rsi=50, price="80", bot="dust")

    usage = (await usage_of(store, key=ETH, bot="asks", ticker="ETHUSDT.P")).usage

    assert usage.account_positions == 0
    assert usage.account_notional == Decimal(6)


async def test_a_reserving_bot_holds_back_its_later_entries(store: Store) -> None:
    await deploy(store, bot_config("one", rules=RESERVING), bot_config("asks", "ETH"))
    await store.send(rsi=20, price="100", bot="one")
    first = (await usage_of(store, key=ETH, bot="asks", ticker="ETHUSDT.P")).usage
    await store.send(rsi=20, price="100", bot="one")
    second = (await usage_of(store, key=ETH, bot="asks", ticker="ETHUSDT.P")).usage
    await store.send(rsi=50, price="100", bot="one", action=Action.CLOSE)
    closed = (await usage_of(store, key=ETH, bot="asks", ticker="ETHUSDT.P")).usage

    assert first.account_notional == Decimal(1000) + Decimal(2000) + Decimal(2000)
    assert second.account_notional == Decimal(5000)
    assert closed.account_notional == 0


async def test_a_bot_does_not_count_its_own_rest_against_itself(store: Store) -> None:
    await deploy(store, bot_config("one", rules=RESERVING))
    await store.send(rsi=20, price="100", bot="one")

    usage = (await usage_of(store, bot="one")).usage

    assert usage.bot_notional == Decimal(1000)
    assert usage.account_notional == Decimal(1000)


async def test_an_entry_that_failed_is_reserved_again(store: Store) -> None:
    await deploy(store, bot_config("one", rules=RESERVING), bot_config("asks", "ETH"))
    await store.send(rsi=20, price="100", bot="one")
    await usage_of(store, bot="one")

    usage = (await usage_of(store, key=ETH, bot="asks", ticker="ETHUSDT.P")).usage

    assert usage.account_notional == Decimal(5000)


async def test_a_first_entry_that_failed_reserves_nothing(store: Store) -> None:
    await deploy(store, bot_config("one", rules=RESERVING), bot_config("asks", "ETH"))
    await usage_of(store, bot="one")

    usage = (await usage_of(store, key=ETH, bot="asks", ticker="ETHUSDT.P")).usage

    assert usage.account_notional == 0


async def test_equity_counts_what_was_earned_and_what_is_open(store: Store) -> None:
    fees = account_config(
        paper=PaperConfig(balance=Decimal(10_000), fee_rate=Decimal("0.001"))
    )
    await deploy(store, bot_config("one"), bot_config("two", "ETH"), accounts=(fees,))
    await store.send(rsi=20, price="100", bot="one")
    await store.send(rsi=50, price="110", bot="one", action=Action.CLOSE)
    await store.send(rsi=20, price="50", bot="one")

    loaded = await usage_of(store, price="49", bot="one")

    earned = Decimal(100) - Decimal(1) - Decimal("1.1") - Decimal(1)
    assert loaded.open_value == Decimal(-20)
    assert loaded.usage.equity == Decimal(10_000) + earned - 20
    assert loaded.usage.day_pnl == earned - 20
    assert loaded.usage.equity_peak == Decimal("10097.9")


async def test_on_spot_what_is_held_is_worth_its_price(store: Store) -> None:
    spot = AccountConfig(
        name="paper",
        exchange="binance",
        paper=PaperConfig(balance=Decimal(10_000), fee_rate=Decimal(0)),
    )
    chart = Chart(exchange="BINANCE", ticker="BTCUSDT", timeframe=FOUR_HOURS)
    bot = bot_config("one", chart=chart, symbol=SPOT.symbol)
    await deploy(store, bot, accounts=(spot,))
    await store.send(rsi=20, price="100", ticker="BTCUSDT")

    loaded = await usage_of(store, price="90", key=SPOT, ticker="BTCUSDT")

    assert loaded.open_value == Decimal(900)
    assert loaded.usage.equity == Decimal(9_900)
    assert await store.ledger.balance(AccountId(1)) == Decimal(9_000)


async def test_losses_in_a_row_end_with_a_gain_and_with_a_person(store: Store) -> None:
    await deploy(store, bot_config("one"), bot_config("asks", "ETH"))
    counted: list[int] = []

    async def round_trip(entry: str, leave: str) -> None:
        await store.send(rsi=20, price=entry, bot="one")
        await store.send(rsi=50, price=leave, bot="one", action=Action.CLOSE)
        loaded = await usage_of(store, key=ETH, bot="asks", ticker="ETHUSDT.P")
        counted.append(loaded.usage.losses_in_row)

    await round_trip("100", "90")
    await round_trip("100", "90")
    await round_trip("100", "101")
    await round_trip("100", "99")
    await store.configuration.change_state(
        Scope.ACCOUNT, "paper", TradingState.ACTIVE, AUTHOR
    )
    await round_trip("100", "99")

    assert counted == [1, 2, 0, 1, 1]


async def test_the_highest_equity_begins_anew_when_a_person_resumes(store: Store) -> None:
    await deploy(store, bot_config("one"), bot_config("asks", "ETH"))
    await store.send(rsi=20, price="100", bot="one")
    high = (await usage_of(store, price="150", bot="one")).usage
    low = (await usage_of(store, price="120", bot="one")).usage
    await store.configuration.change_state(
        Scope.ACCOUNT, "paper", TradingState.ACTIVE, AUTHOR
    )
    resumed = (await usage_of(store, price="120", bot="one")).usage

    peaks = [one.equity_peak for one in (high, low, resumed)]
    assert peaks == [Decimal(10_500), Decimal(10_500), Decimal(10_200)]


async def test_a_minute_of_entries_is_counted(store: Store) -> None:
    by_bar = account_config(
        paper=PaperConfig(balance=Decimal(10_000), fee_rate=Decimal(0), clock="bar")
    )
    await deploy(store, bot_config("one"), bot_config("two"), accounts=(by_bar,))
    same: dict[str, Any] = {"bar_time": store.first_bar}
    await store.send(rsi=20, bot="one", **same)

    together = (await usage_of(store, bot="two", **same)).usage
    later = (await usage_of(store, bot="two")).usage

    assert together.entries_last_minute == 1
    assert later.entries_last_minute == 0


def by_bars() -> AccountConfig:
    """Return an account whose days are those of the bars."""
    paper = PaperConfig(balance=Decimal(10_000), fee_rate=Decimal(0), clock="bar")
    return account_config(paper=paper)


async def test_a_day_counts_from_the_price_it_began_with(store: Store) -> None:
    await deploy(store, bot_config("one"), accounts=(by_bars(),))
    day = store.first_bar.replace(hour=0) + timedelta(days=1)

    async def at(hours: int, price: str) -> Decimal:
        bar = day + timedelta(hours=hours - 4)
        return (await usage_of(store, price=price, bot="one", bar_time=bar)).usage.day_pnl

    await store.send(rsi=20, price="100", bot="one", bar_time=day + timedelta(hours=4))
    first = await at(12, "104")
    evening = await at(20, "90")
    next_day = await at(32, "95")
    later = await at(36, "88")

    assert first == Decimal(40)
    assert evening == Decimal(-100)
    assert next_day == Decimal(50)
    assert later == Decimal(-20)


async def test_a_loss_of_yesterday_is_not_one_of_today(store: Store) -> None:
    await deploy(store, bot_config("one"), accounts=(by_bars(),))
    day = store.first_bar.replace(hour=0) + timedelta(days=1)
    bars = [day + timedelta(hours=hours) for hours in (4, 12, 28, 32)]
    await store.send(rsi=20, price="100", bar_time=bars[0])
    await store.send(rsi=50, price="80", bar_time=bars[1])
    await store.send(rsi=50, price="78", bar_time=bars[2], action=Action.CLOSE)

    usage = (await usage_of(store, price="70", bar_time=bars[3])).usage

    assert usage.day_pnl == Decimal(-20)
    assert usage.equity == Decimal(9_780)
