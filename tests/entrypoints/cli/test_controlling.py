import asyncio
from datetime import timedelta
from decimal import Decimal

from domain.signal import AlertId, Signal
from domain.timeframe import Timeframe
from entrypoints.cli.asking import read_settings
from entrypoints.session import opened as opened_session
from tests.adapters.store.stores import arrival
from tests.entrypoints.cli.conftest import Terminal

BOT = "herenya-btc-4h"
FOUR_HOURS = timedelta(hours=4)


def states(signalman: Terminal) -> dict[tuple[str, str], str]:
    return {(one["scope"], one["name"]): one["state"] for one in signalman.json("state")}


def test_everything_is_active_until_somebody_says_otherwise(signalman: Terminal) -> None:
    assert states(signalman) == {("global", ""): "active"}


def test_a_state_is_set_with_its_reason(signalman: Terminal) -> None:
    signalman.ok("state", "halted", "--reason", "maintenance")

    now = signalman.json("state")[0]
    assert (now["state"], now["reason"], now["source"]) == (
        "halted",
        "maintenance",
        "command line",
    )


def test_a_state_without_a_reason_is_not_set(signalman: Terminal) -> None:
    result = signalman("state", "halted")

    assert result.exit_code == 2
    assert states(signalman) == {("global", ""): "active"}


def test_a_bot_is_paused_and_resumed(signalman: Terminal) -> None:
    signalman.deploy()

    signalman.ok("bot", "pause", BOT)
    paused = states(signalman)
    signalman.ok("bot", "resume", BOT)

    assert paused["bot", BOT] == "reducing"
    assert ("bot", BOT) not in states(signalman)


def test_an_account_is_halted_by_its_name(signalman: Terminal) -> None:
    signalman.deploy()

    signalman.ok("state", "halted", "--account", "paper", "--reason", "audit")

    assert states(signalman)["account", "paper"] == "halted"
    assert "halted (account)" in signalman.ok("bot", "list")


def test_a_name_that_nothing_has_is_told_with_the_nearest(signalman: Terminal) -> None:
    signalman.deploy()

    for command in (
        ("bot", "pause", "herenya-btc-1h"),
        ("bot", "show", "herenya-btc-1h"),
        ("bot", "archive", "herenya-btc-1h"),
        ("bot", "history", "herenya-btc-1h"),
        ("orders", "--bot", "herenya-btc-1h"),
        ("state", "halted", "--bot", "herenya-btc-1h", "--reason", "x"),
    ):
        result = signalman(*command)
        assert result.exit_code == 1, command
        assert f"Did you mean {BOT}?" in result.stderr


def test_a_bot_shows_its_settings_and_the_message_for_tradingview(
    signalman: Terminal,
) -> None:
    signalman.deploy()

    text = signalman.ok("bot", "show", BOT)
    configuration = signalman.json("bot", "show", BOT)["configuration"]

    assert '"rsi": {{plot("RSI")}}, "rsi_length": 14' in text
    assert configuration["symbol"] == "BTC/USDT:USDT"


def test_a_flat_bot_is_archived_and_kept(signalman: Terminal) -> None:
    signalman.deploy()

    signalman.ok("bot", "archive", BOT)

    assert signalman.json("bot", "list") == []
    assert signalman.json("bot", "list", "--all")[0]["archived"]


def test_flattening_closes_what_is_held_and_says_so(signalman: Terminal) -> None:
    signalman.deploy()
    opened(signalman)

    told = signalman("flatten", "--reason", "going on holiday")
    ended = signalman.json("flatten", "--reason", "again")

    assert told.exit_code == 0, told.output
    assert "is halted and flat, and 1 market read again at the venue" in told.stderr
    assert ended["status"] == "DONE"
    assert signalman.json("positions") == []
    assert states(signalman) == {("global", ""): "halted"}


def test_flattening_needs_a_reason_and_a_name_that_is_known(signalman: Terminal) -> None:
    signalman.deploy()

    silent = signalman("flatten")
    stranger = signalman("flatten", "--bot", "herenya-btc-1h", "--reason", "x")

    assert silent.exit_code == 2
    assert stranger.exit_code == 1
    assert f"Did you mean {BOT}?" in stranger.stderr
    assert states(signalman) == {("global", ""): "active"}


def opened(signalman: Terminal) -> None:
    """Let the bot open a position, by the alert that it waits for."""

    async def work() -> None:
        async with opened_session(read_settings()) as container:
            now = container.clock().now()
            bar = now.replace(hour=now.hour - now.hour % 4, minute=0, second=0) - FOUR_HOURS
            signal = Signal(
                alert=AlertId(0),
                received_at=now,
                bar_time=bar.replace(microsecond=0),
                timeframe=Timeframe.parse("4h"),
                rsi=20,
                price=Decimal(60_000),
                exchange="BINANCE",
                ticker="BTCUSDT.P",
            )
            await container.inbox().receive(arrival("one", signal=signal))
            await container.fan_out()()
            for key in await container.work_queue().due(10):
                await container.execute()(key)

    asyncio.run(work())
    assert signalman.json("positions")
