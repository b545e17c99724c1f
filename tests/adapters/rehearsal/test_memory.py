"""Replays against what an installation in memory really did with the same alerts."""

from dataclasses import replace

import pytest

from adapters.configuration.yaml_file import read_yaml, write_yaml
from adapters.rehearsal.memory import MemoryRehearsal
from adapters.store.memory.configuration import MemoryConfiguration
from adapters.store.memory.views import MemoryViews
from application.apply_configuration import ConfigurationInvalid, in_force
from application.configuration.writer import document_tree
from application.proposal import Wishes
from application.replaying.replay import Preview, Replay, Window
from domain.reasons import Reason
from domain.risk import NO_LIMITS
from domain.rules import ExitRules
from domain.signal import AlertId
from tests.simulation.world import FOUR_HOURS, RULES, START, World

RSI = (50, 25, 22, 28, 45, 75, 80, 50, 29, 71)
PRICES = (100, 98, 96, 97, 101, 104, 106, 103, 99, 102)


async def lived(world: World) -> Replay:
    """Let the world receive its alerts, and return the replay over it."""
    world.clock.moment = START
    for bar, (rsi, price) in enumerate(zip(RSI, PRICES, strict=True)):
        world.clock.moment = START + (bar + 1) * FOUR_HOURS
        await world.receive(bar, rsi, price * 1000)
        await world.settle()
    listings = list(world.database.listings.values())
    return Replay(
        views=MemoryViews(world.database),
        configuration=MemoryConfiguration(world.database),
        listings=lambda: listings,
        rehearsal=MemoryRehearsal(lambda: listings),
    )


async def previewed(replay: Replay, old: str, new: str) -> Preview:
    """Preview the configuration in force with one text replaced by another."""
    tree = document_tree(in_force(await replay.configuration.deployed()))
    text = write_yaml(tree)
    assert old in text
    return await replay.preview(read_yaml(text.replace(old, new)), Wishes(), Window())


async def test_the_same_rules_decide_what_was_decided() -> None:
    world = World()
    replay = await lived(world)

    found = await replay(Window())

    assert found.turns == ()
    assert found.decisions == len(RSI)
    assert found.bots[0].old == found.bots[0].new
    assert found.bots[0].new is not None
    assert found.bots[0].new.trades == len(world.trades()) == 3


async def test_other_levels_decide_otherwise_and_nothing_is_kept() -> None:
    world = World()
    replay = await lived(world)
    before = (len(world.database.jobs), world.trades(), world.lots())

    preview = await previewed(replay, "oversold: 30", "oversold: 24")

    turned = {turn.alert: turn.new for turn in preview.comparison.turns}
    assert turned[AlertId(2)] is Reason.RSI_NEUTRAL
    changes = [one for thing in preview.proposal.differences for one in thing.changes]
    assert [one.path for one in changes] == ["rsi.oversold"]
    assert (len(world.database.jobs), world.trades(), world.lots()) == before


async def test_the_newest_alerts_are_taken_in_order_of_receipt() -> None:
    replay = await lived(World())

    newest = await replay.recorded(Window(last=3))
    recent = await replay.recorded(Window(last=None, since=START + 9 * FOUR_HOURS))

    assert [alert.id for alert in newest] == [8, 9, 10]
    assert [alert.id for alert in recent] == [9, 10]


async def test_an_exit_by_time_rings_between_two_alerts() -> None:
    world = World()
    account = world.database.accounts["futures"]
    account.config = replace(
        account.config, paper=replace(account.config.paper, clock="wall")
    )
    bot = world.database.bots["bot"]
    bot.config = replace(
        bot.config, rules=replace(RULES, exits=ExitRules(max_bars=2)), limits=NO_LIMITS
    )
    replay = await lived(world)
    document = in_force(await replay.configuration.deployed())
    alerts = await replay.recorded(Window())

    found = await replay.rehearsal(document, [alerts[1], alerts[-2]])

    (trade,) = found.books["bot"].trades
    assert trade.closed_at < alerts[-2].received_at - FOUR_HOURS


async def test_a_file_with_mistakes_is_refused_with_all_of_them() -> None:
    replay = await lived(World())

    with pytest.raises(ConfigurationInvalid, match="oversold"):
        await previewed(replay, "oversold: 30", "oversold: 300")


async def test_an_account_of_a_venue_is_a_paper_account_here() -> None:
    world = World()
    replay = await lived(world)
    document = in_force(await replay.configuration.deployed())
    (account,) = document.accounts
    live = replace(document, accounts=(replace(account, mode="live"),))

    found = await replay.rehearsal(live, await replay.recorded(Window()))

    assert len(found.books["bot"].trades) == 3


async def test_a_disabled_bot_decides_nothing_and_the_alert_says_why() -> None:
    replay = await lived(World())
    document = in_force(await replay.configuration.deployed())
    off = tuple(replace(bot, enabled=False) for bot in document.bots)

    found = await replay.rehearsal(
        replace(document, bots=off), await replay.recorded(Window())
    )

    assert found.outcomes == {}
    assert set(found.unrouted.values()) == {Reason.CHART_UNKNOWN}
