"""Limits hold however many come at once, and a brake stops entries until a person."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from application.configuration.values import BotConfig, PaperConfig
from application.ports.configuration import Scope
from domain.reasons import Reason
from domain.risk import Limits, TradingState
from domain.rules import ExitRules
from domain.signal import Action
from tests.adapters.store.stores import (
    AUTHOR,
    CURRENCIES,
    KEY,
    RULES,
    Store,
    account_config,
    bot_config,
    deploy,
)

CAP = 3
MANY = 50


def crowd(accounts: tuple[str, ...] = ("paper",)) -> list[BotConfig]:
    """Return fifty bots, spread over the accounts and over all symbols."""
    return [
        bot_config(
            f"bot-{number}",
            CURRENCIES[number % len(CURRENCIES)],
            account=accounts[number % len(accounts)],
        )
        for number in range(MANY)
    ]


async def rush(store: Store) -> None:
    """Send every bot its own alert at the same time, and let as many workers at them."""
    bots = [bot.config for bot in (await store.configuration.deployed()).bots]
    await asyncio.gather(
        *(
            store.receive(
                store.signal(rsi=20, bot=bot.name, ticker=bot.chart.ticker),
                f"id of {bot.name}",
            )
            for bot in bots
        )
    )
    await store.fan_out()
    while keys := await store.queue.due(100):
        await asyncio.gather(*(store.worker(f"{key}")(key) for key in keys))


async def reasons(store: Store) -> Counter[Reason | None]:
    rows = await store.views.alerts(limit=1000)
    return Counter(reason for row in rows for _, reason in row.outcomes)


async def test_fifty_alerts_at_once_open_as_many_positions_as_allowed(
    store: Store,
) -> None:
    capped = account_config(limits=Limits(open_positions=CAP))
    await deploy(store, *crowd(), accounts=(capped,))

    await rush(store)

    counted = await store.views.accounted()
    assert len(await store.views.positions()) == CAP
    assert (await reasons(store))[Reason.LIMIT_OPEN_POSITIONS] == MANY - CAP
    assert (counted.lost, counted.doubled, counted.unmatched) == (0, 0, 0)


async def test_a_cap_over_all_accounts_holds_too(store: Store) -> None:
    names = ("one", "two", "three")
    accounts = tuple(account_config(name) for name in names)
    total = Limits(open_positions=CAP)
    await deploy(store, *crowd(names), accounts=accounts, total=total)

    await rush(store)

    assert len(await store.views.positions()) == CAP
    assert (await reasons(store))[Reason.LIMIT_OPEN_POSITIONS_TOTAL] == MANY - CAP


async def test_a_cap_of_notional_holds_too(store: Store) -> None:
    capped = account_config(limits=Limits(position_notional=Decimal(4_500)))
    await deploy(store, *crowd(), accounts=(capped,))

    await rush(store)

    rows = await store.views.positions()
    assert sum(row.position.cost for row in rows) == Decimal(4_000)


async def test_a_rate_of_entries_holds_too(store: Store) -> None:
    capped = account_config(limits=Limits(entries_per_minute=5))
    await deploy(store, *crowd(), accounts=(capped,))

    await rush(store)

    assert len(await store.views.positions()) == 5
    assert (await reasons(store))[Reason.LIMIT_ENTRIES_PER_MINUTE] == MANY - 5


async def test_a_slot_is_free_again_once_a_position_was_closed(store: Store) -> None:
    capped = account_config(limits=Limits(open_positions=1))
    await deploy(store, bot_config("one"), bot_config("two"), accounts=(capped,))
    await store.send(rsi=20, bot="one")
    await store.send(rsi=20, bot="two")

    await store.send(rsi=50, bot="one", action=Action.CLOSE)
    await store.send(rsi=20, bot="two")

    assert [row.bot for row in await store.views.positions()] == ["two"]


async def test_a_brake_sets_the_account_to_reducing_and_says_why(store: Store) -> None:
    braked = account_config(limits=Limits(daily_loss=Decimal(50)))
    await deploy(store, bot_config("one"), accounts=(braked,))
    await store.send(rsi=20, price="100")
    await store.send(rsi=50, price="94", action=Action.CLOSE)

    await store.send(rsi=20, price="94")

    states = {(one.scope, one.name): one for one in await store.configuration.states()}
    state = states[Scope.ACCOUNT, "paper"]
    assert (await reasons(store))[Reason.BRAKE_DAILY_LOSS] == 1
    assert state.state is TradingState.REDUCING
    assert state.author.source == "brake"
    assert state.author.reason.startswith("brake.daily_loss: The day's loss of 60")
    assert await store.views.positions() == []


async def test_a_brake_never_loosens_what_a_person_has_halted(store: Store) -> None:
    braked = account_config(limits=Limits(losses_in_row=1))
    await deploy(store, bot_config("one"), accounts=(braked,))
    await store.send(rsi=20, price="100")
    await store.send(rsi=50, price="94", action=Action.CLOSE)
    await store.configuration.change_state(
        Scope.ACCOUNT, "paper", TradingState.HALTED, AUTHOR
    )

    await store.send(rsi=20, price="94")

    states = {(one.scope, one.name): one for one in await store.configuration.states()}
    assert states[Scope.ACCOUNT, "paper"].state is TradingState.HALTED


async def test_a_person_who_resumes_lets_entries_pass_again(store: Store) -> None:
    braked = account_config(limits=Limits(losses_in_row=1))
    await deploy(store, bot_config("one"), accounts=(braked,))
    await store.send(rsi=20, price="100")
    await store.send(rsi=50, price="94", action=Action.CLOSE)
    await store.send(rsi=20, price="94")
    await store.configuration.change_state(
        Scope.ACCOUNT, "paper", TradingState.ACTIVE, AUTHOR
    )

    await store.send(rsi=20, price="94")

    assert len(await store.views.positions()) == 1


async def test_a_brake_binds_what_waits_behind_it_even_on_a_new_day(store: Store) -> None:
    """Both alerts are worked in one transaction, which no table tells of the brake."""
    by_bars = account_config(
        limits=Limits(daily_loss=Decimal(50)),
        paper=PaperConfig(balance=Decimal(10_000), fee_rate=Decimal(0), clock="bar"),
    )
    await deploy(store, bot_config("one"), accounts=(by_bars,))
    day = store.first_bar.replace(hour=0) + timedelta(days=1)
    await store.send(rsi=20, price="100", bar_time=day)
    close = day + timedelta(hours=4)
    await store.send(rsi=50, price="94", action=Action.CLOSE, bar_time=close)
    for bar in (day + timedelta(hours=8), day + timedelta(days=2)):
        await store.receive(store.signal(rsi=20, price="94", bar_time=bar))
    await store.fan_out()

    await store.settle()

    told = await reasons(store)
    assert (told[Reason.BRAKE_DAILY_LOSS], told[Reason.STATE_REDUCING]) == (1, 1)
    assert await store.views.positions() == []


async def test_while_an_account_is_reducing_exits_go_on(store: Store) -> None:
    await deploy(store)
    await store.send(rsi=20, price="100")
    await store.configuration.change_state(
        Scope.ACCOUNT, "paper", TradingState.REDUCING, AUTHOR
    )

    await store.send(rsi=80, price="105")

    assert await store.views.positions() == []
    assert (await store.views.trades(limit=1))[0].trade.pnl == Decimal(50)


async def test_two_workers_on_one_key_never_double_an_order(store: Store) -> None:
    await deploy(store, *(bot_config(f"bot-{number}") for number in range(10)))
    await store.receive(store.signal(rsi=20))
    await store.fan_out()

    while await store.queue.due(10):
        await asyncio.gather(*(store.worker(f"{number}")(KEY) for number in range(5)))

    counted = await store.views.accounted()
    assert counted.filled == counted.orders == counted.intents == 10
    assert (counted.lost, counted.doubled, counted.unmatched) == (0, 0, 0)


async def test_a_stop_that_fires_on_another_bots_alert_closes_too(store: Store) -> None:
    stopped = replace(RULES, exits=ExitRules(stop_loss_percent=Decimal(5)))
    await deploy(store, bot_config("holds", rules=stopped), bot_config("other"))
    await store.send(rsi=20, price="100", bot="holds")

    alert = await store.send(rsi=50, price="90", bot="other")

    found = await store.views.alert(alert)
    assert found is not None
    assert await store.views.positions() == []
    assert [one.reason for one in found.jobs[0].decisions] == [
        Reason.EXIT_STOP_LOSS,
        Reason.RSI_NEUTRAL,
    ]
    assert found.jobs[0].decision_bots == ("holds", "other")


async def test_a_timer_leaves_a_position_that_was_held_long_enough(store: Store) -> None:
    held = replace(RULES, exits=ExitRules(max_bars=3))
    await deploy(store, bot_config(rules=held))
    await store.send(rsi=20, price="100")

    keys = await store.queue.ring_timers(10)
    await store.settle()

    assert len(keys) == 1
    assert await store.views.positions() == []
    assert len(await store.views.trades(limit=10)) == 1
