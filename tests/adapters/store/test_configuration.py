"""What is configured: every change a revision, and none under an open position."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from application.configuration.values import Chart, PaperConfig
from application.configuration.writer import bot_tree
from application.ports.configuration import (
    NEVER,
    Author,
    ChangedMeanwhile,
    Edit,
    EditRefused,
    Kind,
    Scope,
    StateChange,
)
from domain.instrument import Symbol
from domain.risk import Limits, TradingState
from domain.rules import Sizing
from domain.signal import Action
from domain.timeframe import Timeframe
from tests.adapters.store.hands import Hands
from tests.adapters.store.stores import (
    AUTHOR,
    FOUR_HOURS,
    LISTINGS,
    RULES,
    Store,
    account_config,
    account_edit,
    bot_config,
    bot_edit,
    deploy,
    feed_edit,
    limits_edit,
)

ETH = Symbol("ETH/USDT:USDT")


async def edit(store: Store, *edits: Edit, archive: Sequence[str] = ()) -> None:
    await store.configuration.edit(edits, archive, AUTHOR)


def moves() -> list[Edit]:
    """Return what must not happen to the bot under an open position."""
    chart = Chart(exchange="BINANCE", ticker="BTCUSDT.P", timeframe=Timeframe.parse("1h"))
    return [
        bot_edit(bot_config(account="other")),
        bot_edit(bot_config(symbol=ETH)),
        bot_edit(bot_config(chart=chart, rules=replace(RULES, timeframe=chart.timeframe))),
    ]


async def test_nothing_is_deployed_at_first(store: Store) -> None:
    found = await store.configuration.deployed()

    assert (found.feeds, found.accounts, found.bots) == ((), (), ())
    assert found.limits == Limits()


async def test_what_was_deployed_comes_back_whole(store: Store) -> None:
    account = account_config(
        limits=Limits(open_positions=5, daily_loss=Decimal("500.50")),
        paper=PaperConfig(
            balance=Decimal(25_000),
            fee_rate=Decimal("0.0004"),
            slippage_bps=Decimal("1.5"),
            clock="bar",
        ),
        options={"hostname": "example.org", "headers": {"x": "1"}},
    )
    bot = bot_config(enabled=False)
    await deploy(store, bot, accounts=(account,), total=Limits(open_positions=9))

    found = await store.configuration.deployed()

    assert [one.config.name for one in found.feeds] == ["feed"]
    assert found.accounts[0].config == account
    assert not found.accounts[0].archived
    assert found.bots[0].config == bot
    assert found.bots[0].symbol == bot.symbol
    assert (found.bots[0].has_position, found.bots[0].bound_revision) == (False, None)
    assert found.limits == Limits(open_positions=9)


async def test_a_spot_market_is_never_sold_short(store: Store) -> None:
    chart = Chart(exchange="BINANCE", ticker="BTCUSDT", timeframe=FOUR_HOURS)
    bot = bot_config(chart=chart, symbol=Symbol("BTC/USDT"))
    await deploy(store, bot, accounts=(account_config(exchange="binance"),))

    assert not (await store.bot()).config.rules.can_short


async def test_every_change_is_a_revision_newest_first(store: Store) -> None:
    await deploy(store)
    bigger = bot_config(rules=replace(RULES, sizing=Sizing(amount=Decimal(2000))))
    why = Author(name="bob", source="web", reason="more of it")
    await store.configuration.edit([bot_edit(bigger)], (), why)

    newest, oldest = await store.configuration.history(Kind.BOT, "bot")

    assert newest.tree == bot_tree(bigger)
    assert oldest.tree == bot_tree(bot_config())
    assert (newest.author, oldest.author) == (why, AUTHOR)
    assert newest.id > oldest.id
    assert newest.at >= oldest.at
    assert (await store.bot()).revision == newest.id


async def test_an_edit_that_changes_nothing_is_no_revision(store: Store) -> None:
    await deploy(store)
    before = await store.configuration.deployed()

    await deploy(store)

    assert await store.configuration.deployed() == before
    assert len(await store.configuration.history(Kind.BOT, "bot")) == 1
    assert len(await store.configuration.history(Kind.ACCOUNT, "paper")) == 1
    assert len(await store.configuration.history(Kind.FEED, "feed")) == 1
    assert len(await store.configuration.history(Kind.INSTALLATION, "installation")) == 1


async def test_the_history_of_nothing_is_empty(store: Store) -> None:
    assert list(await store.configuration.history(Kind.BOT, "nobody")) == []


async def test_a_bot_with_a_position_stays_where_it_is(store: Store) -> None:
    await deploy(store)
    await edit(store, account_edit(account_config("other")))
    await store.send(rsi=20)
    before = await store.bot()

    for change in moves():
        with pytest.raises(EditRefused, match=r"bot bot: its .* holds a position"):
            await edit(store, change)

    assert await store.bot() == before
    assert len(await store.configuration.history(Kind.BOT, "bot")) == 1


async def test_a_bot_with_an_order_under_way_stays_where_it_is(store: Store) -> None:
    await deploy(store)
    await edit(store, account_edit(account_config("other")))
    await store.receive(store.signal(rsi=20))
    await store.fan_out()
    hands = await Hands.on(store)
    await hands.plan()

    for change in moves():
        with pytest.raises(EditRefused, match="has an order under way"):
            await edit(store, change)


async def test_a_bot_whose_alerts_are_being_worked_stays_where_it_is(store: Store) -> None:
    await deploy(store)
    await store.receive(store.signal())
    await store.fan_out()

    with pytest.raises(EditRefused, match="has alerts that are being worked"):
        await edit(store, bot_edit(bot_config(symbol=ETH)))


async def test_a_flat_bot_may_go_elsewhere_and_forgets_its_bars(store: Store) -> None:
    await deploy(store)
    await store.send(rsi=20)
    await store.send(rsi=50, action=Action.CLOSE)
    chart = Chart(exchange="BINANCE", ticker="ETHUSDT.P", timeframe=FOUR_HOURS)

    await edit(store, bot_edit(bot_config(symbol=ETH, chart=chart)))
    alert = await store.send(rsi=20, ticker="ETHUSDT.P", bar_time=store.first_bar)

    rows = await store.views.positions()
    found = await store.views.alert(alert)
    assert [(row.bot, row.symbol) for row in rows] == [("bot", ETH)]
    assert found is not None
    assert found.jobs[0].symbol == ETH


async def test_other_rules_may_change_under_an_open_position(store: Store) -> None:
    await deploy(store)
    await store.send(rsi=20)

    await edit(store, bot_edit(bot_config(enabled=False)))

    assert not (await store.bot()).config.enabled


async def test_a_bot_that_is_not_flat_is_not_archived(store: Store) -> None:
    await deploy(store)
    await store.send(rsi=20)

    with pytest.raises(EditRefused, match="bot bot cannot be archived: it holds a posi"):
        await edit(store, archive=["bot"])

    assert not (await store.bot()).archived


async def test_an_archived_bot_is_still_there_and_may_come_back(store: Store) -> None:
    await deploy(store)
    await edit(store, archive=["bot"])
    gone = await store.bot()

    await edit(store, bot_edit(bot_config()))

    back = await store.bot()
    assert gone.archived
    assert not back.archived
    assert back.id == gone.id


async def test_nobody_is_archived_who_does_not_exist(store: Store) -> None:
    await deploy(store)

    with pytest.raises(EditRefused, match="there is no bot nobody"):
        await edit(store, archive=["nobody"])


async def test_an_account_keeps_its_exchange_and_its_mode(store: Store) -> None:
    await deploy(store)
    await store.send(rsi=20)

    with pytest.raises(EditRefused, match="its exchange is binanceusdm for life"):
        await edit(store, account_edit(account_config(exchange="binance")))

    found = await store.configuration.deployed()
    assert found.accounts[0].config.exchange == "binanceusdm"


async def test_an_edit_is_made_whole_or_not_at_all(store: Store) -> None:
    await deploy(store)
    before = await store.configuration.deployed()
    lost = bot_config("lost", account="nowhere")

    with pytest.raises(EditRefused, match="bot lost"):
        await edit(
            store,
            feed_edit("second", "b" * 64),
            account_edit(account_config("second")),
            bot_edit(bot_config(enabled=False)),
            limits_edit(Limits(open_positions=1)),
            bot_edit(lost),
            archive=["bot"],
        )

    assert await store.configuration.deployed() == before
    assert await store.inbox.feed("b" * 64) is None
    assert list(await store.configuration.history(Kind.BOT, "lost")) == []


async def test_a_new_feed_needs_a_token(store: Store) -> None:
    with pytest.raises(EditRefused, match="needs a token"):
        await edit(store, feed_edit("bare", None))


async def test_the_token_of_an_unknown_feed_is_not_rotated(store: Store) -> None:
    assert not await store.configuration.rotate_token("nothing", "b" * 64, AUTHOR)


async def test_everything_is_active_at_first(store: Store) -> None:
    await deploy(store)

    states = await store.configuration.states()

    assert [(one.scope, one.name, one.state) for one in states] == [
        (Scope.GLOBAL, "", TradingState.ACTIVE)
    ]


async def test_states_are_kept_with_who_set_them_and_why(store: Store) -> None:
    await deploy(store)
    change = store.configuration.change_state
    why = Author(name="ada", source="telegram", reason="going to sleep")

    known = [
        await change(Scope.GLOBAL, "", TradingState.REDUCING, why),
        await change(Scope.ACCOUNT, "paper", TradingState.HALTED, why),
        await change(Scope.BOT, "bot", TradingState.REDUCING, why),
    ]

    states = await store.configuration.states()
    assert known == [True, True, True]
    assert [(one.scope, one.name, one.state) for one in states] == [
        (Scope.GLOBAL, "", TradingState.REDUCING),
        (Scope.ACCOUNT, "paper", TradingState.HALTED),
        (Scope.BOT, "bot", TradingState.REDUCING),
    ]
    assert {one.author for one in states} == {why}


async def test_what_is_active_again_is_not_listed(store: Store) -> None:
    await deploy(store)
    change = store.configuration.change_state
    await change(Scope.BOT, "bot", TradingState.HALTED, AUTHOR)

    await change(Scope.BOT, "bot", TradingState.ACTIVE, AUTHOR)

    states = await store.configuration.states()
    assert [one.scope for one in states] == [Scope.GLOBAL]
    assert isinstance(states[0], StateChange)


async def test_the_state_of_nothing_is_not_set(store: Store) -> None:
    await deploy(store)
    change = store.configuration.change_state

    assert not await change(Scope.BOT, "nobody", TradingState.HALTED, AUTHOR)
    assert not await change(Scope.ACCOUNT, "nobody", TradingState.HALTED, AUTHOR)


async def test_only_instruments_that_differ_count_as_changed(store: Store) -> None:
    first = await store.configuration.sync_instruments(LISTINGS)
    again = await store.configuration.sync_instruments(LISTINGS)
    finer = replace(LISTINGS[0].instrument, price_tick=Decimal("0.01"))
    changed = replace(LISTINGS[0], instrument=finer)
    third = await store.configuration.sync_instruments((changed, *LISTINGS[1:]))

    assert (first, again, third) == (len(LISTINGS), 0, 1)


async def test_edits_and_work_at_the_same_time_get_along(store: Store) -> None:
    await deploy(store, *(bot_config(f"bot-{number}") for number in range(5)))

    async def change(number: int) -> None:
        for amount in range(1, 6):
            rules = replace(RULES, sizing=Sizing(amount=Decimal(100 * amount)))
            await edit(store, bot_edit(bot_config(f"bot-{number}", rules=rules)))

    async def trade() -> None:
        for rsi in (20, 80, 20, 80):
            await store.send(rsi=rsi)

    await asyncio.gather(trade(), *(change(number) for number in range(5)))

    counted = await store.views.accounted()
    assert (counted.lost, counted.doubled, counted.unmatched) == (0, 0, 0)
    assert counted.pending == 0


async def test_of_two_who_edit_at_once_the_second_is_told_and_overwrites_nothing(
    store: Store,
) -> None:
    await deploy(store)
    seen = (await store.bot()).revision
    one = replace(bot_edit(bot_config(rules=replace(RULES, rearm=True))), expected=seen)
    two = replace(bot_edit(bot_config(rules=replace(RULES, reverse=False))), expected=seen)

    await store.configuration.edit([one], (), AUTHOR)
    with pytest.raises(ChangedMeanwhile, match="changed meanwhile by ada"):
        await store.configuration.edit([two], (), AUTHOR)

    rules = (await store.bot()).config.rules
    assert (rules.rearm, rules.reverse) == (True, True)


async def test_who_has_seen_the_newest_revision_edits_it(store: Store) -> None:
    await deploy(store)
    edit = bot_edit(bot_config(rules=replace(RULES, rearm=True)))

    newest = (await store.bot()).revision
    await store.configuration.edit([replace(edit, expected=newest)], (), AUTHOR)

    assert (await store.bot()).config.rules.rearm


async def test_a_list_of_symbols_and_a_bot_beyond_it_cannot_pass_each_other(
    store: Store,
) -> None:
    await deploy(store)
    only_btc = account_edit(account_config(symbols=(bot_config().symbol,)))
    on_eth = bot_edit(bot_config("other", base="ETH", symbol=ETH))

    ends = await asyncio.gather(
        edit(store, only_btc), edit(store, on_eth), return_exceptions=True
    )

    (refused,) = (end for end in ends if end is not None)
    assert isinstance(refused, EditRefused)
    assert "other trades ETH/USDT:USDT" in str(refused)
    found = await store.configuration.deployed()
    assert (found.accounts[0].config.symbols == ()) is (len(found.bots) == 2)


async def test_a_bot_and_its_accounts_list_change_together(store: Store) -> None:
    await deploy(store, accounts=(account_config(symbols=(bot_config().symbol,)),))

    await edit(
        store,
        account_edit(account_config(symbols=(ETH,))),
        bot_edit(bot_config(base="ETH", symbol=ETH)),
    )

    assert (await store.bot()).symbol == ETH


async def test_of_two_who_make_a_feed_at_once_the_second_is_given_no_dead_token(
    store: Store,
) -> None:
    first, second = (
        replace(feed_edit("new", token), expected=NEVER) for token in ("one", "two")
    )

    await edit(store, first)
    with pytest.raises(ChangedMeanwhile, match="feed new was changed meanwhile"):
        await edit(store, second)
