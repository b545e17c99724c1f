"""Which rules, limits and states a bot goes by while its position is open."""

from dataclasses import replace

from application.ports.configuration import Scope
from domain.risk import TradingState
from domain.signal import Action
from tests.adapters.store.hands import Hands, first_order
from tests.adapters.store.stores import (
    AUTHOR,
    RULES,
    Store,
    bot_config,
    bot_edit,
    deploy,
)


async def test_a_position_keeps_the_rules_it_was_opened_with(store: Store) -> None:
    await deploy(store)
    await store.send(rsi=20)
    before = await store.bot()
    stricter = bot_config(rules=replace(RULES, reverse=False))
    await store.configuration.edit([bot_edit(stricter)], (), AUTHOR)
    await store.receive(store.signal())
    await store.fan_out()

    bot = next(iter((await (await Hands.on(store)).look()).bots.values()))

    after = await store.bot()
    assert bot.rules.reverse
    assert bot.revision == before.revision
    assert after.revision > before.revision
    assert after.bound_revision == before.revision


async def test_a_position_may_adopt_the_new_rules(store: Store) -> None:
    await deploy(store)
    await store.send(rsi=20)
    stricter = bot_config(rules=replace(RULES, reverse=False))
    await store.configuration.edit([bot_edit(stricter, adopt=True)], (), AUTHOR)
    await store.receive(store.signal())
    await store.fan_out()

    bot = next(iter((await (await Hands.on(store)).look()).bots.values()))

    after = await store.bot()
    assert not bot.rules.reverse
    assert bot.revision == after.revision == after.bound_revision


async def test_a_position_is_bound_to_what_its_entry_was_decided_by(store: Store) -> None:
    await deploy(store)
    before = await store.bot()
    hands, working = await first_order(store)
    await hands.send(working)
    stricter = bot_config(rules=replace(RULES, reverse=False))
    await store.configuration.edit([bot_edit(stricter)], (), AUTHOR)

    await hands.record(working, hands.filled(working, "10", "100"))

    assert (await store.bot()).bound_revision == before.revision


async def test_a_flat_bot_goes_by_its_newest_rules(store: Store) -> None:
    await deploy(store)
    await store.send(rsi=20)
    stricter = bot_config(rules=replace(RULES, reverse=False))
    await store.configuration.edit([bot_edit(stricter)], (), AUTHOR)
    await store.send(rsi=50, action=Action.CLOSE)
    await store.receive(store.signal())
    await store.fan_out()

    bot = next(iter((await (await Hands.on(store)).look()).bots.values()))

    assert not bot.rules.reverse
    assert (await store.bot()).bound_revision is None


async def test_the_strictest_of_three_states_is_on_the_desk(store: Store) -> None:
    await deploy(store)
    await store.receive(store.signal())
    await store.fan_out()
    hands = await Hands.on(store)
    change = store.configuration.change_state

    await change(Scope.BOT, "bot", TradingState.REDUCING, AUTHOR)
    reducing = await hands.look()
    await change(Scope.ACCOUNT, "paper", TradingState.HALTED, AUTHOR)
    halted = await hands.look()
    await change(Scope.ACCOUNT, "paper", TradingState.ACTIVE, AUTHOR)
    await change(Scope.BOT, "bot", TradingState.ACTIVE, AUTHOR)
    active = await hands.look()

    states = [next(iter(one.bots.values())).trading_state for one in (reducing, halted)]
    assert states == [TradingState.REDUCING, TradingState.HALTED]
    assert next(iter(active.bots.values())).trading_state is TradingState.ACTIVE
